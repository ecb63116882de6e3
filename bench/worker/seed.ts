/**
 * Fills a store with orders as fast as the store takes them, as the engine would have written them: one
 * order goes through the engine's own decisions and encodings, and the others are copies with ids of their
 * own. `verify` holds them to everything.
 */
import { orderKeys } from "../../src/order/keys.ts";
import { locationPartition, stockKey } from "../../src/stock/keys.ts";
import { shelfPartition } from "../../src/store/keys.ts";
import { createHash } from "node:crypto";
import { Effect, Layer, ManagedRuntime, Result } from "effect";
import { indexConsumer } from "../../actors/index/indexes.ts";
import { changeWrites } from "../../actors/aggregate/change-writes.ts";
import { foldEvents } from "../../actors/aggregate/decision.ts";
import { orders } from "../../src/order/definition.ts";
import { replenishConsumer } from "../../actors/order/replenish.ts";
import { Status, statusConsumer } from "../../actors/status/status.ts";
import { orderIds } from "../../src/order/ids.ts";
import { instantOf } from "../../src/kernel/instant.ts";
import { orderLimits } from "../../src/order/limits.ts";
import { indexLimits } from "../../src/store/limits.ts";
import { capture } from "../../src/order/capture.ts";
import { decide } from "../../src/order/decide.ts";
import { fingerprintText } from "../../src/order/fingerprint.ts";
import { noRules } from "../../src/order/return-policy.ts";
import type { PlaceOrderRequest } from "../../src/order/request.ts";
import { StatusCounters } from "../../src/status/counters.ts";
import { keys } from "../../src/store/keys.ts";
import { KvStore } from "../../src/store/kv.ts";
import { joinRecords, packEntry, packRecords } from "../../src/store/log-entry.ts";
import type { OrderRecord } from "../../src/order/record.ts";
import {
  encodePage,
  entryOf,
  postingKey,
  type PostingList,
  postingList,
} from "../../src/store/postings.ts";
import { type Commit, type Mutation, Store, type Versionstamp } from "../../src/store/store.ts";
import {
  decodeJson,
  encodeJson,
  packText,
  packValue,
  readValue,
  splitValue,
} from "../../src/store/values.ts";
import type { StockRow } from "../../src/stock/stock.ts";
import { orderStream } from "../traffic/orders.ts";
import { prepareEngine, startEngine } from "./engine.ts";
import { listChangesOf, orderLists } from "../../src/order/lists.ts";
import { subjects } from "../../src/subjects.ts";
import type { Contender } from "./protocol.ts";

const ordersPerCommit = 350;
const customersPerCommit = 700;
const customers = 1_000;
const sku = "bench-hot-0";
const locationId = "bench-hot";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

const smallOrder = (request: PlaceOrderRequest): PlaceOrderRequest => ({
  ...request,
  lines: request.lines.slice(0, 1),
});

const tailOf = (id: string) => id.slice("ord_".length);

/** A text in which some words stand for others: cut once, filled as often as needed. */
export class Mold {
  readonly #pieces: readonly string[];
  /** After each piece but the last, the number of the word that follows. */
  readonly #words: readonly number[];

  constructor(text: string, words: readonly string[]) {
    const pieces: string[] = [];
    const found: number[] = [];
    let start = 0;
    for (let at = 0; at < text.length;) {
      const word = words.findIndex((each) => text.startsWith(each, at));
      if (word < 0) at++;
      else {
        pieces.push(text.slice(start, at));
        found.push(word);
        at += words[word]?.length ?? 1;
        start = at;
      }
    }
    this.#pieces = [...pieces, text.slice(start)];
    this.#words = found;
  }

