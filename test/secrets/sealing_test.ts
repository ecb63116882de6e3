/** Sealed secrets: they open in their place, with a key that is here, and in no other way. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { Effect, Result } from "effect";
import fc from "fast-check";
import { mapSealed, type Sealed, sealedIn, type SealedPlace } from "../../src/kernel/sealed.ts";
import { Sealing } from "../../src/secrets/sealing.ts";
import { readSecretsKeys, type SealingOptions } from "../../src/secrets/secrets-keys.ts";
import { withFile } from "../support/files.ts";

const key = (n: number): string => Buffer.alloc(32, n).toString("base64");

/** On a KV server, where keys come from the settings alone. */
const given = (...keys: readonly string[]): SealingOptions => ({
  secretsKey: keys.length === 0 ? undefined : keys.join(","),
  kvPath: "https://kv.example",
});

const run = <A, E>(test: Effect.Effect<A, E, Sealing>, options: SealingOptions): Promise<A> =>
  Effect.runPromise(Effect.provide(test, Sealing.layer(options)));

const seal = (options: SealingOptions, place: SealedPlace, secret: string) =>
  run(Effect.flatMap(Sealing, (sealing) => sealing.seal(place, secret)), options);

const open = (options: SealingOptions, place: SealedPlace, sealed: Sealed) =>
  run(Effect.result(Effect.flatMap(Sealing, (sealing) => sealing.open(place, sealed))), options);

const placeIn = (id: string): SealedPlace => ({ key: ["webhook", id], field: "secret" });
const place = placeIn("hook");

const isUnreadable = (result: Result.Result<string, unknown>): boolean => Result.isFailure(result);

const anyPlace = fc.record({
  key: fc.array(fc.oneof(fc.string(), fc.integer()), { minLength: 1, maxLength: 4 }),
  field: fc.string(),
});

Deno.test("a secret opens in its place, and in no other one", () =>
  fc.assert(
    fc.asyncProperty(
      anyPlace,
      anyPlace,
      fc.string({ unit: "grapheme" }),
      async (own, other, secret) => {
        const sealed = await seal(given(key(1)), own, secret);
        assert.equal(Result.getOrThrow(await open(given(key(1)), own, sealed)), secret);
        if (JSON.stringify(own) === JSON.stringify(other)) return;
        assert.ok(isUnreadable(await open(given(key(1)), other, sealed)));
      },
    ),
  ));

const hash = (options: SealingOptions, purpose: string, text: string) =>
  run(
    Effect.result(Effect.flatMap(Sealing, (sealing) => sealing.keyedHash(purpose, text))),
    options,
  );

Deno.test("a keyed hash is the same for the same text, purpose and key, and for nothing else", () =>
  fc.assert(
    fc.asyncProperty(fc.string(), fc.string(), fc.string(), async (purpose, one, other) => {
      const own = Result.getOrThrow(await hash(given(key(1)), purpose, one));
      assert.match(own, /^[\w-]{22}$/);
      // The key that seals makes it, whichever others open.
      assert.equal(Result.getOrThrow(await hash(given(key(1), key(2)), purpose, one)), own);
      const others = [
        await hash(given(key(2)), purpose, one),
        await hash(given(key(1)), `${purpose}.`, one),
        ...(one === other ? [] : [await hash(given(key(1)), purpose, other)]),
      ];
      for (const each of others) assert.notEqual(Result.getOrThrow(each), own);
    }),
  ));

Deno.test("without a key there is no keyed hash", async () => {
  const result = await hash(given(), "purpose", "text");
  assert.ok(Result.isFailure(result) && result.failure._tag === "SecretsKeyMissing");
});

Deno.test("a place is one place, however it is cut into words", async () => {
  const sealed = await seal(given(key(1)), { key: ["a", "b"], field: "c" }, "secret");
  const others: readonly SealedPlace[] = [
    { key: ["a", "b"], field: "d" },
    { key: ["a", "c"], field: "c" },
    { key: ["a"], field: "b" },
    { key: ["a,b"], field: "c" },
    { key: ["a", "b", "c"], field: "" },
    { key: ['a","b'], field: "c" },
  ];
  for (const other of others) assert.ok(isUnreadable(await open(given(key(1)), other, sealed)));
});

