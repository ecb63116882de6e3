/** What really stands in the database, read without any of the faults. */
import { Effect } from "effect";
import type { Item, Location } from "../../src/catalog/catalog.ts";
import type { Channel } from "../../src/channel/channel.ts";
import type { StockRow } from "../../src/stock/stock.ts";
import type { OrderDocument } from "../../src/order/document.ts";
import { orders } from "../../src/order/definition.ts";
import { type TimerDocument, timerName } from "../../src/store/documents.ts";
import { below } from "../../src/kernel/key.ts";
import { KvStore } from "../../src/store/kv.ts";
import { entryPartKey, unpackEntry, wholeEntry } from "../../src/store/log-entry.ts";
import type { LogEntry } from "../../src/store/log.ts";
import { forEachPage } from "../../src/store/pages.ts";
import { type Entry, Store } from "../../src/store/store.ts";
import { type Key } from "../../src/kernel/key.ts";
import { valueOf } from "../../src/store/values.ts";
import { verify } from "../../src/verify/verify.ts";
import type { Aggregate } from "../../src/subject/aggregate.ts";
import { supplyBalance } from "../../src/supply/balance.ts";
import { supplyFamily, type SupplyLink } from "../../src/supply/keys.ts";
import type { AggregateState } from "../../src/subject/state.ts";
import type { Saved } from "../../src/subject/reference.ts";
import { type SubjectList, Subjects } from "../../src/subject/subject.ts";
import { subjects } from "../../src/subjects.ts";
import type { VerifyReport } from "../../src/verify/report.ts";

/** An aggregate as it stands in the store. */
export interface Standing {
  readonly definition: Aggregate;
  readonly state: AggregateState;
}

type SupplyRow = ReturnType<typeof supplyBalance.empty>;

export interface Truth {
  readonly log: readonly LogEntry[];
  /** Aggregates of all kinds but orders. */
  readonly others: readonly Standing[];
  readonly documents: readonly OrderDocument[];
  readonly rows: readonly StockRow[];
  readonly items: readonly Item[];
  readonly locations: readonly Location[];
  readonly channels: readonly Channel[];
  readonly timers: readonly {
    readonly dueMs: number;
    readonly name: string;
    readonly timer: TimerDocument;
  }[];
  readonly backorders: readonly { readonly sku: string; readonly orderId: string }[];
  /** Units on their way, as the store's rows and keys have them. */
  readonly expected: readonly SupplyRow[];
  readonly supplies: readonly SupplyLink[];
  readonly references: number;
  /** Documents with a lane each, by the name of their reference. */
  readonly withLanes: ReadonlyMap<string, readonly Saved[]>;
}

const pageSize = 500;

const all = Effect.fnUntraced(function* <A>(prefix: Key, decode: (entry: Entry) => A) {
  const store = yield* Store;
  const found: A[] = [];
  yield* forEachPage(
    store,
    { ...below(prefix), limit: pageSize },
    (entries) => Effect.sync(() => void found.push(...entries.map(decode))),
  );
  return found;
});

const values = <A>(
  prefix: Key,
  unpack?: (stored: string) => A,
  partKey?: (n: number, stamp: string) => Key,
) =>
  Effect.flatMap(
    all(prefix, (entry) => entry),
    (entries) =>
      Effect.forEach(entries, (entry) =>
        Effect.map(valueOf<A>(entry, unpack, partKey), (stored) => {
          if (stored === null) throw new Error(`no value at ${JSON.stringify(entry.key)}`);
          return { key: entry.key, value: stored.value };
        })),
  );

const othersIn = Effect.fnUntraced(function* (list: SubjectList) {
  const found: Standing[] = [];
  for (const definition of list.aggregates.values()) {
    if (definition.name === orders.name) continue;
    const prefix = [String(definition.key("")[0])];
    for (const { value } of yield* values(prefix, (text) => definition.codec.unpack(text))) {
      found.push({ definition, state: value.state });
    }
  }
  return found;
});

const withLanesIn = Effect.fnUntraced(function* (list: SubjectList) {
  const found = new Map<string, readonly Saved[]>();
  for (const reference of list.references.values()) {
    if (list.outboxesOf(reference).length === 0) continue;
    const documents = yield* values<Saved>([reference.family]);
    found.set(reference.name, documents.map(({ value }) => value));
  }
  return found;
});

const readTruth = Effect.fnUntraced(function* (list: SubjectList) {
  const log = yield* values(
    ["log"],
    (text) => wholeEntry(list, unpackEntry(list, text)),
    entryPartKey,
  );
  const timers = yield* all(["timer"], (entry) => entry);
  return {
    log: log.map(({ key, value }): LogEntry => ({ position: String(key[1]), ...value })),
    others: yield* othersIn(list),
    documents: (yield* values(["order"], orders.codec.unpack)).map(({ value }) => value),
    rows: (yield* values<StockRow>(["stock"])).map(({ value }) => value),
    items: (yield* values<Item>(["item"])).map(({ value }) => value),
    locations: (yield* values<Location>(["location"])).map(({ value }) => value),
    channels: (yield* values<Channel>(["channel"])).map(({ value }) => value),
    timers: yield* Effect.forEach(
      timers,
      (entry) =>
        Effect.map(valueOf<TimerDocument>(entry), (stored) => {
          if (stored === null) throw new Error(`no timer at ${JSON.stringify(entry.key)}`);
          const timer = stored.value;
          return { dueMs: Number(entry.key[1]), name: timerName(entry.key, timer), timer };
        }),
    ),
    backorders: yield* all(["backordered"], ({ key }) => ({
      sku: String(key[1]),
      orderId: String(key[3]),
    })),
    expected: (yield* values<SupplyRow>([supplyBalance.family])).map(({ value }) => value),
    supplies: (yield* values<SupplyLink>([supplyFamily])).map(({ value }) => value),
    references: (yield* all(["reference"], ({ key }) => key)).length,
    withLanes: yield* withLanesIn(list),
  } satisfies Truth;
});

const over = <A, E>(kv: Deno.Kv, effect: Effect.Effect<A, E, Store>): Promise<A> =>
  Effect.runPromise(Effect.provide(effect, KvStore.over(kv, { path: ":memory:" })));

export const truthOf = (kv: Deno.Kv, list: SubjectList = subjects): Promise<Truth> =>
  over(kv, readTruth(list));

export const verifyOf = (kv: Deno.Kv, list: SubjectList): Promise<VerifyReport> =>
  over(kv, Effect.provideService(verify(), Subjects, list));

export const newestPosition = async (kv: Deno.Kv): Promise<string> => {
  const [entry] = await Array.fromAsync(kv.list({ prefix: ["log"] }, { limit: 1, reverse: true }));
  return entry === undefined ? "" : String(entry.key[1]);
};

/** Timers that are due at a time. */
export const dueTimers = async (kv: Deno.Kv, nowMs: number): Promise<number> => {
  const due = kv.list({ start: ["timer", 0], end: ["timer", nowMs + 1, ""] }, { limit: 1 });
  return (await Array.fromAsync(due)).length;
};

/** Calls of payment providers that are due at a time. */
export const dueCalls = async (kv: Deno.Kv, nowMs: number): Promise<number> => {
  const due = kv.list({ start: ["provider_call", 0], end: ["provider_call", nowMs + 1, ""] }, {
    limit: 1,
  });
  return (await Array.fromAsync(due)).length;
};