  fill(words: readonly string[]): string {
    let text = this.#pieces[0] ?? "";
    for (let i = 0; i < this.#words.length; i++) {
      text += (words[this.#words[i] ?? 0] ?? "") + (this.#pieces[i + 1] ?? "");
    }
    return text;
  }
}

/** The time over which the stored orders came, and what of them came from files of earlier ones. */
export interface SeededHistory {
  /** The last was made now, the first so long ago. */
  readonly spanMs: number;
  /** Each so-manieth was placed before it was made, up to so long; 0: none. */
  readonly importedEvery: number;
  readonly placedBeforeMs: number;
}

/** The texts of one order, and what in them is its own. */
interface Template {
  readonly id: string;
  readonly request: PlaceOrderRequest;
  readonly record: OrderRecord;
  readonly fingerprintText: Mold;
  readonly documentText: Mold;
  readonly recordText: Mold;
}

const unwrap = <A>(result: Result.Result<A, unknown>): A => {
  if (Result.isFailure(result)) throw new Error(`Not placed: ${JSON.stringify(result.failure)}`);
  return result.success;
};

/** Times stand in texts as numbers and, where a request says one, as it says it. */
const timesOf = (madeMs: number, placedMs: number): readonly string[] => [
  String(madeMs),
  ...(placedMs === madeMs ? [] : [String(placedMs - madeMs), instantOf(placedMs)]),
];

const templateOf = (request: PlaceOrderRequest, nowMs: number, placedMs: number): Template => {
  const id = orderIds.of(nowMs, 0, "zzzzzzzzzz");
  const now = instantOf(nowMs);
  const fingerprint = sha256(fingerprintText(request));
  const { order, contact } = unwrap(
    capture(request, { id, now, fingerprint, items: new Map(), knownLocation: () => true }),
  );
  const events = unwrap(
    decide(order, { type: "place" }, {
      now,
      by: "system",
      locations: [{ id: locationId, active: true }],
      item: () => null,
      available: () => 1,
      supply: () => [],
      expected: () => 0,
      isAwaited: () => false,
      lotUnits: () => 0,
      setAside: () => 0,
      returnRules: () => noRules,
      provider: () => null,
      stockRowsPerCommit: orderLimits.stockRowsPerCommit,
      locationsPerCommit: 1,
      keyBytesPerCommit: 64_000,
    }),
  );
  const folded = foldEvents(orders, order, events, now, subjects.merge);
  const { writes, record } = changeWrites(orders, {
    stored: null,
    after: { ...folded.state, version: 1 },
    personal: contact,
    events,
    balances: folded.balances,
    now,
    by: "system",
  }, { valueBytes: 65_000, settings: { autoCloseAfterMs: 0 } });
  const document = writes.find(({ key }) => key[0] === "order");
  if (document?.type !== "set") throw new Error("An order was placed without its document.");
  const own = [
    ...[tailOf(id), request.externalId, request.customer.id ?? "", fingerprint],
    ...timesOf(nowMs, placedMs),
  ];
  return {
    id,
    request,
    record: record as OrderRecord,
    fingerprintText: new Mold(fingerprintText(request), own),
    documentText: new Mold(new TextDecoder().decode(document.value), own),
    recordText: new Mold(packRecords(subjects, [record]), own),
  };
};

interface Copy {
  readonly template: Template;
  readonly id: string;
  readonly externalId: string;
  readonly customerId: string;
  readonly fingerprint: string;
  readonly madeMs: number;
  readonly placedMs: number;
}

const wordsOf = (copy: Copy): readonly string[] => [
  tailOf(copy.id),
  copy.externalId,
  copy.customerId,
  copy.fingerprint,
  ...timesOf(copy.madeMs, copy.placedMs),
];

/** The lists of a copy, by those of its template: only some values are its own. */
const listedAs = (dimension: string, value: string, copy: Copy): string =>
  dimension === orderLists.customer.name
    ? copy.customerId
    : dimension === orderLists.placedApart.name
    ? instantOf(copy.placedMs).slice(0, value.length)
    : value;

/** Fills posting lists in pages of ids, ascending. */
class Pages {
  readonly #lists = new Map<
    string,
    { readonly list: PostingList; ids: string[]; first: boolean }
  >();

  add(list: PostingList, id: string): Mutation[] {
    const name = `${list.dimension} ${list.value}`;
    let page = this.#lists.get(name);
    if (page === undefined) this.#lists.set(name, page = { list, ids: [], first: true });
    page.ids.push(id);
    if (page.ids.length < indexLimits.idsPerPage) return [];
    const full = pageWrite(page);
    page.ids = [];
    page.first = false;
    return [full];
  }

  rest(): Mutation[] {
    return [...this.#lists.values()].filter(({ ids }) => ids.length > 0)
      .map(pageWrite);
  }
}

/** The first page of a list is named by the empty string, the others by their first id. */
const pageWrite = (
  { list, ids, first }: {
    readonly list: PostingList;
    readonly ids: readonly string[];
    readonly first: boolean;
  },
): Mutation => ({
  type: "set",
  key: postingKey(list, first ? "" : ids[0] ?? ""),
  value: encodePage(ids),
});

/** The time of the commit: that of its last order. */
const timeOf = (copies: readonly Copy[]) => instantOf(copies.at(-1)?.madeMs ?? 0);

class Seeder {
  readonly #template: Template;
  readonly #imported: Template;
  readonly #pages = new Pages();
  readonly #startMs: number;
  #reserved = 0;

  constructor(
    private readonly store: Store["Service"],
    private readonly orders: number,
    private readonly run: string,
    private readonly history: SeededHistory,
    nowMs: number,
    private readonly counters: StatusCounters,
    private readonly row: StockRow,
  ) {
    const order = smallOrder(orderStream("hot", run).order(0));
    const request = {
      ...order,
      externalId: `${run}-template`,
      customer: { ...order.customer, id: "cus_template" },
    };
    this.#startMs = nowMs - history.spanMs;
    const placedMs = this.#startMs - history.placedBeforeMs;
    this.#template = templateOf(request, this.#startMs, this.#startMs);
    this.#imported = templateOf(
      { ...request, placedAt: instantOf(placedMs) },
      this.#startMs,
      placedMs,
    );
  }

  #copy(n: number): Copy {
    const { spanMs, importedEvery, placedBeforeMs } = this.history;
    const madeMs = this.#startMs + Math.floor(n * spanMs / this.orders);
    const isImported = importedEvery > 0 && n % importedEvery === 0;
    // Spread over the years before, and never just when it is made.
    const earlierMs = 3_600_000 + n * 7_919 % 1_000 / 1_000 * placedBeforeMs;
    const copy = {
      template: isImported ? this.#imported : this.#template,
      id: orderIds.of(madeMs, 0, String(n).padStart(10, "0")),
      externalId: `${this.run}-${n}`,
      customerId: `cus_${n % customers}`,
      fingerprint: "",
      madeMs,
      placedMs: isImported ? Math.floor(madeMs - earlierMs) : madeMs,
    };
    return { ...copy, fingerprint: sha256(copy.template.fingerprintText.fill(wordsOf(copy))) };
  }

  /** The commit of some orders; its stock rows count all orders before it. */
  #ordersCommit(copies: readonly Copy[], commitId: string): Commit {
    const mutations: Mutation[] = [];
    const encoder = new TextEncoder();
    for (const copy of copies) {
      const { id, externalId, fingerprint, template } = copy;
      mutations.push(
        {
          type: "set",
          key: orderKeys.order(id),
          value: encoder.encode(template.documentText.fill(wordsOf(copy))),
        },
        {
          type: "set",
          key: orderKeys.reference(template.request.channel, externalId),
          value: encodeJson({ orderId: id, fingerprint }),
        },
      );
    }
    this.#reserved += copies.length;
    const row: StockRow = { ...this.row, reserved: this.row.reserved + this.#reserved };
    mutations.push({ type: "set", key: stockKey(locationId, sku), value: encodeJson(row) });
    for (const name of [shelfPartition(0), locationPartition(locationId)]) {
      mutations.push({
        type: "set",
        key: keys.fence(name),
        value: encodeJson({ commits: [commitId] }),
      });
    }
    const records = copies.map((copy) => copy.template.recordText.fill(wordsOf(copy)));
    const at = timeOf(copies);
    const log = splitValue(
      packText(packEntry({ commitId, at }, joinRecords(records))),
      {
        valueBytes: this.store.limits.valueBytes,
        stamp: commitId,
        previousParts: 0,
        partKey: (n, stamp) => keys.logPart(stamp, n),
      },
    );
    return { checks: [], mutations: [...mutations, ...log.mutations], log: log.head };
  }

  #indexWrites(copies: readonly Copy[]): Mutation[] {
    return copies.flatMap((copy) =>
      listChangesOf(copy.template.record).flatMap(({ dimension, value, id }) => {
        const list = postingList(
          subjects.dimensionOf(dimension),
          listedAs(dimension, value, copy),
        );
        const own = id.replace(tailOf(copy.template.id), tailOf(copy.id));
        return this.#pages.add(list, entryOf(list, own));
      })
    );
  }

