/** Sealing secrets anew: with the first key, in references of any subject, in a store that is in use. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { Effect, Layer, Schema } from "effect";
import { References } from "../../../actors/reference/references.ts";
import { secretsLimits } from "../../../actors/secrets/limits.ts";
import { reseal } from "../../../actors/secrets/reseal.ts";
import type { Sealed } from "../../../src/kernel/sealed.ts";
import { Sealing, SecretsKeyMissing } from "../../../src/secrets/sealing.ts";
import type { SealingOptions } from "../../../src/secrets/secrets-keys.ts";
import { reference, type Saved, savedFields } from "../../../src/subject/reference.ts";
import { SubjectList } from "../../../src/subject/subject.ts";
import { subjects } from "../../../src/subjects.ts";
import { verify } from "../../../src/verify/verify.ts";
import { bySystem, services, withFile } from "../services.ts";

interface Door extends Saved {
  readonly id: string;
  readonly color: string;
  readonly codes: { readonly front: Sealed; readonly back?: Sealed };
}

const sealed = Schema.Struct({ k: Schema.String, iv: Schema.String, data: Schema.String });

const doors = reference<Door>({
  name: "door",
  idOf: ({ id }) => id,
  schema: Schema.Struct({
    id: Schema.String,
    color: Schema.String,
    codes: Schema.Struct({ front: sealed, back: Schema.optionalKey(sealed) }),
    ...savedFields,
  }),
  limit: 1_000,
  memory: { type: "recent", capacity: 10 },
  sealed: ["codes.*"],
});

const list = new SubjectList([...subjects.subjects, { name: "house", references: [doors] }]);

const process = (path?: string) => services(path, list);
type Services = Layer.Success<ReturnType<typeof process>>;

const run = <A, E>(test: Effect.Effect<A, E, Services>): Promise<A> =>
  Effect.runPromise(Effect.provide(test, process()));

const key = (n: number): string => Buffer.alloc(32, n).toString("base64");
const withKeys = (...keys: readonly number[]) =>
  Sealing.layer({ secretsKey: keys.map(key).join(","), kvPath: undefined });

const idOf = (n: number): string => `door-${String(n).padStart(4, "0")}`;
const placeOf = (id: string, field: string) => ({ key: doors.key(id), field });

const saveDoor = Effect.fnUntraced(function* (id: string, color: string) {
  const references = yield* References;
  const sealing = yield* Sealing;
  const codes = {
    front: yield* sealing.seal(placeOf(id, "codes.front"), `front of ${id}`),
    back: yield* sealing.seal(placeOf(id, "codes.back"), `back of ${id}`),
  };
  yield* references.save(doors, { id, color, codes }, bySystem);
});

const codesOf = Effect.fnUntraced(function* (id: string) {
  const sealing = yield* Sealing;
  const { codes: { front, back } } = yield* (yield* References).get(doors, id);
  assert.ok(back);
  return [
    yield* sealing.open(placeOf(id, "codes.front"), front),
    yield* sealing.open(placeOf(id, "codes.back"), back),
  ];
});

const isSound = Effect.map(
  verify(),
  ({ ok, violations }) => assert.ok(ok, JSON.stringify(violations)),
);

Deno.test("all secrets open with the new key alone, and the store is sound", () =>
  run(Effect.gen(function* () {
    const doorsThere = secretsLimits.documentsPerRead * 2;
    for (let n = 0; n < doorsThere; n++) {
      yield* Effect.provide(saveDoor(idOf(n), "red"), withKeys(1));
    }
    const again = Effect.provide(reseal, withKeys(2, 1));
    const secrets = doorsThere * 2;
    assert.deepEqual(yield* again, { secrets, resealed: secrets, unreadable: [] });
    assert.deepEqual(yield* again, { secrets, resealed: 0, unreadable: [] });
    yield* isSound;
    for (let n = 0; n < doorsThere; n++) {
      const codes = yield* Effect.provide(codesOf(idOf(n)), withKeys(2));
      assert.deepEqual(codes, [`front of ${idOf(n)}`, `back of ${idOf(n)}`]);
    }
    const { color, version } = yield* (yield* References).get(doors, idOf(0));
    assert.deepEqual([color, version], ["red", 2]);
  })));

Deno.test("what no key opens stays as it is, is told, and holds up nothing", () =>
  run(Effect.gen(function* () {
    yield* Effect.provide(saveDoor(idOf(1), "red"), withKeys(7));
    yield* Effect.provide(saveDoor(idOf(2), "red"), withKeys(1));
    const told = yield* Effect.provide(reseal, withKeys(2, 1));
    const unreadable = [placeOf(idOf(1), "codes.front"), placeOf(idOf(1), "codes.back")];
    assert.deepEqual(told, { secrets: 4, resealed: 2, unreadable });
    yield* Effect.provide(codesOf(idOf(1)), withKeys(7));
    yield* Effect.provide(codesOf(idOf(2)), withKeys(2));
  })));

/** Before a secret is sealed anew, something happens. */
const meanwhile = (happens: Effect.Effect<void>, ...keys: readonly number[]) =>
  Layer.effect(
    Sealing,
    Effect.map(Sealing, (sealing) =>
      Sealing.of({
        ...sealing,
        seal: (place, secret) => Effect.andThen(happens, sealing.seal(place, secret)),
      })),
  ).pipe(Layer.provide(withKeys(...keys)));

