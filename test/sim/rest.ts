/** What must be so once everything has come to rest: in the database, and in each engine. */
import { timerOwner } from "../../src/store/documents.ts";
import { Context, Effect, type Exit, Result } from "effect";
import { Catalog } from "../../actors/catalog/catalog.ts";
import { References } from "../../actors/reference/references.ts";
import { poolOf } from "../../src/channel/channel.ts";
import { locations } from "../../src/catalog/references.ts";
import type { EngineServices } from "../../actors/engine.ts";
import { Indexes } from "../../actors/index/indexes.ts";
import { Inventory } from "../../actors/stock/inventory.ts";
import { Ledger } from "../../actors/ledger/ledger.ts";
import { LogTail } from "../../actors/log/log-tail.ts";
import { Queries } from "../../actors/order/queries.ts";
import { Outbound } from "../../actors/outbound/outbound.ts";
import { Status } from "../../actors/status/status.ts";
import { Books } from "../../actors/balance/books.ts";
import { stockBalance } from "../../src/stock/balance.ts";
import { supplyBalance } from "../../src/supply/balance.ts";
import { availableUnits } from "../../src/stock/stock.ts";
import { decide } from "../../src/order/decide.ts";
import { noRules } from "../../src/order/return-policy.ts";
import {
  type FulfillmentOrderStatus,
  fulfillmentOrderStatuses,
  type Order,
  type OrderEvent,
  type OrderStatus,
  orderStatuses,
} from "../../src/order/order.ts";
import { sameJson } from "../../src/verify/same.ts";
import type { Cluster, Life } from "./cluster.ts";
import type { ShownStatus } from "../../api/status/shown.ts";
import type { Truth } from "./truth.ts";

/** Whether a process has seen everything up to a position and has nothing left to do. */
export const hasCaughtUp = ({ services }: Life, position: string): boolean => {
  if (services === null) return false;
  const followers = Context.get(services, LogTail).followers();
  const lanes = Context.get(services, Outbound).lanes();
  return Context.get(services, LogTail).position() >= position &&
    Context.get(services, Status).position() >= position &&
    Context.get(services, Indexes).position() >= position &&
    [...followers.values()].every((at) => at >= position) &&
    lanes.every(({ messages }) => messages === 0);
};

/** In these a fulfillment order has handed out or given up what it was promised. */
const holdsNothing: readonly FulfillmentOrderStatus[] = [
  "shipped",
  "collected",
  "delivered",
  "rejected",
  "cancelled",
];

const eventsOf = (decided: ReturnType<typeof decide>): readonly OrderEvent[] =>
  Result.isSuccess(decided) ? decided.success : [];

/** Further than clocks are off, and than they go once all is quiet: it was to come by every clock. */
const surelyToComeMs = 9 * 24 * 3_600_000;

/** Units on their way that nobody is promised. */
const freeSupplyOf = ({ expected, supplies }: Truth, nowMs: number) => {
  const free = new Map(
    expected.map((row) => [`${row.space} ${row.row}`, supplyBalance.available(row)]),
  );
  return {
    supply: (sku: string) =>
      supplies.filter((each) => each.sku === sku && each.dueMs > nowMs + surelyToComeMs)
        .map((each) => ({ ...each, availableMs: each.dueMs })),
    expected: (locationId: string, supplyId: string) => free.get(`${locationId} ${supplyId}`) ?? 0,
  };
};

/** Orders that wait although what they wait for is there, or could be promised them. */
const neglected = (truth: Truth, nowMs: number): readonly string[] => {
  const available = new Map(
    truth.rows.map((row) => [`${row.locationId} ${row.sku}`, availableUnits(row)]),
  );
  const facts = {
    now: "2030-01-01T00:00:00.000Z",
    by: "system",
    locations: truth.locations,
    item: () => null,
    available: (locationId: string, sku: string) => available.get(`${locationId} ${sku}`) ?? 0,
    ...freeSupplyOf(truth, nowMs),
    isAwaited: () => false,
    lotUnits: () => 0,
    setAside: () => 0,
    returnRules: () => noRules,
    provider: () => null,
    stockRowsPerCommit: 1_000,
    locationsPerCommit: 1_000,
    keyBytesPerCommit: 1_000_000,
  };
  return truth.documents.flatMap(({ state: order }) => {
    // Whoever rejected the order does not get it again just because he still has the goods.
    const channel = poolOf(truth.channels, order.channel, truth.locations);
    const filled = decide(order, { type: "fill", locationId: "" }, { ...facts, channel });
    const promised = decide(order, { type: "promise" }, { ...facts, channel });
    const missed = JSON.stringify(eventsOf(promised));
    return [
      ...eventsOf(filled).length > 0 ? [`rest: ${order.id} waits for what is there`] : [],
      ...eventsOf(promised).length > 0
        ? [`rest: ${order.id} could be promised ${missed} at ${nowMs}`]
        : [],
    ];
  });
};