  async #commit(commit: Commit): Promise<Versionstamp> {
    const result = await Effect.runPromise(this.store.commit(commit));
    if (!result.ok) throw new Error("A commit without checks was refused.");
    return result.versionstamp;
  }

  /** Made while the batch before is being written; written in turn, so that rows and log only grow. */
  async #seedBatch(first: number, before: Promise<void>): Promise<void> {
    const count = Math.min(ordersPerCommit, this.orders - first);
    const copies = Array.from({ length: count }, (_, i) => this.#copy(first + i));
    const commitId = `${this.run}-${first}`;
    const commit = this.#ordersCommit(copies, commitId);
    const indexes = this.#indexWrites(copies);
    await before;
    const position = await this.#commit(commit);
    this.counters.apply({
      position,
      commitId,
      at: timeOf(copies),
      records: copies.map(({ template }) => template.record),
    });
    await this.#writeIndexes(indexes);
  }

  async #writeIndexes(mutations: readonly Mutation[]): Promise<void> {
    for (let i = 0; i < mutations.length; i += customersPerCommit) {
      await this.#commit({ checks: [], mutations: mutations.slice(i, i + customersPerCommit) });
    }
  }

  async fill(): Promise<void> {
    let before = Promise.resolve();
    for (let first = 0; first < this.orders; first += ordersPerCommit) {
      const batch = this.#seedBatch(first, before);
      await before;
      before = batch;
    }
    await before;
    await this.#writeIndexes(this.#pages.rest());
    await this.#saveConsumers();
  }

  async #saveConsumers(): Promise<void> {
    const { position } = this.counters;
    const key = keys.cursor(statusConsumer);
    const { head, mutations } = splitValue(packValue(this.counters.save()), {
      valueBytes: this.store.limits.valueBytes,
      stamp: position,
      previousParts: 0,
      partKey: (n) => keys.part(key, n),
    });
    await this.#commit({
      checks: [],
      mutations: [
        ...[indexConsumer, replenishConsumer].map((consumer): Mutation => ({
          type: "set",
          key: keys.cursor(consumer),
          value: encodeJson({ position }),
        })),
        { type: "set", key, value: head },
        ...mutations,
      ],
    });
  }
}