Deno.test("an engine that changes a document meanwhile loses neither its change nor the new key", () =>
  withFile((path) =>
    Effect.scoped(Effect.gen(function* () {
      const near = yield* Layer.build(Layer.fresh(process(path)));
      const far = yield* Layer.build(Layer.fresh(process(path)));
      yield* Effect.provide(saveDoor(idOf(1), "red"), withKeys(1)).pipe(Effect.provide(far));
      let changes = 3;
      const paint = Effect.suspend(() =>
        changes === 0 ? Effect.void : saveDoor(idOf(1), `blue ${changes--}`)
      ).pipe(Effect.provide(withKeys(1)), Effect.provide(far), Effect.orDie);
      const told = yield* reseal.pipe(
        Effect.provide(meanwhile(paint, 2, 1)),
        Effect.provide(near),
      );
      assert.deepEqual(told, { secrets: 2, resealed: 2, unreadable: [] });
      yield* Effect.gen(function* () {
        assert.equal((yield* (yield* References).get(doors, idOf(1))).color, "blue 1");
        yield* Effect.provide(codesOf(idOf(1)), withKeys(2));
        yield* isSound;
      }).pipe(Effect.provide(near));
    }))
  ));

Deno.test("without a place for a key, no secret that opens is left for later unsaid", () =>
  run(Effect.gen(function* () {
    yield* Effect.provide(saveDoor(idOf(1), "red"), withKeys(1));
    const noPlace: SealingOptions = { secretsKey: undefined, kvPath: undefined };
    const keyless = Layer.effect(
      Sealing,
      Effect.map(
        Sealing,
        (sealing) =>
          Sealing.of({
            ...sealing,
            seal: () => Effect.fail(new SecretsKeyMissing({ detail: "There is no key." })),
          }),
      ),
    ).pipe(Layer.provide(withKeys(1)));
    assert.equal((yield* Effect.flip(Effect.provide(reseal, keyless)))._tag, "SecretsKeyMissing");
    const told = yield* Effect.provide(reseal, Sealing.layer(noPlace));
    assert.deepEqual([told.resealed, told.unreadable.length], [0, 2]);
    yield* Effect.provide(codesOf(idOf(1)), withKeys(1));
  })));

/** Runs the task, and answers with how it ended and what it said. */
const task = async (path: string, secretsKey: string) => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...[
        "run",
        "--allow-all",
        new URL("../../../actors/secrets/main.ts", import.meta.url).pathname,
      ],
      path,
    ],
    env: { ALLOT_SECRETS_KEY: secretsKey },
  }).output();
  return { code, said: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
};

Deno.test("the task goes through a store, and says what is wrong where it cannot", () =>
  withFile((path) =>
    Effect.gen(function* () {
      const run = (keys: string) => Effect.promise(() => task(path, keys));
      const nothing = yield* run(key(1));
      assert.equal(nothing.code, 2);
      assert.match(nothing.said, /There is no store/);
      yield* Effect.scoped(Layer.build(process(path)));
      const wrong = yield* run("not-a-key");
      assert.equal(wrong.code, 2);
      assert.match(wrong.said, /ALLOT_SECRETS_KEY must be base64/);
      assert.ok(!wrong.said.includes("not-a-key"));
      const done = yield* run(`${key(2)},${key(1)}`);
      assert.deepEqual(done, { code: 0, said: "0 secrets, of which 0 were sealed anew\n" });
    })
  ));
