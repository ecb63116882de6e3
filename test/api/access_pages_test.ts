/**
 * Every list, followed from page to page with keys of every role and scope: what comes is what an admin's key
 * sees of the scope, all of it and nothing else, also behind a cursor that another key was given.
 */
import assert from "node:assert/strict";
import { routes } from "../../api/routes.ts";
import type { Scope } from "../../src/kernel/principal.ts";
import { orderIdOfReturn, orderIdOfShipment } from "../../src/order/ids.ts";
import { expected, expectedStatus, type Holder, holdersOn } from "./access_rules.ts";
import { eventually } from "../process/process.ts";
import { digital, rare, Stage } from "./generated/stage.ts";
import type { Json } from "../support/server.ts";

const channels = ["web", "app"] as const;
const places = ["ams", "ber"] as const;
/** Of each channel at each location. */
const ordersEach = 3;
const limit = 2;
const mostPages = 200;

type RowOf = Readonly<Record<string, unknown>>;

interface List {
  readonly operationId: string;
  readonly path: string;
  /** Each is a list of its own. */
  readonly queries: readonly string[];
  /** Whether a key of the scope sees the row. Lists of one thing are seen whole, or that is not there. */
  readonly sees: (row: RowOf, scope: Scope) => boolean;
  /** Parameters that must not name what is not the key's. */
  readonly names?: readonly ("channel" | "locationId")[];
}

const isOf = (value: unknown, scope: string | undefined): boolean =>
  scope === undefined || value === scope;

const locationsOf = (row: RowOf): readonly unknown[] =>
  (row["fulfillmentOrders"] as readonly RowOf[]).map(({ locationId }) => locationId);

const all = (): boolean => true;

interface Seeds {
  /** Channels of orders, by their id. */
  readonly channelOf: ReadonlyMap<string, string>;
  /** Of web and ams. */
  readonly orderId: string;
  readonly importId: string;
  readonly webhookId: string;
  readonly reservationId: string;
  /** To ams, from a place of nobody's. */
  readonly transferId: string;
  /** To ams. */
  readonly purchaseOrderId: string;
  /** Where orders that wait have a part, by their id. */
  readonly waitingAt: ReadonlyMap<string, string>;
}

/** Purchase orders to ams and ber, and transfers between these and a place of nobody's. */
const makeSupply = async (stage: Stage) => {
  let [transferId, purchaseOrderId] = ["", ""];
  for (let n = 0; n < ordersEach; n++) {
    await stage.freshPurchaseOrder("ber");
    purchaseOrderId = await stage.freshPurchaseOrder("ams");
    await stage.freshTransfer("ber", "cdg", "requested");
    await stage.freshTransfer("ams", "ber", "shipped");
    transferId = await stage.freshTransfer("cdg", "ams", "shipped");
  }
  return { transferId, purchaseOrderId };
};

/** Endpoints of scopes of their own; the last one was told of some orders of web and ams. */
const makeWebhooks = async (stage: Stage, orders: Json[]): Promise<string> => {
  const json = { url: "https://hooks.example.com/in", types: ["order.*"] };
  for (const scope of [{}, ...channels.map((channel) => ({ channel })), { locationId: "ber" }]) {
    const made = await stage.ask("/v1/admin/keys", {
      json: { name: "webhooks", role: "operations", scope },
    });
    await stage.ask("/v1/webhooks", { json, key: String(made.body["key"]) });
  }
  await stage.freshWebhook();
  const webhookId = await stage.freshWebhook();
  for (let n = 0; n < ordersEach; n++) orders.push(await stage.freshOrder({ locationId: "ams" }));
  await eventually("deliveries", async () => {
    const { body } = await stage.ask(`/v1/webhooks/${webhookId}/deliveries`);
    return [...body["data"]].length >= 2 * ordersEach || null;
  });
  return webhookId;
};

/** With a part that no location has. */
const placeMixed = async (stage: Stage, channel: string): Promise<Json> => {
  const unitPrice = { amount: "1.00", currency: "USD" };
  const line = { quantity: 1, unitPrice };
  const { body } = await stage.ask("/v1/orders", {
    json: {
      ...{ channel, externalId: stage.newName("mixed"), currency: "USD" },
      customer: { id: "cus_1", name: "Ada Example" },
      shippingAddress: { country: "NL" },
      lines: [
        { ...line, sku: "mug", fulfillment: { method: "ship", locationId: "ams" } },
        { ...line, sku: digital, fulfillment: { method: "digital" } },
      ],
    },
  });
  return body;
};