Deno.test("a sealed secret that was changed does not open", () =>
  fc.assert(
    fc.asyncProperty(fc.constantFrom("iv", "data"), fc.nat(), fc.nat(), async (member, at, bit) => {
      const sealed = await seal(given(key(1)), place, "a secret");
      const bytes = Buffer.from(sealed[member as "iv" | "data"], "base64");
      const index = at % bytes.length;
      bytes[index] = (bytes[index] ?? 0) ^ (1 << (bit % 8));
      const changed = { ...sealed, [member]: bytes.toString("base64") };
      assert.ok(isUnreadable(await open(given(key(1)), place, changed)));
    }),
  ));

Deno.test("what is no sealed text does not open, and is no defect", async () => {
  const sealed = await seal(given(key(1)), place, "a secret");
  for (const wrong of ["", "AA==", "!!!", "a".repeat(10_000)]) {
    assert.ok(isUnreadable(await open(given(key(1)), place, { ...sealed, iv: wrong })));
    assert.ok(isUnreadable(await open(given(key(1)), place, { ...sealed, data: wrong })));
  }
});

Deno.test("the same secret is never sealed alike, and does not show", async () => {
  const all = await Promise.all(
    Array.from({ length: 200 }, () => seal(given(key(1)), place, "whsec_shown")),
  );
  assert.equal(new Set(all.map(({ iv }) => iv)).size, all.length);
  assert.equal(new Set(all.map(({ data }) => data)).size, all.length);
  for (const { iv, data } of all) {
    assert.equal(Buffer.from(iv, "base64").length, 12);
    assert.ok(!Buffer.from(data, "base64").includes("whsec"));
  }
});

Deno.test("a sealed secret names its key by four bytes of the key's hash", async () => {
  const { k } = await seal(given(key(7)), place, "a secret");
  assert.equal(k, createHash("sha256").update(Buffer.alloc(32, 7)).digest("hex").slice(0, 8));
});

Deno.test("the first key seals, all open, and without its key a secret is lost", async () => {
  const old = await seal(given(key(1)), place, "old");
  const fresh = await seal(given(key(2), key(1)), place, "fresh");
  assert.equal(Result.getOrThrow(await open(given(key(2), key(1)), place, old)), "old");
  assert.equal(Result.getOrThrow(await open(given(key(2)), place, fresh)), "fresh");
  const lost = await open(given(key(2)), place, old);
  assert.ok(Result.isFailure(lost) && lost.failure._tag === "SecretUnreadable");
  assert.match(lost.failure.detail, new RegExp(old.k));
});

Deno.test("without a key and without a place for one, no secret can be sealed", async () => {
  for (const kvPath of ["https://kv.example", undefined]) {
    const options = { secretsKey: undefined, kvPath };
    const sealing = Effect.flatMap(Sealing, (each) => each.seal(place, "a secret"));
    const { _tag, detail } = await run(Effect.flip(sealing), options);
    assert.equal(_tag, "SecretsKeyMissing");
    assert.match(detail, /ALLOT_SECRETS_KEY/);
    assert.ok(isUnreadable(await open(options, place, { k: "00000000", iv: "", data: "" })));
  }
});

Deno.test("a store in memory has a key for as long", async () => {
  const options = { secretsKey: undefined, kvPath: ":memory:" };
  const [opened, sealed] = await run(
    Effect.gen(function* () {
      const sealing = yield* Sealing;
      const sealed = yield* sealing.seal(place, "a secret");
      return [yield* sealing.open(place, sealed), sealed] as const;
    }),
    options,
  );
  assert.equal(opened, "a secret");
  assert.ok(isUnreadable(await open(options, place, sealed)));
});

const beside = (kvPath: string): SealingOptions => ({ secretsKey: undefined, kvPath });
const fileOf = (kvPath: string): string => join(dirname(kvPath), "allot.secrets");

Deno.test("beside a store in a file, a key is made with the first secret, for its owner alone", () =>
  withFile(async (path) => {
    const nothing = await open(beside(path), place, { k: "00000000", iv: "", data: "" });
    assert.ok(isUnreadable(nothing));
    await assert.rejects(Deno.stat(fileOf(path)), Deno.errors.NotFound);
    const sealed = await seal(beside(path), place, "a secret");
    const { mode } = await Deno.stat(fileOf(path));
    assert.equal((mode ?? 0) & 0o777, 0o600);
    assert.equal(Result.getOrThrow(await open(beside(path), place, sealed)), "a secret");
    const again = await seal(beside(path), place, "another");
    assert.equal(again.k, sealed.k);
  }));

