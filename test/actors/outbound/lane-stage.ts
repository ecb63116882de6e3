/** Processes with one lane, a sink at its other end, and what must be so when everything is at rest. */
import { nobodyListens } from "../../support/engine.ts";
import assert from "node:assert/strict";
import { Context, Effect, Exit, Layer } from "effect";
import { Identifiers } from "../../../actors/ledger/identifiers.ts";
import { LogTail } from "../../../actors/log/log-tail.ts";
import { Books } from "../../../actors/balance/books.ts";
import { Ledger } from "../../../actors/ledger/ledger.ts";
import { LaneBoard } from "../../../actors/outbound/lane-board.ts";
import { type Deliveries, Outbound } from "../../../actors/outbound/outbound.ts";
import { References } from "../../../actors/reference/references.ts";
import { BatchReader } from "../../../src/store/batch-read.ts";
import { StoreMeta } from "../../../src/store/meta.ts";
import { isCatalogRecord } from "../../../src/catalog/record.ts";
import { catalogRecord } from "../../support/catalog-record.ts";
import { below } from "../../../src/kernel/key.ts";
import { messagesOf } from "../../../src/outbound/entry-messages.ts";
import type { Message } from "../../../src/outbound/message.ts";
import { keys } from "../../../src/store/keys.ts";
import type { LogEntry } from "../../../src/store/log.ts";
import { forEachPage } from "../../../src/store/pages.ts";
import { type Entry, Store } from "../../../src/store/store.ts";
import { decodeJson } from "../../../src/store/values.ts";
import type { Outbox } from "../../../src/subject/reactor.ts";
import { subjects } from "../../../src/subjects.ts";
import { SubjectList, Subjects } from "../../../src/subject/subject.ts";
import type { DatabaseOptions } from "../../sim/database.ts";
import { Chance } from "../../sim/random.ts";
import { commitRecords } from "../log-fixture.ts";
import { Crew } from "../reactors/crew.ts";
import { firstArrivals, Sink } from "../../sim/sink.ts";

export const laneName = "webhooks";

const record = (id: string) =>
  catalogRecord({ type: "item.saved", at: "2026-01-01T00:00:00.000Z", by: "system", id });

/** So many that no message dies of a bad network, and short: what is tested is not how long they are. */
const manyRetriesMs = Array.from({ length: 40 }, (_, n) => Math.min(5_000, 200 * 2 ** n));

/**
 * The first letter of a record's id is the key, and its digit the number of messages: none, one or more.
 * An exclamation mark makes a record of which no messages can be made.
 */
export const outboxOf = (
  options: {
    readonly retryAfterMs?: readonly number[];
    readonly isPoison?: (id: string) => boolean;
  } = {},
): Outbox => ({
  type: "outbox",
  name: laneName,
  messagesOf: (record, idOf) => {
    if (!isCatalogRecord(record)) return [];
    const { id } = record;
    if (options.isPoison?.(id)) throw new TypeError("poison");
    return Array.from({ length: Number(id.charAt(1)) }, (_, n) => ({
      key: id.charAt(0),
      body: JSON.stringify({ sequence: idOf(n), id }),
    }));
  },
  retryAfterMs: options.retryAfterMs ?? manyRetriesMs,
});

/** Lanes, what they stand on, and no other consumer of the log. */
export const outboundLayer = <R = never>(
  list: SubjectList,
  deliveries: Deliveries | Effect.Effect<Deliveries, never, R>,
  names: Chance,
) => {
  const known = Effect.isEffect(deliveries) ? deliveries : Effect.succeed(deliveries);
  const foundation = Layer.mergeAll(
    StoreMeta.layer({ shelves: 1 }),
    BatchReader.layer,
    Books.layer,
    LogTail.layer,
    LaneBoard.layer,
    Layer.succeed(Identifiers, {
      orderTail: () => "",
      commitId: () => `name ${names.between(0, 1e9)} ${names.between(0, 1e9)}`,
    }),
  ).pipe(Layer.provideMerge(Layer.succeed(Subjects, list)));
  const all = Effect.map(known, (own) => ({ ...nobodyListens(list), ...own }));
  return Outbound.layer(all).pipe(
    Layer.provideMerge(References.layer),
    Layer.provideMerge(Ledger.layer),
    Layer.provideMerge(foundation),
  );
};