const importRows = async (stage: Stage, channel: string): Promise<string> => {
  const rows = Array.from({ length: 5 }, () => `${stage.newName("row")},mug,none,1.00,Ada`);
  const { body } = await stage.ask(`/v1/imports/orders?channel=${channel}&mapping=plain`, {
    body: ["order,sku,quantity,price,customer", ...rows, ""].join("\n"),
    headers: { "content-type": "text/csv" },
  });
  await stage.importEnded(String(body["id"]));
  return String(body["id"]);
};

/** Of each channel at each location; the one that is answered has a history of some pages. */
const makeReservations = async (
  stage: Stage,
  channelOf: Map<string, string>,
): Promise<string> => {
  for (let n = 0; n < ordersEach; n++) {
    for (const channel of channels) {
      for (const locationId of places) {
        channelOf.set(await stage.freshReservation({ channel, locationId }), channel);
      }
    }
  }
  const id = await stage.freshReservation();
  channelOf.set(id, "web");
  for (let n = 1; n <= 2; n++) {
    await stage.ask(`/v1/reservations/${id}/extend`, { json: { expiresInSeconds: 900 + n } });
  }
  await stage.ask(`/v1/reservations/${id}/release`, { json: {} });
  return id;
};

/** Some lots at each location; one of them came several times, to both. */
const makeLots = async (stage: Stage): Promise<void> => {
  await stage.ask("/v1/items/milk", { method: "PUT", json: { name: "Milk", tracking: "lot" } });
  for (const lotId of ["A", "B", "C", "A", "A"]) {
    for (const locationId of places) {
      const changes = [{ sku: "milk", delta: 1, lotId }];
      const { status, text } = await stage.ask("/v1/inventory/adjustments", {
        json: { locationId, reason: "received", changes },
      });
      assert.equal(status, 200, text);
    }
  }
};

const lotLists: readonly List[] = [
  {
    operationId: "listLots",
    path: "/v1/lots",
    queries: ["", "sku=milk"],
    sees: (row, { locationId }) => isOf(row["locationId"], locationId),
    names: ["locationId"],
  },
  {
    operationId: "traceLot",
    path: "/v1/lots/milk/A/trace",
    queries: [""],
    sees: (row, { locationId }) => isOf(row["locationId"], locationId),
  },
];

const makeBackorders = async (
  stage: Stage,
  channelOf: Map<string, string>,
): Promise<ReadonlyMap<string, string>> => {
  const waitingAt = new Map<string, string>();
  for (let n = 0; n < ordersEach; n++) {
    for (const channel of channels) {
      for (const locationId of places) {
        const orderId = await stage.freshBackorder({ channel, locationId });
        waitingAt.set(orderId, locationId);
        channelOf.set(orderId, channel);
      }
    }
  }
  return waitingAt;
};

const seed = async (stage: Stage): Promise<Seeds> => {
  const channelOf = new Map<string, string>();
  const orders: Json[] = [];
  const importIds: string[] = [];
  for (let n = 0; n < ordersEach; n++) {
    for (const channel of channels) {
      for (const locationId of places) {
        orders.push(await stage.freshOrder({ channel, locationId }));
        const shipmentId = await stage.freshException({ channel, locationId });
        channelOf.set(orderIdOfShipment(shipmentId) ?? "", channel);
        const returnId = await stage.freshReturn([], { channel, locationId });
        channelOf.set(orderIdOfReturn(returnId) ?? "", channel);
        const { orderId } = await stage.freshPayment("promised", "manual", { channel, locationId });
        channelOf.set(orderId, channel);
      }
      orders.push(await placeMixed(stage, channel));
      importIds.push(await importRows(stage, channel));
    }
  }
  for (const channel of ["web", "app", "shop"]) {
    await stage.ask(`/v1/messages/channels/${channel}`, { method: "PUT", json: {} });
  }
  for (const channel of [...channels, "kiosk"]) {
    await stage.ask(`/v1/return-policies/${channel}`, { method: "PUT", json: { windowDays: 90 } });
    await stage.ask(`/v1/channels/${channel}`, { method: "PUT", json: {} });
  }
  for (const id of ["one", "two", "three"]) {
    await stage.ask(`/v1/calendars/${id}`, { method: "PUT", json: { week: {} } });
    await stage.ask(`/v1/carriers/${id}`, { method: "PUT", json: { name: id } });
  }
  await makeLots(stage);
  const webhookId = await makeWebhooks(stage, orders);
  for (const { id, channel } of orders) channelOf.set(String(id), String(channel));
  return {
    ...{ channelOf, orderId: String(orders[0]?.id), importId: importIds[0] ?? "", webhookId },
    reservationId: await makeReservations(stage, channelOf),
    ...await makeSupply(stage),
    waitingAt: await makeBackorders(stage, channelOf),
  };
};

