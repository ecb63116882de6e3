/** What must be so when everybody runs again and has come to rest: in the store, in each engine, for each client. */
import { orderView } from "../../../api/order/views.ts";
import { levelOf } from "../../../actors/stock/levels.ts";
import { orderLimits } from "../../../src/order/limits.ts";
import { type Order, orderStatuses } from "../../../src/order/order.ts";
import { sameJson } from "../../../src/verify/same.ts";
import { checkHistory, type LogFacts, logFacts } from "../../sim/history.ts";
import { checkStore } from "../../sim/rest.ts";
import { newestPosition, type Truth, truthOf } from "../../sim/truth.ts";
import type { Answer, EngineProcess } from "../process.ts";
import { type Engines, pause } from "./engines.ts";
import { isOrderRecord } from "../../../src/order/record.ts";
import { type HttpOperation, shownOverHttp } from "./http.ts";

/** How long everything may take to come to rest. */
const longestRestMs = 60_000;
const restLookMs = 250;
const requestsAtOnce = 32;

const inLanes = async <A>(
  items: readonly A[],
  look: (item: A) => Promise<readonly string[]>,
): Promise<readonly string[]> => {
  const violations: string[] = [];
  const left = items.values();
  const lane = async () => {
    for (const item of left) violations.push(...await look(item));
  };
  await Promise.all(Array.from({ length: requestsAtOnce }, lane));
  return violations;
};

/** All things of a list, page by page. */
const listAll = async (engine: EngineProcess, path: string): Promise<readonly Answer["body"][]> => {
  const found: Answer["body"][] = [];
  let cursor = "";
  do {
    const { status, body, text } = await engine.ask(`${path}&limit=200${cursor}`);
    if (status !== 200) throw new Error(`${path}: ${text}`);
    found.push(...body["data"]);
    cursor = body["nextCursor"] === null ? "" : `&cursor=${body["nextCursor"]}`;
  } while (cursor !== "");
  return found;
};

/** What one engine says of the state of things, against what stands in the store. */
const checkEngine = async (
  name: string,
  engine: EngineProcess,
  { documents, rows }: Truth,
): Promise<readonly string[]> => {
  const violations: string[] = [];
  const same = (what: string, said: unknown, there: unknown) => {
    if (sameJson(said, there)) return;
    const texts = [said, there].map((value) => JSON.stringify(value).slice(0, 300));
    violations.push(`rest: ${name}: ${what}: ${texts.join(" is not ")}`);
  };
  for (const status of orderStatuses) {
    const listed = await listAll(engine, `/v1/orders?status=${status}`);
    const there = documents.filter(({ state: order }) => order.status === status);
    same(
      `the list of ${status} orders`,
      listed.map(({ id }) => String(id)).sort(),
      there.map(({ state: order }) => order.id).sort(),
    );
  }
  const levels = await listAll(engine, "/v1/inventory?");
  same("stock", levels, rows.map((row) => levelOf(row, 0)));
  const { body } = await engine.ask("/v1/status");
  const counts = Object.entries(body["orders"]?.["byStatus"] ?? {})
    .filter(([, count]) => Number(count) > 0);
  const recounted = Object.entries(Object.groupBy(documents, ({ state: order }) => order.status));
  same(
    "orders by status",
    Object.fromEntries(counts),
    Object.fromEntries(recounted.map(([status, some]) => [status, some.length])),
  );
  const ofOrders = await inLanes(documents, async (document) => {
    const { id, version } = document.state;
    const found = await engine.ask(`/v1/orders/${id}`);
    const isSame = found.status === 200 && found.headers.get("etag") === `"${version}"` &&
      sameJson(found.body, JSON.parse(JSON.stringify(orderView(document))));
    return isSame ? [] : [`rest: ${name}: it does not show ${id} as it is: ${found.status}`];
  });
  return [...violations, ...ofOrders];
};

const checkRest = async (
  engines: Engines,
  kv: Deno.Kv,
  nowMs: number,
): Promise<readonly string[]> => {
  const before = await newestPosition(kv);
  const truth = await truthOf(kv);
  const violations = [...checkStore(truth, nowMs)];
  if (violations.length > 0) return violations;
  for (const { name, engine } of engines.slots) {
    violations.push(
      ...engine === null ? [`rest: ${name} does not run`] : await checkEngine(name, engine, truth),
    );
  }
  return before === await newestPosition(kv) ? violations : ["rest: the log still grows"];
};

