/** References by definitions of this test's own: what holds of every subject's. */
import assert from "node:assert/strict";
import { Context, Effect, Exit, Layer, Option, Result, Schema } from "effect";
import fc from "fast-check";
import { Idempotency } from "../../actors/command/idempotency.ts";
import { LogTail } from "../../actors/log/log-tail.ts";
import type { RemoveFailure, SaveFailure } from "../../actors/reference/change.ts";
import { References } from "../../actors/reference/references.ts";
import { below, keyText } from "../../src/kernel/key.ts";
import { keys } from "../../src/store/keys.ts";
import { Store } from "../../src/store/store.ts";
import { decodeJson } from "../../src/store/values.ts";
import { uniqueKey } from "../../src/subject/link.ts";
import { type Described, reference, type Saved, savedFields } from "../../src/subject/reference.ts";
import { SubjectList } from "../../src/subject/subject.ts";
import { subjects } from "../../src/subjects.ts";
import { bySystem, eventually, services, withFile } from "./services.ts";

interface Badge extends Saved {
  readonly id: string;
  readonly color: string;
  /** At most one badge has it. */
  readonly code?: string;
}

const schema = Schema.Struct({
  id: Schema.String,
  color: Schema.String,
  code: Schema.optionalKey(Schema.String),
  ...savedFields,
});

const badgeLimit = 4;

const badges = reference<Badge>({
  name: "badge",
  idOf: ({ id }) => id,
  schema,
  limit: badgeLimit,
  memory: { type: "recent", capacity: 100 },
  linksOf: ({ id, code }) => code === undefined ? [] : [uniqueKey(["badge_code", code], { id })],
  linkFamilies: ["badge_code"],
});

const flags = reference<Badge>({
  name: "flag",
  idOf: ({ id }) => id,
  schema,
  limit: 100,
  memory: { type: "all" },
});

const pebbles = reference<Badge>({
  name: "pebble",
  idOf: ({ id }) => id,
  schema,
  limit: null,
  memory: { type: "recent", capacity: 100 },
  linksOf: ({ id, code }) => code === undefined ? [] : [uniqueKey(["pebble_code", code], { id })],
  linkFamilies: ["pebble_code"],
});

const list = new SubjectList([
  ...subjects.subjects,
  { name: "decoration", references: [badges, flags, pebbles] },
]);

const process = (path?: string) => services(path, list);
type Services = Layer.Success<ReturnType<typeof process>>;

const run = <A, E>(test: Effect.Effect<A, E, Services>): Promise<A> =>
  Effect.runPromise(Effect.provide(test, process()));

/** Runs a test with two processes on one store. */
const withTwo = <A, E>(
  test: (
    near: Context.Context<Services>,
    far: Context.Context<Services>,
  ) => Effect.Effect<A, E>,
) =>
  withFile((path) =>
    Effect.scoped(Effect.gen(function* () {
      const near = yield* Layer.build(process(path));
      const far = yield* Layer.build(process(path));
      return yield* test(near, far);
    }))
  );

const badge = (id: string, color = "red", code?: string): Described<Badge> => ({
  id,
  color,
  ...(code === undefined ? {} : { code }),
});

const entriesOf = Effect.fnUntraced(function* (family: string) {
  const store = yield* Store;
  return yield* store.list({ ...below([family]), limit: 1_000 });
});

const valuesOf = (family: string) =>
  Effect.map(
    entriesOf(family),
    (entries) =>
      new Map(
        entries.map(({ key, value }) => [keyText(key), value === null ? null : decodeJson(value)]),
      ),
  );

type Step =
  | {
    readonly type: "save";
    readonly document: Described<Badge>;
    readonly stands: "any" | "right" | "wrong";
  }
  | { readonly type: "remove"; readonly id: string; readonly stands: "any" | "right" | "wrong" };