const supplyLists = ({ transferId, purchaseOrderId }: Seeds): readonly List[] => [
  {
    operationId: "listPurchaseOrders",
    path: "/v1/purchase-orders",
    queries: ["", "status=open", "sku=mug", "supplierId=potter"],
    sees: (row, { locationId }) => isOf(row["locationId"], locationId),
    names: ["locationId"],
  },
  {
    operationId: "listPurchaseOrderEvents",
    path: `/v1/purchase-orders/${purchaseOrderId}/events`,
    queries: [""],
    sees: all,
  },
  {
    operationId: "listTransfers",
    path: "/v1/transfers",
    queries: ["", "status=requested,in_transit", "sku=mug"],
    sees: (row, { locationId }) =>
      locationId === undefined || row["from"] === locationId || row["to"] === locationId,
    names: ["locationId"],
  },
  {
    operationId: "listTransferEvents",
    path: `/v1/transfers/${transferId}/events`,
    queries: [""],
    sees: all,
  },
];

const listsOf = (seeds: Seeds): readonly List[] => [
  ...supplyLists(seeds),
  ...lotLists,
  ...otherLists(seeds),
];

const otherLists = (
  { channelOf, orderId, importId, webhookId, reservationId, waitingAt }: Seeds,
): readonly List[] => [
  {
    operationId: "listOrders",
    path: "/v1/orders",
    queries: [
      "",
      "status=allocated",
      "customerId=cus_1",
      "sku=mug",
      "placedAfter=2020-01-01T00:00:00Z",
      "status=allocated,held,shipped",
      "updatedAfter=2020-01-01T00:00:00Z",
    ],
    sees: (row, { channel, locationId }) =>
      isOf(row["channel"], channel) &&
      (locationId === undefined || locationsOf(row).includes(locationId)),
    names: ["channel", "locationId"],
  },
  {
    operationId: "listBackorders",
    path: "/v1/backorders",
    queries: [`sku=${rare}`],
    sees: (row, { channel, locationId }) =>
      isOf(row["channel"], channel) && isOf(waitingAt.get(String(row["orderId"])), locationId),
  },
  {
    operationId: "listOrderEvents",
    path: `/v1/orders/${orderId}/events`,
    queries: [""],
    sees: all,
  },
  ...(["listInvoices", "listCreditMemos"] as const).map((operationId) => ({
    operationId,
    path: operationId === "listInvoices" ? "/v1/invoices" : "/v1/credit-memos",
    queries: [`orderId=${orderId}`],
    sees: all,
  })),
  {
    operationId: "listFulfillmentOrders",
    path: "/v1/fulfillment-orders",
    queries: [
      ...["", "queue=true", "status=open", "status=delivered", "status=open,delivered"],
      "updatedAfter=2020-01-01T00:00:00Z",
    ],
    sees: (row, { channel, locationId }) =>
      isOf(row["channel"], channel) && isOf(row["locationId"], locationId),
    names: ["locationId"],
  },
  {
    operationId: "listDeliveryExceptions",
    path: "/v1/delivery-exceptions",
    queries: ["", "carrier=DHL"],
    sees: (row, { channel, locationId }) =>
      isOf(row["channel"], channel) &&
      isOf((row["shipment"] as RowOf)["locationId"], locationId),
    names: ["locationId"],
  },
  {
    operationId: "listReturns",
    path: "/v1/returns",
    queries: [
      "",
      "status=requested",
      "status=requested,closed",
      "updatedAfter=2020-01-01T00:00:00Z",
    ],
    sees: (row, { channel, locationId }) =>
      isOf(row["channel"], channel) && isOf(row["locationId"], locationId),
    names: ["locationId"],
  },
  {
    operationId: "listReturnPolicies",
    path: "/v1/return-policies",
    queries: [""],
    sees: all,
  },
  {
    operationId: "listChannels",
    path: "/v1/channels",
    queries: [""],
    sees: (row, { channel }) => isOf(row["id"], channel),
  },
  ...(["listCalendars", "listCarriers"] as const).map((operationId) => ({
    operationId,
    path: operationId === "listCalendars" ? "/v1/calendars" : "/v1/carriers",
    queries: [""],
    sees: all,
  })),
  {
    operationId: "listPayments",
    path: "/v1/payments",
    queries: ["", "status=promised", "status=captured,promised"],
    sees: (row, { channel, locationId }) =>
      isOf(row["channel"], channel) && locationId === undefined,
  },
  { operationId: "listProviders", path: "/v1/providers", queries: [""], sees: all },
  {
    operationId: "listStock",
    path: "/v1/inventory",
    queries: ["", "sku=mug"],
    sees: (row, { locationId }) => isOf(row["locationId"], locationId),
    names: ["locationId"],
  },
  {
    operationId: "listStockChanges",
    path: "/v1/inventory/ams/mug/history",
    queries: [""],
    sees: (row, { channel }) => {
      const owner = row["owner"] as { readonly id: string } | null;
      return channel === undefined || owner !== null && channelOf.get(owner.id) === channel;
    },
  },
  { operationId: "listLocations", path: "/v1/locations", queries: [""], sees: all },
  { operationId: "listItems", path: "/v1/items", queries: [""], sees: all },
  { operationId: "listMessageChannels", path: "/v1/messages/channels", queries: [""], sees: all },
  { operationId: "listImportMappings", path: "/v1/imports/mappings", queries: [""], sees: all },
  {
    operationId: "listImports",
    path: "/v1/imports",
    queries: [""],
    sees: (row, { channel }) => isOf(row["channel"], channel),
    names: ["channel"],
  },
  {
    operationId: "listImportResults",
    path: `/v1/imports/${importId}/results`,
    queries: ["", "outcome=rejected"],
    sees: all,
  },
  { operationId: "listKeys", path: "/v1/admin/keys", queries: [""], sees: all },
  {
    operationId: "listWebhooks",
    path: "/v1/webhooks",
    queries: [""],
    sees: (row, { channel, locationId }) => {
      const scope = row["scope"] as Scope;
      return isOf(scope.channel, channel) && isOf(scope.locationId, locationId);
    },
  },
  {
    operationId: "listWebhookDeliveries",
    path: `/v1/webhooks/${webhookId}/deliveries`,
    queries: ["", "outcome=delivered", "outcome=waiting", "outcome=failed"],
    sees: all,
  },
  {
    operationId: "listReservations",
    path: "/v1/reservations",
    queries: ["", "status=active", "status=active,released"],
    sees: (row, { channel, locationId }) =>
      isOf(row["channel"], channel) &&
      (locationId === undefined || JSON.stringify(row["allocations"]).includes(`"${locationId}"`)),
    names: ["channel"],
  },
  {
    operationId: "listReservationEvents",
    path: `/v1/reservations/${reservationId}/events`,
    queries: [""],
    sees: all,
  },
  { operationId: "listStockFeeds", path: "/v1/stock-feeds", queries: [""], sees: all },
];

