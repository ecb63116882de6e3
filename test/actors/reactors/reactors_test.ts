/** Folds and commands, whatever fails and however many processes there are. */
import assert from "node:assert/strict";
import { Context, Effect, Layer } from "effect";
import fc from "fast-check";
import { runCommands } from "../../../actors/log/commands.ts";
import { Folds } from "../../../actors/log/folds.ts";
import { LogTail } from "../../../actors/log/log-tail.ts";
import { isCatalogRecord } from "../../../src/catalog/record.ts";
import { catalogRecord } from "../../support/catalog-record.ts";
import { below } from "../../../src/kernel/key.ts";
import { keys } from "../../../src/store/keys.ts";
import { forEachPage } from "../../../src/store/pages.ts";
import { Store } from "../../../src/store/store.ts";
import { decodeJson } from "../../../src/store/values.ts";
import { fold, type Reactor } from "../../../src/subject/reactor.ts";
import { SubjectList, Subjects } from "../../../src/subject/subject.ts";
import { subjects } from "../../../src/subjects.ts";
import { noFaults } from "../../sim/database.ts";
import { Chance } from "../../sim/random.ts";
import { anyFaults } from "./any-faults.ts";
import type { Process } from "../../sim/world.ts";
import { commitRecords } from "../log-fixture.ts";
import { Crew, withKv } from "./crew.ts";

interface Tally {
  readonly records: number;
}

/** Counts records by the first letter of their ids. */
const letters = (poison: (id: string) => boolean): Reactor =>
  fold<string, Tally>({
    type: "fold",
    name: "letters",
    family: "letter",
    changesOf: (record) => record.kind === "catalog" && "id" in record ? [String(record.id)] : [],
    keyOf: (id) => ["letter", id.charAt(0)],
    apply: (row, id) => {
      if (poison(id)) throw new TypeError("poison");
      return { records: (row?.records ?? 0) + 1 };
    },
  });

const record = (id: string) =>
  catalogRecord({ type: "item.saved", at: "2026-01-01T00:00:00.000Z", by: "system", id });

const talliesOf = Effect.gen(function* () {
  const found: Record<string, number> = {};
  yield* forEachPage(
    yield* Store,
    { ...below(["letter"]), limit: 100 },
    (entries) =>
      Effect.sync(() => {
        for (const { key, value } of entries) {
          if (value !== null) found[String(key[1])] = decodeJson<Tally>(value).records;
        }
      }),
  );
  return found;
});

const recount = (entries: readonly (readonly string[])[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const id of entries.flat()) counts[id.charAt(0)] = (counts[id.charAt(0)] ?? 0) + 1;
  return counts;
};

const ids = fc.array(fc.stringMatching(/^[a-k][0-9]$/), { minLength: 1, maxLength: 30 });

const plan = fc.record({
  seed: fc.nat(),
  members: fc.integer({ min: 1, max: 3 }),
  entries: fc.array(ids, { minLength: 1, maxLength: 12 }),
  faults: anyFaults,
  /** So few that an entry needs several commits. */
  mutations: fc.constantFrom(5, 8, 1_000),
});

const subjectsWith = (reactors: readonly Reactor[]) =>
  Layer.succeed(Subjects, new SubjectList([...subjects.subjects, { name: "test", reactors }]));

const layerOf = (reactors: readonly Reactor[]) =>
  Folds.layer.pipe(
    Layer.provideMerge(LogTail.layer),
    Layer.provide(subjectsWith(reactors)),
  );

const isFolded = (crew: Crew<LogTail | Folds>, position: string) =>
  crew.running.length === crew.members.length &&
  crew.running.every(({ services }) =>
    services !== null &&
    (Context.get(services, LogTail).followers().get("letters") ?? "") >= position
  );

Deno.test("a fold counts every change once, whatever fails and however many processes there are", () =>
  fc.assert(
    fc.asyncProperty(plan, ({ seed, members, entries, faults, mutations }) =>
      withKv(async (kv) => {
        const crew = new Crew({
          kv,
          chance: new Chance(seed),
          members,
          layer: () => layerOf([letters(() => false)]),
          limits: { mutations },
        });
        await crew.play(async () => {
          await crew.everybodyRuns();
          crew.faults = faults;
          let position = "";
          for (const each of entries) {
            position = await crew.direct(commitRecords(each.map(record)));
            await crew.pause(300);
          }
          await crew.pause(2_000);
          crew.faults = noFaults;
          await crew.until(() => isFolded(crew, position), "all is folded");
          assert.deepEqual(await crew.direct(talliesOf), recount(entries));
        });
      })),
    { numRuns: 60 },
  ));

