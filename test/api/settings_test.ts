import assert from "node:assert/strict";
import { Result } from "effect";
import fc from "fast-check";
import { Environment, readSettings } from "../../api/settings.ts";

const read = (environment: Readonly<Record<string, string>>) => {
  const result = readSettings(environment);
  if (Result.isFailure(result)) throw new Error(result.failure);
  return result.success;
};

const complaint = (environment: Readonly<Record<string, string>>): string => {
  const result = readSettings(environment);
  return Result.isFailure(result) ? result.failure : "";
};

Deno.test("without any variable there is a default for each setting", () => {
  const settings = read({ PATH: "/bin", HOME: "/root" });
  assert.equal(settings.port, 8000);
  assert.equal(settings.kvPath, "allot.sqlite3");
  assert.equal(settings.adminKey, undefined);
  assert.equal(settings.logLevel, "Info");
  assert.equal(settings.shelves, 1);
});

Deno.test("an empty variable is as good as none", () => {
  const names = Object.keys(Environment.fields);
  const empty = Object.fromEntries(names.map((name) => [name, " "]));
  assert.deepEqual(read(empty), read({}));
});

Deno.test("on Deno Deploy the store is the attached database, unless another is named", () => {
  assert.equal(read({ DENO_DEPLOYMENT_ID: "x" }).kvPath, undefined);
  assert.equal(read({ DENO_DEPLOYMENT_ID: "x" }).shelves, 16);
  assert.equal(
    read({ DENO_DEPLOYMENT_ID: "x", ALLOT_KV: "http://kv:4512" }).kvPath,
    "http://kv:4512",
  );
  assert.equal(read({ ALLOT_KV: "http://kv:4512" }).shelves, 16);
});

Deno.test("a log level is taken in any case", () => {
  assert.equal(read({ LOG_LEVEL: "DEBUG" }).logLevel, "Debug");
});

Deno.test("a bad value is named in one line, and never shown", () => {
  const bad = [
    ["PORT", "70000"],
    ["PORT", "http"],
    ["PORT", "-1"],
    ["LOG_LEVEL", "loud"],
    ["ALLOT_SHELVES", "99999"],
    ["ALLOT_ADMIN_KEY", "two words of more than twenty"],
    ["ALLOT_ADMIN_KEY", "x".repeat(19)],
    ["ALLOT_ADMIN_KEY", "x".repeat(201)],
    ["ALLOT_AUTO_CLOSE_HOURS", "1.5"],
  ] as const;
  for (const [name, value] of bad) {
    const text = complaint({ [name]: value });
    assert.match(text, new RegExp(`^${name} must be [^\n]+$`));
    assert.ok(!text.includes(value), text);
  }
  assert.equal(complaint({ PORT: "x", LOG_LEVEL: "y" }).split("\n").length, 2);
});

Deno.test("an admin key has at least 20 characters", () => {
  assert.equal(read({ ALLOT_ADMIN_KEY: "x".repeat(20) }).adminKey, "x".repeat(20));
});

Deno.test("any environment is settings or a complaint", () => {
  const names = fc.constantFrom(...Object.keys(Environment.fields));
  fc.assert(fc.property(fc.dictionary(names, fc.string()), (environment) => {
    const result = readSettings(environment);
    assert.ok(Result.isSuccess(result) || result.failure.length > 0);
  }));
});