const targetOf = ({ path }: List, query: string, more = ""): string =>
  `${path}?${[query, `limit=${limit}`, more].filter((part) => part !== "").join("&")}`;

interface Walked {
  readonly rows: readonly RowOf[];
  /** As the pages gave them. */
  readonly cursors: readonly string[];
}

const walk = async (stage: Stage, list: List, query: string, key: string): Promise<Walked> => {
  const rows: RowOf[] = [];
  const cursors: string[] = [];
  for (let pages = 0; pages < mostPages; pages++) {
    const last = cursors.at(-1);
    const target = targetOf(list, query, last === undefined ? "" : `cursor=${last}`);
    const { status, body, text } = await stage.server.ask(target, { key });
    assert.equal(status, 200, `${target}: ${text}`);
    const page = [...body.data] as unknown as readonly RowOf[];
    assert.ok(page.length <= limit, target);
    rows.push(...page);
    if (body.nextCursor === null) return { rows, cursors };
    cursors.push(String(body.nextCursor));
  }
  throw new Error(`${list.path} has no end`);
};

/** The other value of a parameter than the key's own. */
const otherThan = (own: string, among: readonly string[]): string =>
  among.find((each) => each !== own) ?? "";

const checkNames = async (
  stage: Stage,
  list: List,
  { key, scope }: Holder,
  cursor: string,
): Promise<void> => {
  for (const name of list.names ?? []) {
    const own = scope[name];
    if (own === undefined) continue;
    const other = otherThan(own, name === "channel" ? channels : places);
    for (const more of [`${name}=${other}`, `${name}=${other}&cursor=${cursor}`]) {
      const { status } = await stage.server.ask(targetOf(list, "", more), { key });
      assert.equal(status, 403, `${list.path} ${more}`);
    }
  }
};

