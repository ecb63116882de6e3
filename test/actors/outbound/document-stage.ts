/** Processes with a lane for each of some documents, a sink at the end of each, and what must have arrived. */
import assert from "node:assert/strict";
import { Context, Effect, Exit, Schema } from "effect";
import { documentDelivery } from "../../../actors/outbound/held-lane.ts";
import { Outbound } from "../../../actors/outbound/outbound.ts";
import { References } from "../../../actors/reference/references.ts";
import type { LogTail } from "../../../actors/log/log-tail.ts";
import { below } from "../../../src/kernel/key.ts";
import { systemPrincipal } from "../../../src/kernel/principal.ts";
import { laneOf } from "../../../src/outbound/place.ts";
import { catalogRecord } from "../../support/catalog-record.ts";
import { keys } from "../../../src/store/keys.ts";
import { type Entry, Store } from "../../../src/store/store.ts";
import { forEachPage } from "../../../src/store/pages.ts";
import { eventIdOf } from "../../../src/subject/event.ts";
import { type DocumentOutbox, documentOutbox } from "../../../src/subject/reactor.ts";
import { reference, savedFields } from "../../../src/subject/reference.ts";
import { SubjectList } from "../../../src/subject/subject.ts";
import { subjects } from "../../../src/subjects.ts";
import type { DatabaseOptions } from "../../sim/database.ts";
import { Chance } from "../../sim/random.ts";
import { firstArrivals, Sink } from "../../sim/sink.ts";
import { commitRecords } from "../log-fixture.ts";
import { Crew } from "../reactors/crew.ts";
import { outboundLayer } from "./lane-stage.ts";

const Listener = Schema.Struct({
  id: Schema.String,
  /** The letters that it wants. */
  letters: Schema.String,
  open: Schema.Boolean,
  start: Schema.Int,
  ended: Schema.NullOr(Schema.String),
  ...savedFields,
});
export type Listener = typeof Listener.Type;

export const listeners = reference<Listener>({
  ...{ name: "listener", schema: Listener, idOf: ({ id }) => id, limit: 20 },
  memory: { type: "all" },
});

/** So many that no message dies of a bad network, and short: what is tested is not how long they are. */
const manyRetriesMs = Array.from({ length: 40 }, (_, n) => Math.min(5_000, 200 * 2 ** n));

/** The first letter of an item's id is the key; `x` ends the lanes that want it. */
export const news: DocumentOutbox<Listener> = {
  type: "document outbox",
  name: "news",
  reference: listeners,
  isOpen: ({ open }) => open,
  startOf: ({ start }) => start,
  messageOf: ({ id, letters }, { event }) => {
    if (event.type !== "item.saved") return null;
    const { id: item } = event.details as { readonly id: string };
    const key = item.charAt(0);
    return letters.includes(key) ? { key, body: JSON.stringify([event.id, id, item]) } : null;
  },
  endedBy: ({ letters }, record) => {
    const { kind, id } = record as typeof record & { readonly id?: string };
    return kind === "catalog" && id === "x" && letters.includes("x")
      ? { code: "withdrawn", reason: "An x came." }
      : null;
  },
  closed: (listener, { code }) => listener.open ? { ...listener, open: false, ended: code } : null,
  retryAfterMs: manyRetriesMs,
};

export interface DocumentStageOptions {
  readonly kv: Deno.Kv;
  readonly seed: number;
  readonly members: number;
  readonly placed?: DatabaseOptions["placed"];
  readonly retryAfterMs?: readonly number[];
}

type Services = LogTail | Outbound | References;

const by = { by: systemPrincipal };

export class DocumentStage {
  readonly crew: Crew<Services>;
  /** By the listener's id. */
  readonly sinks = new Map<string, Sink>();
  /** Positions of the log, with the ids of items that were saved there. */
  readonly entries: { readonly position: string; readonly ids: readonly string[] }[] = [];
  readonly #chance: Chance;
  /** Bodies that were completed, by the time at which they were. */
  completed: ((body: string) => string) | null = null;

  constructor(readonly options: DocumentStageOptions) {
    const { kv, seed, members, placed, retryAfterMs = manyRetriesMs } = options;
    const chance = new Chance(seed);
    this.#chance = chance.fork();
    const names = chance.fork();
    const outbox = { ...news, retryAfterMs };
    const list = new SubjectList([
      ...subjects.subjects,
      { name: "test", references: [listeners], reactors: [documentOutbox(outbox)] },
    ]);
    this.crew = new Crew<Services>({
      kv,
      chance,
      members,
      callMs: 5_000,
      ...(placed === undefined ? {} : { placed }),
      layer: (process) => {
        const delivery = documentDelivery(outbox, {
          send: (message, { id }) => this.sink(id).send(process, message),
          ...(this.completed === null
            ? {}
            : { complete: ({ body }) => Effect.sync(() => this.completed?.(body) ?? body) }),
        });
        return outboundLayer(list, { [news.name]: delivery }, names.fork());
      },
    });
  }