Deno.test("what a fold leaves out counts once when it is late, whoever tries it", () =>
  fc.assert(
    fc.asyncProperty(
      plan,
      fc.stringMatching(/^[a-k][0-9]$/),
      ({ seed, members, entries, faults, mutations }, poison) =>
        withKv(async (kv) => {
          let isPoisonous = true;
          const crew = new Crew({
            kv,
            chance: new Chance(seed),
            members,
            layer: () => layerOf([letters((id) => isPoisonous && id === poison)]),
            limits: { mutations },
          });
          await crew.play(async () => {
            await crew.everybodyRuns();
            let position = "";
            for (const each of entries) {
              position = await crew.direct(commitRecords(each.map(record)));
            }
            await crew.until(() => isFolded(crew, position), "all is folded or left out");
            isPoisonous = false;
            crew.faults = faults;
            await crew.until(async () => {
              const [member] = crew.running;
              if (member === undefined) return false;
              return await Promise.race([
                crew.ask(
                  member,
                  Effect.flatMap(LogTail, (tail) =>
                    Effect.andThen(
                      Effect.ignore(tail.retrySetAside),
                      Effect.map(
                        Effect.orElseSucceed(tail.setAside, () => [null]),
                        (left) => left.length === 0,
                      ),
                    )),
                ),
                crew.pause(30_000).then(() => false),
              ]);
            }, "nothing is left out");
            crew.faults = noFaults;
            assert.deepEqual(await crew.direct(talliesOf), recount(entries));
          });
        }),
    ),
    { numRuns: 40 },
  ));

/** Performs each task in a moment of the world, and says who did what. */
const performing = (
  pauseMs: number,
  performed: { readonly id: string; readonly by: string }[],
) =>
(process: Process) =>
  Layer.effectDiscard(runCommands({
    name: "tasks",
    tasksOf: (record) => isCatalogRecord(record) ? [record.id] : [],
    perform: (tasks) =>
      Effect.forEach(tasks, (id) =>
        Effect.andThen(
          Effect.sleep(pauseMs),
          Effect.sync(() => void performed.push({ id, by: process.name })),
        ), { discard: true }),
  })).pipe(Layer.provideMerge(LogTail.layer), Layer.provide(subjectsWith([])));

const cursorOf = (name: string) =>
  Effect.map(
    Effect.flatMap(Store, (store) => store.get(keys.cursor(name))),
    ({ value }) => value === null ? "" : decodeJson<{ readonly position: string }>(value).position,
  );

Deno.test("what an entry asks for is done at least once, whatever fails", () =>
  fc.assert(
    fc.asyncProperty(plan, ({ seed, members, entries, faults }) =>
      withKv(async (kv) => {
        const performed: { readonly id: string; readonly by: string }[] = [];
        const crew = new Crew({
          kv,
          chance: new Chance(seed),
          members,
          layer: performing(seed % 300, performed),
        });
        await crew.play(async () => {
          await crew.everybodyRuns();
          crew.faults = faults;
          let position = "";
          for (const [n, each] of entries.entries()) {
            position = await crew.direct(commitRecords(each.map((id) => record(`${id} ${n}`))));
            await crew.pause(300);
          }
          crew.faults = noFaults;
          await crew.until(
            async () => await crew.direct(cursorOf("tasks")) >= position,
            "the cursor is at the end",
          );
          const done = new Set(performed.map(({ id }) => id));
          for (const [n, each] of entries.entries()) {
            for (const id of each) assert.ok(done.has(`${id} ${n}`), `${id} ${n} was not done`);
          }
        });
      })),
    { numRuns: 40 },
  ));

Deno.test("of several processes one does the work, and another when it is gone", () =>
  fc.assert(
    fc.asyncProperty(fc.nat(), fc.integer({ min: 2, max: 3 }), (seed, members) =>
      withKv(async (kv) => {
        const performed: { readonly id: string; readonly by: string }[] = [];
        const crew = new Crew({
          kv,
          chance: new Chance(seed),
          members,
          layer: performing(5, performed),
        });
        await crew.play(async () => {
          await crew.everybodyRuns();
          const commit = async (id: string) => {
            await crew.direct(commitRecords([record(id)]));
            await crew.until(() =>
              performed.some((each) =>
                each.id === id
              ), `${id} is done`);
            await crew.pause(1_000);
          };
          // At first nobody knows of the others.
          await commit("first");
          const ids = Array.from({ length: 20 }, (_, n) => `then ${n}`);
          for (const id of ids) await commit(id);
          const times = ids.map((id) => performed.filter((each) => each.id === id).length);
          assert.deepEqual(times, ids.map(() => 1));
          const owner = crew.running.find(({ process }) => process.name === performed.at(-1)?.by);
          assert.ok(owner !== undefined);
          owner.process.kill();
          await commit("afterwards");
          assert.notEqual(performed.at(-1)?.by, owner.process.name);
        });
      })),
    { numRuns: 20 },
  ));
