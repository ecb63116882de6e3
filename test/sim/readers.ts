/** Readers of the status stream: one that follows it through every crash, and some that never read. */
import { Effect, type Exit } from "effect";
import { Ledger } from "../../actors/ledger/ledger.ts";
import { Status } from "../../actors/status/status.ts";
import type { StatusReader } from "../../actors/status/status-stream.ts";
import { eventsOf, parseEventId } from "../../src/subject/event.ts";
import type { CatalogRecord } from "../../src/catalog/record.ts";
import type { LogEntry } from "../../src/store/log.ts";
import { noDeltas } from "../../src/subject/balance.ts";
import type { Clients } from "./clients.ts";
import type { Cluster, Life } from "./cluster.ts";
import type { Chance } from "./random.ts";
import type { Reached } from "./reached.ts";

const everything = { filter: { confidential: true }, keyId: "key_first", scope: {} };

const openIn = (
  cluster: Cluster,
  life: Life,
  after: string | undefined,
): Promise<Exit.Exit<StatusReader, unknown> | null> =>
  Promise.race([
    new Promise<Exit.Exit<StatusReader, unknown>>((resolve) =>
      cluster.request(
        life,
        Effect.flatMap(Status, (status) => status.stream({ ...everything, after })),
        resolve,
      )
    ),
    life.ended.then(() => null),
  ]);

const decoder = new TextDecoder();
/** Connections break now and then, and the next one goes to any process. */
const longestConnectionMs = 12_000;
const longestSettlingMs = 20_000;

/** Follows the stream, comes back with its last id whenever it breaks off, and notes what it was sent. */
export class Observer {
  /** Ids of the changes that came. */
  readonly seen: string[] = [];
  readonly violations: string[] = [];
  /** Changes after this position must come. */
  #from = "";
  #lastId: string | undefined;
  #stopped = false;

  constructor(
    readonly cluster: Cluster,
    readonly clients: Clients,
    readonly chance: Chance,
  ) {}

  stop(): void {
    this.#stopped = true;
  }

  /** Waits until it has been sent what is in the log, or should have been. */
  async settle(position: string): Promise<void> {
    const { world } = this.clients;
    const deadlineMs = world.nowMs + longestSettlingMs;
    while (world.nowMs < deadlineMs) {
      const place = parseEventId(this.#lastId ?? "");
      if (place !== null && place.position >= position) return;
      await this.clients.pause(100);
    }
  }

  async follow(): Promise<void> {
    while (!this.#stopped) {
      const { running } = this.cluster;
      if (running.length > 0) await this.#read(this.chance.pick(running));
      await this.clients.pause(100);
    }
  }

  async #read(life: Life): Promise<void> {
    const opened = await openIn(this.cluster, life, this.#lastId);
    if (opened === null || opened._tag === "Failure") return;
    const reader = opened.value.body.getReader();
    const broken = this.clients.pause(this.chance.between(100, longestConnectionMs))
      .then(() => null);
    let rest = "";
    while (!this.#stopped) {
      const chunk = await Promise.race([
        reader.read().catch(() => null),
        life.ended.then(() => null),
        broken,
      ]);
      if (chunk === null || chunk.done) break;
      const messages = (rest + decoder.decode(chunk.value)).split("\n\n");
      rest = messages.pop() ?? "";
      messages.forEach((message) => this.#receive(message));
    }
    opened.value.close();
  }

  #receive(message: string): void {
    const fields = new Map(
      message.split("\n").map((line) => {
        const colon = line.indexOf(": ");
        return [line.slice(0, colon), line.slice(colon + 2)];
      }),
    );
    const id = fields.get("id");
    const event = fields.get("event");
    if (event === "reset") this.violations.push("reader: a position of the log was not known");
    if (event === "snapshot" && this.#lastId === undefined) {
      // Nothing was seen yet that could be resumed from.
      this.#from = id ?? "";
      this.seen.length = 0;
    }
    if (event === "change" && id !== undefined) this.seen.push(id);
    if (id !== undefined) this.#lastId = id;
  }

  check(log: readonly LogEntry[]): readonly string[] {
    const expected = log
      .flatMap((entry) =>
        eventsOf(entry, this.cluster.options.subjects).map(({ event }) => event.id)
      )
      .filter((id) => id > this.#from);
    const wrong = expected.findIndex((id, index) => this.seen[index] !== id);
    if (wrong < 0 && this.seen.length === expected.length) return this.violations;
    return [
      ...this.violations,
      `reader: ${this.seen.length} changes came of ${expected.length}; the first that is wrong: ` +
      `${this.seen[wrong] ?? "none"} instead of ${expected[wrong] ?? "none"}`,
    ];
  }
}

/** More changes than may wait for one reader, in a few commits. */
const commits = 6;
const recordsPerCommit = 3_000;

const bulk = (by: string, round: number): readonly CatalogRecord[] =>
  Array.from({ length: recordsPerCommit }, (_, n) => ({
    kind: "catalog",
    type: "item.saved",
    at: "2030-01-01T00:00:00.000Z",
    by,
    id: `bulk-${round}-${n}`,
  }));

/** A reader that never reads must be dropped, however much there is to send. */
export const starve = async (
  cluster: Cluster,
  clients: Clients,
  reached: Reached,
): Promise<readonly string[]> => {
  const life = cluster.running[0];
  if (life === undefined) return ["reader: no process runs"];
  const opened = await openIn(cluster, life, undefined);
  if (opened === null || opened._tag === "Failure") return ["reader: no stream"];
  for (let round = 0; round < commits; round++) {
    const submitted = Effect.flatMap(
      Ledger,
      (ledger) =>
        ledger.submit({
          reads: [],
          partitions: ["catalog"],
          balances: noDeltas,
          writes: [],
          records: bulk("system", round),
        }),
    );
    await new Promise((resolve) => cluster.request(life, submitted, resolve));
  }
  await clients.pause(5_000);
  const reader = opened.value.body.getReader();
  const dropped = async () => {
    try {
      while (!(await reader.read()).done);
      return false;
    } catch {
      return true;
    }
  };
  // Whoever was not dropped would wait for more.
  if (!await Promise.race([dropped(), clients.pause(5_000).then(() => false)])) {
    return ["reader: one that never read was not dropped"];
  }
  reached.droppedSlowReader++;
  return [];
};