  sink(id: string): Sink {
    const known = this.sinks.get(id);
    if (known !== undefined) return known;
    const made = new Sink(this.#chance.fork());
    this.sinks.set(id, made);
    return made;
  }

  /** Commits one entry that saves these items. */
  async commit(ids: readonly string[]): Promise<string> {
    const at = "2026-01-01T00:00:00.000Z";
    const records = ids.map((id) => catalogRecord({ type: "item.saved", at, by: "system", id }));
    const position = await this.crew.direct(commitRecords(records));
    this.entries.push({ position, ids });
    return position;
  }

  /** Saves a listener; answers with its document once somebody says so. */
  save(id: string, more: Partial<Listener> = {}): Promise<Listener> {
    return this.ask(Effect.gen(function* () {
      const references = yield* References;
      const before = yield* references.find(listeners, id);
      const { createdAt: _, updatedAt: __, version: ___, ...kept } = before ?? {
        ...{ id, letters: "abcde", open: true, start: 0, ended: null },
        ...{ createdAt: "", updatedAt: "", version: 0 },
      };
      const { value } = yield* references.save(listeners, { ...kept, ...more }, by);
      return value;
    }));
  }

  remove(id: string): Promise<void> {
    return this.ask(Effect.gen(function* () {
      const references = yield* References;
      const removed = references.remove(listeners, id, by);
      yield* Effect.catchTag(removed, "NotFound", () => Effect.void);
    }));
  }

  listener(id: string): Promise<Listener | null> {
    return this.ask(Effect.flatMap(References, (all) => all.find(listeners, id)));
  }

  /** The position of the commit that saved a listener last. */
  async positionOf(id: string): Promise<string> {
    const { versionstamp } = await this.crew.direct(
      Effect.flatMap(Store, (store) => store.get(listeners.key(id))),
    );
    return versionstamp ?? "";
  }

  /** Asks one process after another until one has answered. */
  async ask<A, E>(effect: Effect.Effect<A, E, Services>): Promise<A> {
    while (true) {
      await this.crew.until(() => this.crew.running.length > 0, "somebody runs");
      const [member] = this.crew.running;
      if (member === undefined) continue;
      const answer = this.crew.ask(member, Effect.exit(effect));
      const exit = await Promise.race([answer, this.crew.pause(30_000)]);
      if (exit !== undefined && Exit.isSuccess(exit)) return exit.value;
    }
  }

  rows(...prefix: readonly string[]): Promise<readonly Entry[]> {
    return this.crew.direct(Effect.gen(function* () {
      const found: Entry[] = [];
      yield* forEachPage(
        yield* Store,
        { ...below(prefix), limit: 100 },
        (entries) => Effect.sync(() => void found.push(...entries)),
      );
      return found;
    }));
  }

  laneRows(family: string, id: string): Promise<readonly Entry[]> {
    return this.rows(family, laneOf(news, id));
  }

  async cursor(id: string): Promise<unknown> {
    const { value } = await this.crew.direct(
      Effect.flatMap(Store, (store) => store.get(keys.cursor(laneOf(news, id)))),
    );
    return value === null ? null : JSON.parse(new TextDecoder().decode(value));
  }

  /** Whether everything that the log has for an open listener is settled. */
  async isAtRest(id: string): Promise<boolean> {
    const position = this.entries.at(-1)?.position ?? "";
    const cursor = await this.cursor(id) as { position: string; forgets?: string } | null;
    return cursor !== null && cursor.position >= position && cursor.forgets === undefined &&
      (await this.laneRows("waiting_message", id)).length === 0 &&
      (await this.laneRows("lane_request", id)).length === 0;
  }

  async rest(...ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      await this.crew.until(() => this.isAtRest(id), `${id} has everything`, 2_000);
    }
  }

  /** Ids of events for letters, by key, of entries after one position and up to another. */
  expected(
    letters: string,
    after: string,
    upTo = "z",
  ): Readonly<Record<string, readonly string[]>> {
    const found: Record<string, string[]> = {};
    for (const { position, ids } of this.entries) {
      if (position <= after || position > upTo) continue;
      for (const [index, item] of ids.entries()) {
        const key = item.charAt(0);
        if (letters.includes(key)) (found[key] ??= []).push(eventIdOf(position, index));
      }
    }
    return found;
  }

  /** First arrivals at a listener, by key, of events after a position. */
  arrived(id: string, after = ""): Readonly<Record<string, readonly string[]>> {
    const first = eventIdOf(after.padStart(20, "0"), 99_999);
    return Object.fromEntries(
      [...firstArrivals(this.sink(id).arrivals)]
        .map(([key, ids]) => [key, ids.filter((each) => each > first)] as const)
        .filter(([, ids]) => ids.length > 0)
        .sort(([one], [other]) => one < other ? -1 : 1),
    );
  }

  /** A listener got what the log has for it since a position, in its order, and nothing else. */
  check(id: string, letters: string, after: string): void {
    const wanted = this.expected(letters, after);
    const sorted = Object.fromEntries(
      Object.entries(wanted).sort(([one], [other]) => one < other ? -1 : 1),
    );
    assert.deepEqual(this.arrived(id, after), sorted, `what ${id} got`);
  }

  /** Names of the processes that hold the lane of a listener. */
  holders(id: string): readonly string[] {
    return this.crew.running.flatMap(({ process, services }) => {
      const lanes = services === null ? [] : Context.get(services, Outbound).lanes();
      return lanes.some(({ name, isHeld }) => name === laneOf(news, id) && isHeld)
        ? [process.name]
        : [];
    });
  }
}
