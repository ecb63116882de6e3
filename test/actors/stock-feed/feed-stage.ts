/** Processes with the lane of a stock feed, stock that changes, and what its other end was told. */
import assert from "node:assert/strict";
import { Effect, Exit } from "effect";
import { feedDeliveryBy } from "../../../actors/stock-feed/feed-sink.ts";
import { laneOfFeed } from "../../../actors/stock-feed/stock-feeds.ts";
import type { LogTail } from "../../../actors/log/log-tail.ts";
import { Outbound } from "../../../actors/outbound/outbound.ts";
import { References } from "../../../actors/reference/references.ts";
import type { StockFeed } from "../../../src/stock-feed/feed.ts";
import { feedLanes } from "../../../src/stock-feed/outbox.ts";
import { stockFeeds } from "../../../src/stock-feed/references.ts";
import { stockFeed as feedSubject } from "../../../src/stock-feed/subject.ts";
import { below } from "../../../src/kernel/key.ts";
import { systemPrincipal } from "../../../src/kernel/principal.ts";
import type { LanePlace } from "../../../src/outbound/place.ts";
import type { LaneState } from "../../../src/outbound/state.ts";
import { stockKey } from "../../../src/stock/keys.ts";
import type { StockRecord } from "../../../src/stock/record.ts";
import { applyDelta, emptyRow, type StockDelta, stockDelta } from "../../../src/stock/stock.ts";
import type { StockRow } from "../../../src/stock/stock.ts";
import { keys } from "../../../src/store/keys.ts";
import { type Entry, Store } from "../../../src/store/store.ts";
import { decodeJson, encodeJson } from "../../../src/store/values.ts";
import type { Described } from "../../../src/subject/reference.ts";
import { documentOutbox } from "../../../src/subject/reactor.ts";
import { SubjectList } from "../../../src/subject/subject.ts";
import { subjects } from "../../../src/subjects.ts";
import type { DatabaseOptions } from "../../sim/database.ts";
import { Chance } from "../../sim/random.ts";
import { availableIn, keptOf, toldBy, type ToldLevels } from "../../sim/levels.ts";
import { Sink } from "../../sim/sink.ts";
import { commitRecords } from "../log-fixture.ts";
import { outboundLayer } from "../outbound/lane-stage.ts";
import { Crew } from "../reactors/crew.ts";

export interface FeedStageOptions {
  readonly kv: Deno.Kv;
  readonly seed: number;
  readonly members: number;
  readonly placed?: DatabaseOptions["placed"];
}

type Services = LogTail | Outbound | References;

/** So that a run takes minutes, not days. */
const retryAfterMs = [200, 400, 800, 1_600, 3_200, 5_000];

const hastened = new SubjectList([
  ...subjects.subjects.filter((each) => each !== feedSubject),
  { ...feedSubject, reactors: [documentOutbox({ ...feedLanes, retryAfterMs })] },
]);

const described: Described<StockFeed> = {
  ...{ id: "shop", url: "https://example.com/stock", locationIds: ["ams", "ber"], buffer: 0 },
  ...{ minIntervalMs: 0, batchSize: 100, description: "", enabled: true, disabled: null },
  madeBy: "key_somebody",
  secrets: [{
    sealed: { k: "00000000", iv: "", data: "" },
    ...{ createdAt: "2026-01-01T00:00:00.000Z", endsAt: null },
  }],
};

export class FeedStage {
  readonly crew: Crew<Services>;
  readonly sink: Sink;
  readonly rows = new Map<string, StockRow>();
  #document: Described<StockFeed> = described;
  #position = "";
  #version = 0;

  constructor(options: FeedStageOptions) {
    const { kv, seed, members, placed } = options;
    const chance = new Chance(seed);
    const names = chance.fork();
    this.sink = new Sink(chance.fork());
    this.crew = new Crew<Services>({
      ...{ kv, chance, members, callMs: 5_000 },
      ...(placed === undefined ? {} : { placed }),
      layer: (process) => {
        const own = feedDeliveryBy(({ id: key }, { id, body }) =>
          this.sink.send(process, { id, key, body })
        );
        return outboundLayer(
          hastened,
          Effect.map(own, (delivery) => ({ [feedLanes.name]: delivery })),
          names.fork(),
        );
      },
    });
  }

