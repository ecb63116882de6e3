/** What holds of every aggregate, whatever is asked of it. */
import assert from "node:assert/strict";
import { Result } from "effect";
import { findPersonalData, personalDataOf } from "../../src/verify/personal-data.ts";
import type { SubjectList } from "../../src/subject/subject.ts";
import { eventCountOf, eventsOfRecord } from "../../src/subject/event.ts";
import { linkName } from "../../src/subject/link.ts";
import type { LogRecord } from "../../src/subject/record.ts";
import { Chance } from "../sim/random.ts";
import type { Workout } from "../support/workout.ts";
import { assertSame, type Committed, LawWorld, settings, stored } from "./world.ts";

const commandsPerRun = 25;
const shelf = 3;
const madeAtMs = Date.parse("2026-03-01T12:00:00.000Z");

const sortedSet = (texts: Iterable<string>): readonly string[] => [...texts].sort();

/** As everybody is told of it: in the shape that its type has, and without anything personal. */
const checkTold = (
  { subjects, judge }: LawWorld,
  record: LogRecord,
  privateTexts: readonly string[],
): void => {
  const told = eventsOfRecord("00000000000000000001", record, 0, subjects);
  assert.equal(told.length, eventCountOf(record, subjects));
  for (const { event } of told) {
    assert.equal(judge(event), null);
    const said = JSON.stringify(event);
    assert.deepEqual(privateTexts.filter((text) => said.includes(text)), []);
  }
};

/** After each commit. */
const checkCommit = (
  world: LawWorld,
  committed: Committed,
  personal: unknown,
  privateTexts: readonly string[],
): void => {
  const { definition } = world.workout;
  const { before, after, record } = committed;
  assert.equal(definition.statusOf(after), after.status, "the status is a function of the rest");
  assert.ok(definition.statuses.includes(after.status), `${after.status} is no status`);
  assert.equal(after.version, (before?.version ?? 0) + 1, "one commit, one version");
  assert.equal(after.updatedAt, world.now, "a change says when");
  assert.deepEqual(definition.faultsOf(after), []);
  assertSame(stored(world.workout, record), record, "a record comes back as it was");
  const leak = findPersonalData(
    definition.record.whole(record),
    personalDataOf(definition.personalTexts(personal, after)),
  );
  assert.equal(leak, null, "nothing personal is in the log");
  const said = JSON.stringify(definition.record.whole(record));
  const found = privateTexts.filter((text) => said.includes(text));
  assert.deepEqual(found, [], "nor is it where the definition does not take it for personal");
  checkTold(world, record, privateTexts);
  const document = { state: after, personal, history: ["00000000000000000001"] };
  assertSame(
    definition.codec.unpack(definition.codec.pack(document)),
    document,
    "a document comes back as it was",
  );
  const links = definition.linksOf(after, settings).map(linkName);
  assert.equal(new Set(links).size, links.length, "no link overwrites another");
  assert.deepEqual(
    sortedSet(world.links),
    sortedSet(links),
    "links written are those of the state",
  );
  assert.deepEqual(
    sortedSet(world.lists),
    sortedSet(world.listsOfState()),
    "lists are those of the state",
  );
  const sums = new Map(world.sums);
  world.addTo(sums, definition.claimsOf(after), -1);
  const different = [...sums].filter(([, sum]) => sum !== 0);
  assert.deepEqual(different, [], "what was done to balances is what the state says");
};

/** One life of an aggregate from a seed. Says how many commands were carried out. */
export const live = (subjects: SubjectList, workout: Workout, seed: number): number => {
  const chance = new Chance(seed);
  const world = new LawWorld(subjects, workout);
  const { ids } = workout.definition;
  const id = ids.of(madeAtMs, shelf, "0123456789");
  const making = workout.making(chance, `law-${seed}`);
  const { privateTexts = [] } = making;
  const captured = Result.getOrThrow(making.make(id, world.now));
  const made = world.make(captured.state, making.opening);
  if (made === null) return 0;
  checkCommit(world, made, captured.personal, privateTexts);
  let done = 0;
  for (let n = 0; n < commandsPerRun; n++) {
    world.pass(chance.between(0, 3_600_000));
    const committed = world.command(workout.command(chance, world.state ?? made.after));
    if (committed === null) continue;
    done++;
    checkCommit(world, committed, captured.personal, privateTexts);
  }
  return done;
};