/** Waits until nothing moves any more; answers with what is wrong even then. */
export const comeToRest = async (
  engines: Engines,
  kv: Deno.Kv,
  nowMs: () => number,
): Promise<readonly string[]> => {
  const deadlineMs = performance.now() + longestRestMs;
  while (true) {
    const violations = await checkRest(engines, kv, nowMs());
    if (violations.length === 0 || performance.now() > deadlineMs) return violations;
    await pause(restLookMs);
  }
};

/** By answers alone: what was acknowledged is there, and there once. */
const checkAcknowledged = (
  operations: readonly HttpOperation[],
  facts: LogFacts,
  { documents }: Truth,
): readonly string[] => {
  const violations: string[] = [];
  const orders = new Map(documents.map(({ state: order }) => [order.id, order]));
  const shipments = documents.flatMap(({ state: order }) => order.shipments);
  const twice = <A>(values: readonly A[]) => values.length - new Set(values).size;
  const numbers = documents.map(({ state: order }) => `${order.channel} ${order.externalId}`);
  if (twice(numbers) > 0) violations.push("kept: two orders have one number");
  if (twice(shipments.map(({ id }) => id)) > 0) violations.push("kept: a shipment is there twice");
  for (const { id, request, answers } of operations) {
    for (const { answer } of answers) {
      if (answer.type !== "state") continue;
      const order = orders.get(answer.state.id);
      const wrong = (what: string) => violations.push(`kept: ${id}: ${what} ${answer.state.id}`);
      if (order === undefined) {
        wrong("the acknowledged order is gone:");
        continue;
      }
      if (order.version < answer.state.version) wrong("the store has an older version of");
      if (request.type === "place" && request.order.externalId !== order.externalId) {
        wrong("it was told of another order:");
      }
      if (request.type !== "command") continue;
      const events = (facts.effects.get(id) ?? []).flatMap(({ records }) => records)
        .flatMap((record) => isOrderRecord(record) ? record.events : []);
      if (request.command.type === "ship") {
        const made = events.flatMap((event) =>
          event.type === "shipment.created" ? [event.shipment.id] : []
        );
        const kept = order.shipments.filter((shipment) => made.includes(shipment.id));
        if (made.length !== 1 || kept.length !== 1) {
          wrong(`${made.length} shipments were made, ${kept.length} are kept, of`);
        }
      }
      if (request.command.type === "cancel") {
        const made = events.filter(({ type }) => type === "order.cancelled");
        if (made.length !== 1) wrong(`${made.length} cancellations were made of`);
        if (!isStillCancelled(answer.state.body, order)) wrong("a cancellation is gone from");
      }
    }
  }
  return violations;
};

interface CancelledView {
  readonly status: string;
  readonly lines: readonly { readonly id: string; readonly cancelled: number }[];
}

const isStillCancelled = (shown: unknown, order: Order): boolean => {
  const { status, lines } = shown as CancelledView;
  const isWhole = status !== "cancelled" || order.status === "cancelled";
  return isWhole &&
    lines.every(({ id, cancelled }) =>
      order.lines.some((line) => line.id === id && line.cancelled >= cancelled)
    );
};

/** Fences beside those of locations: the order's shelf and the one of the idempotency key. */
const fencesBesideLocations = 2;
const checksOfFileStore = 100;

/** The log, replayed, gives every answer that was given; and what was acknowledged is in the store. */
export const checkAnswers = async (
  operations: readonly HttpOperation[],
  kv: Deno.Kv,
): Promise<readonly string[]> => {
  const truth = await truthOf(kv);
  const facts = logFacts(truth.log, operations);
  const contacts = new Map(
    truth.documents.map(({ state: order, personal: contact }) => [order.id, contact]),
  );
  return [
    ...checkAcknowledged(operations, facts, truth),
    ...checkHistory(truth.log, facts, operations, {
      ...shownOverHttp(contacts),
      appliedAt: new Map(),
      stockRowsPerCommit: orderLimits.stockRowsPerCommit,
      locationsPerCommit: checksOfFileStore - fencesBesideLocations,
      keyBytesPerCommit: Number.POSITIVE_INFINITY,
    }),
  ];
};