/** What an order still wants to get out of a location: no row says this, only the order does. */
const promisedBy = (order: Order): readonly (readonly [place: string, units: number])[] =>
  order.fulfillmentOrders
    .filter(({ status, locationId }) => locationId !== null && !holdsNothing.includes(status))
    .flatMap(({ locationId, lines }) =>
      lines.flatMap(({ lineId, sku, quantity, shipped }) => {
        const { components } = order.lines.find(({ id }) => id === lineId) ?? {};
        return (components ?? [{ sku, quantity: 1 }]).map((part) =>
          [`${locationId} ${part.sku}`, (quantity - shipped) * part.quantity] as const
        );
      })
    );

/**
 * Units that are promised and not there, from what orders say and what was counted. Stated without the engine's
 * own words for it, which would agree with themselves.
 */
const oversold = ({ rows, documents }: Truth): readonly string[] => {
  const promised = new Map<string, number>();
  for (const { state: order } of documents) {
    for (const [place, units] of promisedBy(order)) {
      promised.set(place, (promised.get(place) ?? 0) + units);
    }
  }
  const there = new Map(rows.map((row) => [`${row.locationId} ${row.sku}`, row]));
  return [...new Set([...promised.keys(), ...there.keys()])].flatMap((place) => {
    const units = promised.get(place) ?? 0;
    const { onHand = 0, unavailable = 0 } = there.get(place) ?? {};
    return units < 0 || onHand < 0 || unavailable < 0 || units + unavailable > onHand
      ? [`rest: ${place}: ${units} promised and ${unavailable} set aside of ${onHand}`]
      : [];
  });
};

export const checkStore = (truth: Truth, nowMs: number): readonly string[] => {
  const violations = [...neglected(truth, nowMs), ...oversold(truth)];
  for (const { state: order } of truth.documents) {
    if (order.allocating) violations.push(`rest: ${order.id} is still being allocated`);
    if (order.cancelling !== undefined) violations.push(`rest: ${order.id} is being cancelled`);
  }
  for (const { dueMs, timer } of truth.timers) {
    if (dueMs <= nowMs) violations.push(`rest: a timer of ${timerOwner(timer)} is overdue`);
  }
  return violations;
};