const ids = ["a", "b", "c", "d", "e", "f"];
const stands = fc.constantFrom("any", "any", "right", "wrong");
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("save" as const),
      document: fc.record({
        id: fc.constantFrom(...ids),
        color: fc.constantFrom("red", "blue"),
        code: fc.constantFrom("1", "2", "3"),
      }, { requiredKeys: ["id", "color"], noNullPrototype: true }),
      stands,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("remove" as const),
      id: fc.constantFrom(...ids),
      stands,
    }),
  },
);

const ifMatchOf = (existing: Badge | undefined, how: Step["stands"]): string | undefined => {
  const version = existing === undefined ? "nothing" : String(existing.version);
  return how === "any" ? undefined : how === "right" ? version : "17";
};

/** The answer's tag that is to be expected, and what the badges are then but for their times. */
const expected = (
  there: ReadonlyMap<string, Badge>,
  step: Step,
): "NotFound" | "PreconditionFailed" | "LimitReached" | "AlreadyThere" | "made" | "kept" => {
  const id = step.type === "save" ? step.document.id : step.id;
  const existing = there.get(id);
  if (step.type === "remove" && existing === undefined) return "NotFound";
  if (step.stands === "wrong") return "PreconditionFailed";
  if (step.type === "remove") return "made";
  const { color, code } = step.document;
  if (existing !== undefined && existing.color === color && existing.code === code) return "kept";
  if (existing === undefined && there.size >= badgeLimit) return "LimitReached";
  const isTaken = [...there.values()].some((each) =>
    code !== undefined && each.code === code && each.id !== id
  );
  return isTaken ? "AlreadyThere" : "made";
};

/** Takes a step in the engine and in the model, and compares. */
const take = Effect.fnUntraced(function* (there: Map<string, Badge>, step: Step) {
  const references = yield* References;
  const id = step.type === "save" ? step.document.id : step.id;
  const before = there.get(id);
  const context = { ...bySystem, ifMatch: ifMatchOf(before, step.stands) };
  const outcome = expected(there, step);
  const logged = (yield* entriesOf("log")).length;
  const asked: Effect.Effect<Badge, SaveFailure | RemoveFailure> = step.type === "remove"
    ? references.remove(badges, step.id, context)
    : Effect.map(references.save(badges, step.document, context), ({ created, value }) => {
      assert.equal(created, before === undefined);
      return value;
    });
  const result = yield* Effect.result(asked);
  if (Result.isFailure(result)) {
    assert.equal(result.failure._tag, outcome);
  } else if (step.type === "remove") {
    assert.equal(outcome, "made");
    assert.deepEqual(result.success, before);
    there.delete(id);
  } else {
    const { createdAt, updatedAt, version, ...described } = result.success;
    assert.deepEqual(described, step.document);
    if (outcome === "kept") assert.deepEqual(result.success, before);
    else assert.equal(version, (before?.version ?? 0) + 1);
    assert.equal(createdAt, before?.createdAt ?? updatedAt);
    there.set(id, result.success);
  }
  assert.equal((yield* entriesOf("log")).length - logged, outcome === "made" ? 1 : 0);
  assert.deepEqual(yield* references.find(badges, id), there.get(id) ?? null);
});

const agree = Effect.fnUntraced(function* (there: ReadonlyMap<string, Badge>) {
  const references = yield* References;
  const sorted = [...there.values()].toSorted((a, b) => a.id < b.id ? -1 : 1);
  assert.deepEqual(yield* references.page(badges, { after: null, limit: 100 }), sorted);
  assert.deepEqual(
    yield* references.page(badges, { after: "b", limit: 2 }),
    sorted.filter(({ id }) => id > "b").slice(0, 2),
  );
  assert.deepEqual(
    yield* valuesOf("badge"),
    new Map(sorted.map((each) => [keyText(badges.key(each.id)), each])),
  );
  assert.deepEqual(
    [...(yield* valuesOf("badge_code"))].toSorted(),
    sorted.flatMap((each) => badges.linksOf(each))
      .map(({ key, value }) => [keyText(key), value]).toSorted(),
  );
  for (const each of sorted) assert.equal(badges.malformed(each), null);
});