export interface LaneStageOptions {
  readonly kv: Deno.Kv;
  readonly seed: number;
  readonly members: number;
  readonly outbox?: Outbox;
  readonly placed?: DatabaseOptions["placed"];
}

const all = (prefix: readonly string[]) =>
  Effect.gen(function* () {
    const found: Entry[] = [];
    yield* forEachPage(yield* Store, { ...below(prefix), limit: 100 }, (entries) =>
      Effect.sync(() =>
        void found.push(...entries)
      ));
    return found;
  });

export class LaneStage {
  readonly crew: Crew<LogTail | Outbound>;
  readonly sink: Sink;
  readonly outbox: Outbox;
  /** The entries of the log. */
  readonly entries: LogEntry[] = [];

  constructor(readonly options: LaneStageOptions) {
    const { kv, seed, members, outbox = outboxOf(), placed } = options;
    const chance = new Chance(seed);
    const names = chance.fork();
    this.outbox = outbox;
    this.sink = new Sink(chance.fork());
    const list = new SubjectList([...subjects.subjects, { name: "test", reactors: [outbox] }]);
    this.crew = new Crew({
      kv,
      chance,
      members,
      ...(placed === undefined ? {} : { placed }),
      layer: (process) =>
        outboundLayer(list, { [outbox.name]: this.sink.deliverFor(process) }, names.fork()),
    });
  }

  /** Commits one entry of records with these ids. */
  async commit(ids: readonly string[]): Promise<void> {
    const records = ids.map(record);
    const position = await this.crew.direct(commitRecords(records));
    this.entries.push({ position, commitId: "", at: "2026-01-01T00:00:00.000Z", records });
  }

  /** Every message that the log makes, in its order. */
  expected(): readonly Message[] {
    return this.entries.flatMap((entry) => messagesOf(this.outbox, entry));
  }

  rows(prefix: string): Promise<readonly Entry[]> {
    return this.crew.direct(all([prefix, laneName]));
  }

  async isAtRest(): Promise<boolean> {
    const position = this.entries.at(-1)?.position ?? "";
    const { value } = await this.crew.direct(
      Effect.flatMap(Store, (store) => store.get(keys.cursor(laneName))),
    );
    if (value === null || decodeJson<{ position: string }>(value).position < position) return false;
    return (await this.rows("waiting_message")).length === 0 &&
      (await this.rows("lane_request")).length === 0;
  }

  rest(): Promise<void> {
    return this.crew.until(() => this.isAtRest(), "everything is delivered", 2_000);
  }

  ask<A, E>(effect: (outbound: Outbound["Service"]) => Effect.Effect<A, E>): Promise<A> {
    return this.#ask(Effect.flatMap(Outbound, effect));
  }

  askTail<A, E>(effect: (tail: LogTail["Service"]) => Effect.Effect<A, E>): Promise<A> {
    return this.#ask(Effect.flatMap(LogTail, effect));
  }

  /** Asks one process after another until one has answered. */
  async #ask<A, E>(effect: Effect.Effect<A, E, Outbound | LogTail>): Promise<A> {
    while (true) {
      await this.crew.until(() => this.crew.running.length > 0, "somebody runs");
      const [member] = this.crew.running;
      if (member === undefined) continue;
      const answer = this.crew.ask(member, Effect.exit(effect));
      const exit = await Promise.race([answer, this.crew.pause(30_000)]);
      if (exit !== undefined && Exit.isSuccess(exit)) return exit.value;
    }
  }

  /** Names of the processes that hold the lane. */
  holders(): readonly string[] {
    return this.crew.running.flatMap(({ process, services }) =>
      services !== null && Context.get(services, Outbound).lanes()[0]?.isHeld ? [process.name] : []
    );
  }

  /** Everything arrived, in the order of the log for each key, and the same to the byte each time. */
  check(except: (message: Message) => boolean = () => false): void {
    const { arrivals } = this.sink;
    const expected = this.expected().filter((message) => !except(message));
    const wanted = new Map<string, string[]>();
    for (const { key, id } of expected) wanted.set(key, [...wanted.get(key) ?? [], id]);
    const arrived = firstArrivals(arrivals.filter((message) => !except(message)));
    assert.deepEqual(
      Object.fromEntries([...arrived].sort()),
      Object.fromEntries([...wanted].sort()),
    );
    const bodies = new Map(this.expected().map(({ id, body }) => [id, body]));
    for (const { id, body } of this.sink.attempts) assert.equal(body, bodies.get(id));
  }
}