/** A key of a location is told of no invoices and credit memos of an order. */
const told = <Row extends object>(row: Row, { locationId }: Scope): Row => {
  if (locationId === undefined) return row;
  const { invoices: _, creditMemos: __, ...rest } = row as Row & Readonly<Record<string, unknown>>;
  return rest as unknown as Row;
};

const checkHolder = async (
  stage: Stage,
  list: List,
  query: string,
  whole: Walked,
  holder: Holder,
): Promise<void> => {
  const { role, scope, key } = holder;
  const rules = expected[list.operationId];
  assert.ok(rules !== undefined, list.operationId);
  const what = `${role} ${JSON.stringify(scope)} ${list.path}?${query}`;
  const wanted = expectedStatus(rules, role, scope);
  if (wanted !== null) {
    for (const more of ["", ...whole.cursors.slice(0, 1).map((cursor) => `cursor=${cursor}`)]) {
      const { status } = await stage.server.ask(targetOf(list, query, more), { key });
      assert.equal(status, wanted, `${what} ${more}`);
    }
    return;
  }
  const mine = whole.rows.filter((row) => list.sees(row, scope)).map((row) => told(row, scope));
  const { rows } = await walk(stage, list, query, key);
  assert.deepEqual(rows, mine, what);
  for (const cursor of whole.cursors.slice(0, 3)) {
    const target = targetOf(list, query, `cursor=${cursor}`);
    const { status, body, text } = await stage.server.ask(target, { key });
    // Some cursors say of which list they are.
    if (status === 422) continue;
    assert.equal(status, 200, `${what}: ${text}`);
    const foreign = [...body.data].filter((row) => !list.sees(row as unknown as RowOf, scope));
    assert.deepEqual(foreign, [], `${what} behind a foreign cursor`);
  }
  await checkNames(stage, list, holder, whole.cursors[0] ?? "");
};

Deno.test("every list that goes on is followed here", () => {
  const lists = listsOf({
    ...{ channelOf: new Map(), orderId: "", importId: "", webhookId: "" },
    ...{ transferId: "", purchaseOrderId: "", reservationId: "", waitingAt: new Map() },
  });
  const paged = routes.filter(({ query }) =>
    query !== null && "fields" in query &&
    "cursor" in (query.fields as object)
  );
  assert.deepEqual(
    lists.map(({ operationId }) => operationId).sort(),
    paged.map(({ operationId }) => operationId).sort(),
  );
});

Deno.test("no page of a list shows what is of another scope, and together they show all of one's own", async () => {
  const stage = await Stage.set();
  try {
    const seeds = await seed(stage);
    await stage.settled();
    const holders = await holdersOn(stage);
    for (const list of listsOf(seeds)) {
      for (const query of list.queries) {
        const whole = await walk(stage, list, query, stage.key);
        if (list.sees !== all) {
          assert.ok(whole.cursors.length > 0, `${list.path}?${query} has a second page`);
        }
        for (const holder of holders) await checkHolder(stage, list, query, whole, holder);
      }
    }
  } finally {
    await stage.close();
  }
});