Deno.test("documents, the keys that find them and the log are what the saves and removals say", () =>
  fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), (steps) =>
      run(Effect.gen(function* () {
        const there = new Map<string, Badge>();
        for (const step of steps) yield* take(there, step);
        yield* agree(there);
      }))),
    { numRuns: 30 },
  ));

Deno.test("of concurrent saves through two processes none is lost, and each makes one version", () =>
  withTwo((near, far) =>
    Effect.gen(function* () {
      const here = Context.get(near, References);
      const there = Context.get(far, References);
      const saves = Array.from({ length: 40 }, (_, n) => ({
        references: n % 2 === 0 ? here : there,
        document: badge(n % 3 === 0 ? "a" : "b", `color ${n}`),
      }));
      const results = yield* Effect.forEach(
        saves,
        ({ references, document }) => references.save(pebbles, document, bySystem),
        { concurrency: "unbounded" },
      );
      for (const id of ["a", "b"]) {
        const versions = results.map(({ value }) => value).filter((value) => value.id === id)
          .toSorted((left, right) => left.version - right.version);
        assert.deepEqual(
          versions.map(({ version }) => version),
          versions.map((_, index) => index + 1),
        );
        for (const references of [here, there]) {
          const last = yield* eventually(
            references.find(pebbles, id),
            (found) => found?.version === versions.length,
          );
          assert.deepEqual(last, versions.at(-1));
        }
      }
    })
  ));

Deno.test("two processes together make as many documents as there may be, and no more", () =>
  withTwo((near, far) =>
    Effect.gen(function* () {
      const processes = [Context.get(near, References), Context.get(far, References)];
      const results = yield* Effect.forEach(
        Array.from({ length: 12 }, (_, n) => n),
        (n) =>
          Effect.result(
            (processes[n % 2] ?? Context.get(near, References))
              .save(badges, badge(`badge-${n}`), bySystem),
          ),
        { concurrency: "unbounded" },
      );
      assert.equal(results.filter(Result.isSuccess).length, badgeLimit);
      for (const result of results) {
        if (Result.isFailure(result)) assert.equal(result.failure._tag, "LimitReached");
      }
      const there = yield* Effect.provideContext(entriesOf("badge"), far);
      assert.equal(there.length, badgeLimit);
    })
  ));

Deno.test("of documents with one unique key, saved through two processes, one is there", () =>
  withTwo((near, far) =>
    Effect.gen(function* () {
      const save = (context: Context.Context<Services>, code: string, id: string) =>
        Effect.result(
          Context.get(context, References).save(pebbles, badge(id, "red", code), bySystem),
        );
      const codes = ["1", "2", "3", "4", "5", "6", "7", "8"];
      for (const code of codes) {
        const results = yield* Effect.all(
          [save(near, code, `near-${code}`), save(far, code, `far-${code}`)],
          { concurrency: "unbounded" },
        );
        assert.equal(results.filter(Result.isSuccess).length, 1);
        const lost = results.find(Result.isFailure);
        assert.equal(lost !== undefined && lost.failure._tag, "AlreadyThere");
      }
      for (const family of ["pebble", "pebble_code"]) {
        const there = yield* Effect.provideContext(entriesOf(family), near);
        assert.equal(there.length, codes.length);
      }
    })
  ));

Deno.test("of documents that are made at once, no two have one unique key", () =>
  run(Effect.gen(function* () {
    const references = yield* References;
    const make = (id: string, at: string): Badge => ({
      ...badge(id, "red", "7"),
      createdAt: at,
      updatedAt: at,
      version: 1,
    });
    const both = yield* Effect.flip(references.addMissing(badges, ["a", "b"], make, "system"));
    assert.equal(both._tag, "AlreadyThere");
    yield* references.addMissing(badges, ["a"], make, "system");
    // There is nothing missing, and so nothing to make.
    yield* references.addMissing(badges, ["a"], make, "system");
    assert.equal((yield* entriesOf("log")).length, 1);
  })));