/** As many as a millisecond has one, all of them placed when they are made. */
const atOnce = (orders: number): SeededHistory => ({
  spanMs: orders,
  importedEvery: 0,
  placedBeforeMs: 0,
});

export const openSeed = async (
  path: string,
  orders: number,
  run: string,
  history: SeededHistory = atOnce(orders),
): Promise<Contender> => {
  const handle = ManagedRuntime.make(KvStore.layer({ path }));
  const store = await handle.runPromise(Store);
  const engine = startEngine(Layer.succeed(Store, store), 1);
  await prepareEngine(engine, orderStream("hot", run).plan);
  // A snapshot waits until all that was committed is counted.
  await engine.runPromise(Effect.flatMap(Status, (status) => status.snapshot({})));
  await engine.dispose();
  const { value } = await handle.runPromise(store.get(stockKey(locationId, sku)));
  const saved = await handle.runPromise(readValue<unknown>(keys.cursor(statusConsumer)));
  const counters = saved === null ? null : StatusCounters.from(saved.value, subjects);
  if (value === null || counters === null) throw new Error("The engine left no stock behind.");
  await new Seeder(
    store,
    orders,
    run,
    history,
    Date.now(),
    counters,
    decodeJson<StockRow>(value),
  ).fill();
  await handle.dispose();
  return {
    measure: () => Promise.reject(new Error("This only fills a store.")),
    close: () => {},
  };
};
