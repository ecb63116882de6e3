/** What must be so of the events feed at rest: it tells the log, in pages of any size, and in one shape. */
import { Effect, type Exit } from "effect";
import { EventFeed } from "../../actors/status/event-feed.ts";
import type { LogEntry } from "../../src/store/log.ts";
import { type CloudEvent, eventCountOf, eventsOf } from "../../src/subject/event.ts";
import type { SubjectList } from "../../src/subject/subject.ts";
import { judgeOf } from "../support/events.ts";
import type { Cluster, Life } from "./cluster.ts";

/** From few to many: pages end within entries, and between them. */
const pageSizes = [7, 250, 1, 1_000];
const largestPage = 1_000;

/** Reads everything with pages of changing sizes; says the ids of what came. */
const readAll = Effect.gen(function* () {
  const feed = yield* EventFeed;
  const ids: string[] = [];
  let after: string | undefined;
  for (let n = 0;; n++) {
    const limit = pageSizes[n % pageSizes.length] ?? largestPage;
    const page = yield* feed.read({
      ...{ filter: { confidential: true }, after, limit, waitMs: 0 },
      ...{ until: Effect.never, keyId: "key_first" },
    });
    if (page.events.length === 0) return ids;
    for (const text of page.events) {
      const { id, data }: CloudEvent = JSON.parse(text);
      ids.push(id === data.id ? id : `${id} of ${data.id}`);
    }
    after = page.nextAfter;
  }
});

const ask = (cluster: Cluster, life: Life): Promise<Exit.Exit<readonly string[], unknown>> =>
  new Promise((resolve) => cluster.request(life, readAll, resolve));

/** So many of each type are looked at: a flood of one and the same says nothing new. */
const judgedOfType = 500;

const ill = (log: readonly LogEntry[], subjects: SubjectList): readonly string[] => {
  const judge = judgeOf(subjects);
  const judged = new Map<string, number>();
  const isNew = (type: string): boolean => {
    const count = (judged.get(type) ?? 0) + 1;
    judged.set(type, count);
    return count <= judgedOfType;
  };
  return log.flatMap((entry) => [
    ...eventsOf(entry, subjects).flatMap(({ event }) =>
      isNew(event.type) ? judge(event) ?? [] : []
    ),
    ...entry.records.flatMap((record) => {
      const told = subjects.kindOf(record).tell(record).length;
      return eventCountOf(record, subjects) === told ? [] : [`${record.kind} tells ${told} events`];
    }),
  ]).map((fault) => `feed: ${fault}`);
};

export const checkFeed = async (
  cluster: Cluster,
  log: readonly LogEntry[],
  subjects: SubjectList,
): Promise<readonly string[]> => {
  const expected = log.flatMap((entry) => eventsOf(entry, subjects).map(({ event }) => event.id));
  const violations = [...ill(log, subjects)];
  for (const life of cluster.running) {
    const exit = await ask(cluster, life);
    if (exit._tag === "Failure") {
      violations.push(`feed: ${life.process.name} cannot read it: ${exit.cause}`);
      continue;
    }
    const wrong = expected.findIndex((id, n) => exit.value[n] !== id);
    if (wrong < 0 && exit.value.length === expected.length) continue;
    violations.push(
      `feed: ${life.process.name} reads ${exit.value.length} events of ${expected.length}; the first that ` +
        `is wrong: ${exit.value[wrong] ?? "none"} instead of ${expected[wrong] ?? "none"}`,
    );
  }
  return violations;
};