Deno.test("of many that make the key at once, all go on with one", () =>
  withFile(async (path) => {
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, n) => seal(beside(path), placeIn(String(n)), String(n))),
    );
    assert.equal(new Set(all.map(({ k }) => k)).size, 1);
    for (const [n, sealed] of all.entries()) {
      const opened = await open(beside(path), placeIn(String(n)), sealed);
      assert.equal(Result.getOrThrow(opened), String(n));
    }
    const names = [...Deno.readDirSync(dirname(path))].map(({ name }) => name);
    assert.deepEqual(names, ["allot.secrets"]);
  }));

Deno.test("a file that others may read is closed to them, and one that was taken away comes back", () =>
  withFile(async (path) => {
    await run(
      Effect.gen(function* () {
        const sealing = yield* Sealing;
        const first = yield* sealing.seal(place, "a secret");
        const text = Deno.readTextFileSync(fileOf(path));
        Deno.removeSync(fileOf(path));
        assert.equal(yield* sealing.open(place, first), "a secret");
        yield* sealing.seal(place, "another");
        assert.equal(Deno.readTextFileSync(fileOf(path)), text);
        Deno.chmodSync(fileOf(path), 0o644);
        yield* sealing.seal(place, "another");
      }),
      beside(path),
    );
    assert.equal((Deno.statSync(fileOf(path)).mode ?? 0) & 0o777, 0o600);
  }));

Deno.test("a key of the settings goes before that of the file, which still opens", () =>
  withFile(async (path) => {
    const old = await seal(beside(path), place, "old");
    const both = { secretsKey: key(3), kvPath: path };
    assert.equal(Result.getOrThrow(await open(both, place, old)), "old");
    const fresh = await seal(both, place, "fresh");
    assert.equal(Result.getOrThrow(await open(given(key(3)), place, fresh)), "fresh");
  }));

Deno.test("a file with something else in it is told, and left as it is", () =>
  withFile(async (path) => {
    Deno.writeTextFileSync(fileOf(path), "my notes\n");
    const sealing = Effect.flatMap(Sealing, (each) => each.seal(place, "a secret"));
    const { detail } = await run(Effect.flip(sealing), beside(path));
    assert.match(detail, /allot\.secrets/);
    assert.equal(Deno.readTextFileSync(fileOf(path)), "my notes\n");
    assert.ok(isUnreadable(await open(beside(path), place, { k: "00000000", iv: "", data: "" })));
  }));

Deno.test("keys are 32 bytes, and a fault does not show them", () => {
  assert.equal(Result.getOrThrow(readSecretsKeys(`${key(1)}, ${key(2)},`)).length, 2);
  const short = Buffer.alloc(31, 9).toString("base64");
  for (const wrong of ["", ",", short, `${key(1)},${short}`, "hunter2", key(1).replace("=", "")]) {
    const read = readSecretsKeys(wrong);
    assert.ok(Result.isFailure(read), wrong);
    if (wrong.length > 1) assert.ok(!read.failure.includes(wrong));
  }
});

const sealed: Sealed = { k: "00000000", iv: "aaaa", data: "bbbb" };

Deno.test("sealed secrets are found in their fields, by name, in lists and by a star", () => {
  const document = {
    id: "hook",
    secrets: [{ sealed, at: 1 }, { sealed, at: 2 }],
    tokens: { access: sealed, refresh: { ...sealed }, since: 3 },
    own: sealed,
    other: { k: "1", iv: "2", data: "3", more: "4" },
    nothing: null,
  };
  const fieldsFound = (...fields: string[]) => sealedIn(document, fields).map(({ field }) => field);
  assert.deepEqual(fieldsFound("secrets.sealed"), ["secrets.sealed", "secrets.sealed"]);
  assert.deepEqual(fieldsFound("tokens.*"), ["tokens.access", "tokens.refresh"]);
  assert.deepEqual(fieldsFound("own", "tokens.access"), ["tokens.access", "own"]);
  assert.deepEqual(fieldsFound("other", "nothing", "tokens", "*.*.*", "id"), []);
  assert.deepEqual(
    mapSealed(document, ["tokens.*"], (_, field) => field),
    { ...document, tokens: { access: "tokens.access", refresh: "tokens.refresh", since: 3 } },
  );
});