const counted = <Name extends string>(names: readonly Name[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
};

const withoutZeros = (counts: Readonly<Record<string, number>> | undefined) =>
  Object.fromEntries(Object.entries(counts ?? {}).filter(([, count]) => count !== 0));

const listAll = Effect.fnUntraced(function* (status: OrderStatus) {
  const page = yield* (yield* Queries).orders({ status: [status] });
  const ids: string[] = [];
  let hasMore = true;
  while (hasMore) {
    const { data, nextCursor } = yield* page(50);
    ids.push(...data.map(({ state: order }) => order.id));
    hasMore = nextCursor !== null;
  }
  return ids;
});

/** Everything that one process says of the state of things. */
const account = Effect.gen(function* () {
  const books = yield* Books;
  const book = books.bookOf(stockBalance);
  const ledger = yield* Ledger;
  yield* ledger.drained;
  // What is in memory is current once this process has looked.
  yield* ledger.refreshBalances;
  const snapshot: ShownStatus = yield* (yield* Status).snapshot({});
  const levels = yield* (yield* Inventory).levels({ limit: 200 });
  const rows = levels.flatMap(({ locationId, sku }) => {
    const row = book.row(locationId, sku);
    return row === undefined ? [] : [row];
  });
  const catalog = yield* Catalog;
  const everywhere = yield* (yield* References).all(locations);
  const items = yield* catalog.items(levels.map(({ sku }) => sku));
  return { held: books.size().held, snapshot, levels, rows, locations: everywhere, items };
});
type Account = Effect.Success<typeof account>;

/** The lists come from the store, so one process speaks for all. */
const lists = Effect.gen(function* () {
  const ids: Record<string, readonly string[]> = {};
  for (const status of orderStatuses) ids[status] = yield* listAll(status);
  return ids;
});

const recount = (orders: readonly Order[]) => ({
  orders: counted(orders.map(({ status }) => status)),
  fulfillment: counted(
    orders.flatMap(({ fulfillmentOrders }) => fulfillmentOrders.map(({ status }) => status)),
  ),
});

const compare = (name: string, said: Account, truth: Truth): readonly string[] => {
  const violations: string[] = [];
  const same = (what: string, left: unknown, right: unknown) => {
    if (!sameJson(left, right)) {
      violations.push(
        `rest: ${name}: ${what}: ${JSON.stringify(left)} is not ${JSON.stringify(right)}`,
      );
    }
  };
  const orders = truth.documents.map(({ state: order }) => order);
  const counts = recount(orders);
  const { snapshot } = said;
  same("orders by status", withoutZeros(snapshot.orders?.byStatus), counts.orders);
  const known = fulfillmentOrderStatuses.map((status): [string, number] => [
    status,
    snapshot.fulfillmentOrders?.byStatus[status] ?? 0,
  ]);
  same(
    "fulfillment orders by status",
    withoutZeros(Object.fromEntries(known)),
    counts.fulfillment,
  );
  const exceptions = orders.flatMap(({ shipments }) => shipments)
    .filter(({ status }) => status === "exception").length;
  same("delivery exceptions", snapshot.shipments?.exception ?? 0, exceptions);
  const sum = (field: "onHand" | "reserved") =>
    truth.rows.reduce((units, row) => units + row[field], 0);
  same("units on hand", snapshot.units?.onHand ?? 0, sum("onHand"));
  same("units reserved", snapshot.units?.reserved ?? 0, sum("reserved"));
  same("held rows", said.held, 0);
  // Every fault here passes: none of them may be taken for an entry's own fault.
  same("set aside", snapshot.setAside, []);
  for (const row of said.rows) {
    const there = truth.rows.find(({ locationId, sku }) =>
      locationId === row.locationId && sku === row.sku
    );
    same("a row in memory", row, there);
  }
  same("locations", said.locations, truth.locations);
  for (const [sku, item] of said.items) {
    same("an item", item, truth.items.find((each) => each.sku === sku) ?? null);
  }
  return violations;
};

const ask = <A, E>(
  cluster: Cluster,
  life: Life,
  effect: Effect.Effect<A, E, EngineServices>,
): Promise<Exit.Exit<A, E>> => new Promise((resolve) => cluster.request(life, effect, resolve));

const compareLists = (
  said: Readonly<Record<string, readonly string[]>>,
  { documents }: Truth,
): readonly string[] =>
  orderStatuses.flatMap((status) => {
    const listed = said[status] ?? [];
    const there = documents.filter(({ state: order }) => order.status === status)
      .map(({ state: order }) => order.id);
    return sameJson(listed.toSorted(), there.toSorted())
      ? []
      : [`rest: the list of ${status} orders has ${listed.length} of ${there.length}`];
  });

const silent = (name: string, { cause }: Exit.Failure<unknown, unknown>): readonly string[] => [
  `rest: ${name} cannot say how things are: ${cause}`,
];

export const checkEngines = async (
  cluster: Cluster,
  truth: () => Promise<Truth>,
): Promise<readonly string[]> => {
  const accounts: { readonly name: string; readonly exit: Exit.Exit<Account, unknown> }[] = [];
  for (const life of cluster.running) {
    accounts.push({ name: life.process.name, exit: await ask(cluster, life, account) });
  }
  const [speaker] = cluster.running;
  const listed = speaker === undefined ? null : await ask(cluster, speaker, lists);
  const there = await truth();
  return [
    ...accounts.flatMap(({ name, exit }) =>
      exit._tag === "Success" ? compare(name, exit.value, there) : silent(name, exit)
    ),
    ...(listed === null
      ? ["rest: no process runs"]
      : listed._tag === "Success"
      ? compareLists(listed.value, there)
      : silent("the list of orders", listed)),
  ];
};