  /** Commits changes of stock as one entry of the log, with the rows as they are then. */
  async change(...deltas: readonly StockDelta[]): Promise<string> {
    const at = "2026-01-01T00:00:00.000Z";
    for (const delta of deltas) {
      const { locationId, sku } = delta;
      const name = `${locationId} ${sku}`;
      this.rows.set(name, applyDelta(this.rows.get(name) ?? emptyRow(locationId, sku), delta));
    }
    const records = [...Map.groupBy(deltas, ({ locationId }) => locationId)].map(
      ([locationId, stock]): StockRecord => ({
        ...{ kind: "stock", type: "stock.adjusted", at, by: "system", locationId },
        ...{ reason: "test", stock },
      }),
    );
    const mutations = [...this.rows.values()]
      .filter(({ locationId, sku }) =>
        deltas.some((delta) => delta.locationId === locationId && delta.sku === sku)
      )
      .map((row) => ({
        type: "set" as const,
        key: stockKey(row.locationId, row.sku),
        value: encodeJson(row),
      }));
    this.#position = await this.crew.direct(commitRecords(records, { mutations }));
    return this.#position;
  }

  /** So many units of a SKU come or go. */
  move(locationId: string, sku: string, onHand: number): Promise<string> {
    return this.change(stockDelta(locationId, sku, { onHand }));
  }

  async save(more: Partial<StockFeed> = {}): Promise<void> {
    this.#document = { ...this.#document, ...more };
    const document = this.#document;
    const { value } = await this.ask(
      Effect.flatMap(
        References,
        (references) => references.save(stockFeeds, document, { by: systemPrincipal }),
      ),
    );
    this.#version = value.version;
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

  lane(): Promise<LaneState> {
    return this.ask(Effect.flatMap(Outbound, (outbound) => outbound.lane(laneOfFeed("shop"))));
  }

  async cursor(): Promise<Pick<LanePlace, "position" | "waiting" | "version"> | null> {
    const { value } = await this.crew.direct(
      Effect.flatMap(Store, (store) => store.get(keys.cursor(laneOfFeed("shop")))),
    );
    return value === null ? null : decodeJson(value);
  }

  laneRows(family: string): Promise<readonly Entry[]> {
    const range = { ...below([family, laneOfFeed("shop")]), limit: 1_000 };
    return this.crew.direct(Effect.flatMap(Store, (store) => store.list(range)));
  }

  /** Whether it is told of everything, changed or swept. */
  async isAtRest(): Promise<boolean> {
    const cursor = await this.cursor();
    return cursor !== null && cursor.position >= this.#position && cursor.waiting === 0 &&
      cursor.version === this.#version && (await this.laneRows("waiting_message")).length === 0 &&
      (await this.laneRows("lane_request")).length === 0;
  }

  async rest(): Promise<void> {
    await this.crew.until(() => this.isAtRest(), "everything is told", 2_000);
  }

  told(): readonly ToldLevels[] {
    return this.sink.arrivals.map(toldBy);
  }

  /** What was told of a SKU, in the order in which it arrived. */
  toldOf(sku: string): readonly number[] {
    return this.told().flatMap(({ levels }) =>
      levels.filter((level) => level.sku === sku).map(({ available }) => available)
    );
  }

  /** The other end has of each SKU what is so now, and knows of no others; what it does not have is none. */
  check(): void {
    const kept = keptOf(this.told());
    const there = availableIn(this.rows.values(), this.#document);
    for (const sku of kept.keys()) assert.ok(there.has(sku), `${sku} is none of its SKUs`);
    const told = [...there.keys()].map((sku) => [sku, kept.get(sku) ?? 0]);
    assert.deepEqual(told, [...there]);
  }
}
