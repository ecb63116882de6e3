/** Every bound of the project: where it stands, that it bounds, and that something uses it. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname ?? ".", "..");

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));

const files = ["src", "actors", "api"].flatMap(filesBelow).sort();
const limitFiles = files.filter((path) => path.endsWith("/limits.ts"));

type Bounds = Readonly<Record<string, unknown>>;

const groups = new Map<string, Bounds>();
for (const path of limitFiles) {
  const module: Record<string, unknown> = await import(path);
  for (const [name, bounds] of Object.entries(module)) {
    assert.ok(!groups.has(name), `${name} stands twice`);
    groups.set(name, bounds as Bounds);
  }
}

/** The numbers in a bound; throws for what bounds nothing. */
const numbersIn = (what: string, bound: unknown): readonly number[] => {
  if (typeof bound === "number") return [bound];
  assert.ok(typeof bound === "object" && bound !== null, `${what} is ${String(bound)}`);
  return Object.entries(bound).flatMap(([name, each]) => numbersIn(`${what}.${name}`, each));
};

Deno.test("every bound is a number above zero that is an end", () => {
  for (const [group, bounds] of groups) {
    assert.match(group, /^[a-z]+Limits$/);
    for (const [name, bound] of Object.entries(bounds)) {
      for (const number of numbersIn(`${group}.${name}`, bound)) {
        assert.ok(Number.isFinite(number) && number > 0, `${group}.${name} is ${number}`);
      }
    }
  }
});

Deno.test("every bound bounds something", () => {
  const text = files.filter((path) => !limitFiles.includes(path))
    .map((path) => readFileSync(path, "utf8")).join("\n");
  const isUsed = (group: string, name: string): boolean =>
    new RegExp(`\\b${group}\\??\\.${name}\\b`).test(text) ||
    new RegExp(`\\{[^{}]*\\b${name}\\b[^{}]*\\}(?:: \\w+)? = [\\w.]*\\b${group}\\b`).test(text);
  // Handed over whole, where their names are those of the receiver's options.
  const isHandedOver = (group: string): boolean =>
    new RegExp(`(?:\\.\\.\\.|[=(,?:] *)${group}\\b(?![.\\w])`).test(text);
  const unused = [...groups].flatMap(([group, bounds]) =>
    isHandedOver(group)
      ? []
      : Object.keys(bounds).filter((name) => !isUsed(group, name)).map((name) => `${group}.${name}`)
  );
  assert.deepEqual(unused, []);
});

Deno.test("the rooms and subjects that have bounds are these", () => {
  assert.deepEqual([...groups.keys()].sort(), [
    "accessLimits",
    "actorLimits",
    "aggregateLimits",
    "answerLimits",
    "attemptLimits",
    "backorderLimits",
    "bodyLimits",
    "calendarLimits",
    "catalogLimits",
    "changedLimits",
    "channelLimits",
    "clientLimits",
    "compressionLimits",
    "connectionLimits",
    "copyLimits",
    "dashboardLimits",
    "feedLimits",
    "importLimits",
    "indexLimits",
    "ledgerLimits",
    "levelLimits",
    "logLimits",
    "loggingLimits",
    "lotLimits",
    "mailLimits",
    "messageLimits",
    "orderLimits",
    "outboundLimits",
    "pageLimits",
    "parcelLimits",
    "paymentLimits",
    "pegLimits",
    "placedLimits",
    "processLimits",
    "promiseLimits",
    "providerLimits",
    "reactorLimits",
    "requestLimits",
    "reservationLimits",
    "routingLimits",
    "secretsLimits",
    "settleLimits",
    "sheetLimits",
    "shutdownLimits",
    "statusLimits",
    "stockLimits",
    "storeLimits",
    "streamLimits",
    "supplyLimits",
    "telemetryLimits",
    "textLimits",
    "timerLimits",
    "verifyLimits",
    "webhookLimits",
  ]);
});