Deno.test("what another process saves or removes is forgotten here, one by one and as a whole", () =>
  withTwo((near, far) =>
    Effect.gen(function* () {
      const here = Context.get(near, References);
      const there = Context.get(far, References);
      const forgotten: (string | null)[] = [];
      here.onForget(badges, (id) => void forgotten.push(id));
      assert.equal(yield* here.find(badges, "a"), null);
      assert.equal(here.known(badges)("a"), null);
      assert.deepEqual(yield* here.all(flags), []);
      yield* there.save(badges, badge("a"), bySystem);
      const { value } = yield* there.save(flags, badge("b"), bySystem);
      yield* eventually(here.find(badges, "a"), (found) => found !== null);
      yield* eventually(here.all(flags), (all) => all.length === 1);
      assert.deepEqual(here.knownAll(flags), [value]);
      assert.deepEqual(here.known(flags)("b"), value);
      assert.equal(here.known(flags)("c"), null);
      assert.ok(forgotten.includes("a"));
      yield* there.remove(badges, "a", bySystem);
      yield* there.remove(flags, "b", bySystem);
      yield* eventually(here.find(badges, "a"), (found) => found === null);
      yield* eventually(here.all(flags), (all) => all.length === 0);
    })
  ));

Deno.test("a request that is repeated through two processes saves once, and is answered alike", () =>
  withTwo((near, far) =>
    Effect.gen(function* () {
      const save = Effect.gen(function* () {
        const references = yield* References;
        const idempotency = yield* Idempotency;
        return yield* idempotency.run(
          { ...bySystem, key: "once", fingerprint: "same" },
          (claim) =>
            references.save(pebbles, badge("a"), {
              ...bySystem,
              idempotency: {
                claim,
                respond: ({ created, value }) => ({
                  status: created ? 201 : 200,
                  headers: {},
                  body: String(value.version),
                }),
              },
            }),
        );
      });
      const answers = yield* Effect.forEach(
        [near, far, near, far],
        (context) => Effect.exit(Effect.provideContext(save, context)),
        { concurrency: "unbounded" },
      );
      const firsts = answers.filter((exit) => Exit.isSuccess(exit) && exit.value._tag === "First");
      assert.equal(firsts.length, 1);
      for (const context of [near, far]) {
        const again = yield* Effect.provideContext(save, context);
        assert.ok(again._tag === "Replay");
        assert.deepEqual([again.response.status, again.response.body], [201, "1"]);
      }
      const logged = yield* Effect.provideContext(
        Effect.flatMap(LogTail, (tail) => tail.read("", 10)),
        far,
      );
      assert.equal(logged.flatMap(({ records }) => records).length, 1);
    })
  ));

Deno.test("each reference has a fence of its own, unless its definition says otherwise", () =>
  run(Effect.gen(function* () {
    const references = yield* References;
    const store = yield* Store;
    yield* references.save(badges, badge("a"), bySystem);
    const fences = (yield* entriesOf("fence")).map(({ key }) => key);
    assert.deepEqual(fences, [keys.fence("reference:badge")]);
    // An unchanged save leaves even that as it is.
    const before = yield* store.get(keys.fence("reference:badge"));
    yield* references.save(badges, badge("a"), bySystem);
    assert.deepEqual(yield* store.get(keys.fence("reference:badge")), before);
  })));

Deno.test("what no subject of the engine defines cannot be asked for", () =>
  run(Effect.gen(function* () {
    const references = yield* References;
    const stranger = reference<Badge>({ ...badges, schema });
    const exit = yield* Effect.exit(Effect.suspend(() => references.find(stranger, "a")));
    assert.match(String(Option.getOrThrow(Exit.getCause(exit))), /defines the reference badge/);
    const whole = { ...flags, name: "endless", limit: null };
    const built = Layer.build(
      services(":memory:", new SubjectList([{ name: "x", references: [whole] }])),
    );
    assert.ok(Exit.isFailure(yield* Effect.exit(Effect.scoped(built))));
  })));
