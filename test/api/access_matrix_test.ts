/**
 * Every role on every route, in and out of its scope. All requests are about things of the channel web and the
 * location ams. Pages of lists are followed in `access_pages_test.ts`.
 */
import assert from "node:assert/strict";
import { routes } from "../../api/routes.ts";
import { orderFor } from "../support/server.ts";
import {
  expected,
  expectedStatus,
  type Holder,
  holdersOn,
  isElsewhere,
  type Row,
  type Rule,
  success,
} from "./access_rules.ts";
import { send } from "./generated/call.ts";
import type { Operation } from "./generated/document.ts";
import { type Action, rare, signedByBank, Stage } from "./generated/stage.ts";

interface Question {
  readonly path: string;
  readonly json?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The list's rows that are of web and ams; asked of answers to lists. */
  readonly holds?: (body: unknown) => boolean;
  /** The same list asked for by name. */
  readonly byName?: { readonly channel?: string; readonly location?: string };
  /** Where the thing can be looked at, so that a refusal is seen to leave it alone. */
  readonly thing?: string;
}

const here = { channel: "web", locationId: "ams" };

const onOrder = (more: string, json?: unknown) => async (stage: Stage): Promise<Question> => {
  const { id } = await stage.freshOrder(here);
  const thing = `/v1/orders/${id}`;
  if (more === "/release") await stage.ask(`${thing}/hold`, { json: { reason: "x" } });
  return { path: thing + more, json, thing };
};

const onFulfillmentOrder = (action: Action, json: unknown = {}) => async (stage: Stage) => {
  const { id } = await stage.readyFor(action, here);
  const thing = `/v1/fulfillment-orders/${id}`;
  return { path: `${thing}/${action}`, json, thing };
};

/** Asks for one unit of an order that was shipped. */
const onReturns = (end: string, more: object) => async (stage: Stage) => {
  const shipment = await stage.ask(`/v1/shipments/${await stage.freshShipment(here)}`);
  const thing = `/v1/orders/${shipment.body["orderId"]}`;
  const json = { lines: [{ lineId: "1", quantity: 1, reason: "unwanted" }], ...more };
  return { path: `${thing}${end}`, json, thing };
};

const onShipment = (more: string, json?: unknown) => async (stage: Stage) => {
  const thing = `/v1/shipments/${await stage.freshShipment(here)}`;
  return { path: thing + more, json, thing };
};

const onReturn = (
  more: string,
  json?: unknown,
  ...steps: ("authorize" | "ship" | "receive")[]
) =>
async (stage: Stage) => {
  const thing = `/v1/returns/${await stage.freshReturn(steps, here)}`;
  return { path: thing + more, json, thing };
};

const dollars = (amount: string) => ({ amount, currency: "USD" });

const onPayment = (
  more: string,
  status: "authorized" | "promised",
  json?: unknown,
) =>
async (stage: Stage): Promise<Question> => {
  const { id } = await stage.freshPayment(status, "card", here);
  const thing = `/v1/payments/${id}`;
  return { path: thing + more, json, thing };
};

const onDocument = (path: string, prefix: string) => async (stage: Stage): Promise<Question> => {
  const thing = `/v1/${path}/${prefix}_${(await stage.freshCredited(here)).slice(4)}_1`;
  return { path: thing, thing };
};

const edit = {
  reason: "wish",
  changes: [{ type: "set-price", lineId: "1", unitPrice: dollars("3.00") }],
};

/** An order of which 40.00 too much are paid. */
const onOverPaid = (more: string, json: unknown) => async (stage: Stage): Promise<Question> => {
  const { orderId } = await stage.freshPayment("captured", "manual", here);
  const thing = `/v1/orders/${orderId}`;
  await stage.ask(`${thing}/payments`, {
    json: { provider: "manual", amount: dollars("40.00"), status: "captured" },
  });
  return { path: thing + more, json, thing };
};

const hook = { url: "https://hooks.example.com/in", types: ["order.*"] };

const feed = { url: "https://shop.example.com/stock", locationIds: ["ams"] };

const onStockFeed =
  (more: string, ask: object = {}) => async (stage: Stage): Promise<Question> => ({
    path: `/v1/stock-feeds/${await stage.freshStockFeed()}${more}`,
    ...ask,
  });

const onReservation = (more: string, json?: unknown) => async (stage: Stage): Promise<Question> => {
  const thing = `/v1/reservations/${await stage.freshReservation()}`;
  return { path: thing + more, json, thing };
};

const onWebhook = (more: string, json?: unknown) => async (stage: Stage): Promise<Question> => ({
  path: `/v1/webhooks/${await stage.freshWebhook()}${more}`,
  json,
});
const soon = "2030-05-04T08:00:00Z";

const onPurchaseOrder = (more: string, json?: unknown) => async (stage: Stage) => {
  const thing = `/v1/purchase-orders/${await stage.freshPurchaseOrder()}`;
  return { path: thing + more, json, thing };
};

/** Of the location ams, and another that no key is for. */
const onTransfer =
  (more: string, step: "requested" | "shipped", from: string, json?: unknown) =>
  async (stage: Stage) => {
    const to = from === "ams" ? "cdg" : "ams";
    const thing = `/v1/transfers/${await stage.freshTransfer(from, to, step)}`;
    return { path: thing + more, json, thing };
  };

/** Whether a file's documents were made, or had been. */
const wasMade = (body: unknown): boolean =>
  rows(body).every(({ outcome }) => outcome !== "rejected");

let serials = 0;

/** About a new unit at ams, of an item whose units have serials. */
const onTracked =
  (pathOf: (serial: string) => string, byName: Question["byName"] = {}) =>
  async (stage: Stage): Promise<Question> => {
    const serial = `T${++serials}`;
    await stage.ask("/v1/items/tracked", {
      method: "PUT",
      json: { name: "Tracked", tracking: "serial" },
    });
    await stage.ask("/v1/inventory/adjustments", {
      json: {
        ...{ locationId: "ams", reason: "received" },
        changes: [{ sku: "tracked", delta: 1, serials: [serial] }],
      },
    });
    const path = pathOf(serial);
    const isAtAms = (body: unknown) => rows(body).some(({ locationId }) => locationId === "ams");
    return { path, byName, ...(path.startsWith("/v1/lots") ? { holds: isAtAms } : {}) };
  };

const report = { status: "in_transit", occurredAt: "2026-01-05T10:00:00Z" };

const onImport = (more: string) => async (stage: Stage): Promise<Question> => {
  const { body } = await stage.ask("/v1/imports/orders?channel=web&mapping=plain", {
    body: "order,sku,quantity,price,customer\n",
    headers: { "content-type": "text/csv" },
  });
  await stage.importEnded(String(body["id"]));
  return { path: `/v1/imports/${body["id"]}${more}` };
};

const at = (path: string, more: Omit<Question, "path"> = {}) => (): Promise<Question> =>
  Promise.resolve({ path, ...more });

const rows = (body: unknown): readonly Readonly<Record<string, unknown>>[] =>
  (body as { readonly data: readonly Readonly<Record<string, unknown>>[] }).data;

/** A list that holds something of web and ams, and of nobody else. */
const listed = (path: string, byName: Question["byName"] = {}) => async (stage: Stage) => {
  await stage.freshOrder(here);
  await stage.freshOrder({ channel: "app", locationId: "ber" });
  return {
    path,
    byName,
    holds: (body: unknown) =>
      rows(body).some((each) =>
        each["channel"] === "web" && JSON.stringify(each).includes('"ams"')
      ),
  };
};

const stock = { locationId: "ams", reason: "received", changes: [{ sku: "mug", delta: 1 }] };
const place = { name: "Far", type: "store", address: { country: "NL" }, active: false };
const column = (name: string) => ({ column: name });
const mapping = {
  fields: {
    externalId: column("a"),
    sku: column("b"),
    quantity: column("c"),
    unitPrice: column("d"),
    currency: column("e"),
  },
};

const onKey = (json?: unknown) => async (stage: Stage): Promise<Question> => {
  const { body } = await stage.ask("/v1/admin/keys", { json: { name: "old", role: "viewer" } });
  const thing = `/v1/admin/keys/${body["id"]}`;
  return { path: thing, json, thing };
};

let variants = 0;

/** Each in a language of its own. */
const savedTemplate = async (stage: Stage): Promise<string> => {
  const path = `/v1/messages/templates/shipped/nl-v${String(++variants).padStart(6, "0")}`;
  await stage.ask(path, { method: "PUT", json: { subject: "s", html: "h" } });
  return path;
};

const savedChannel = async (stage: Stage): Promise<string> => {
  const path = `/v1/messages/channels/${stage.newName("channel")}`;
  await stage.ask(path, { method: "PUT", json: { enabled: false } });
  return path;
};

const sellingChannel = async (stage: Stage): Promise<string> => {
  const path = "/v1/channels/web";
  await stage.ask(path, { method: "PUT", json: {} });
  return path;
};

/** A request that succeeds when everything is allowed. */
const questions: Readonly<Record<string, (stage: Stage) => Promise<Question>>> = {
  placeOrder: (stage) =>
    Promise.resolve({
      path: "/v1/orders",
      json: orderFor(stage.newName("matrix"), { mug: 1 }, { channel: "web" }),
    }),
  listOrders: listed("/v1/orders", { channel: "channel=web", location: "locationId=ams" }),
  listBackorders: async (stage) => {
    const waiting = await stage.freshBackorder(here);
    await stage.freshBackorder({ channel: "app", locationId: "ber" });
    return {
      path: `/v1/backorders?sku=${rare}&limit=200`,
      holds: (body) => rows(body).some(({ orderId }) => orderId === waiting),
    };
  },
  getOrder: onOrder(""),
  listOrderEvents: onOrder("/events"),
  cancelOrder: onOrder("/cancel", { reason: "wish" }),
  previewCancel: onOrder("/cancel/preview", { reason: "wish" }),
  previewEdit: onOrder("/edits/preview", edit),
  editOrder: onOrder("/edits", edit),
  holdOrder: onOrder("/hold", { reason: "fraud" }),
  releaseOrder: onOrder("/release", {}),
  listFulfillmentOrders: listed("/v1/fulfillment-orders", { location: "locationId=ams" }),
  getFulfillmentOrder: async (stage) => {
    const { id } = await stage.readyFor("accept", here);
    return { path: `/v1/fulfillment-orders/${id}` };
  },
  acceptFulfillmentOrder: onFulfillmentOrder("accept"),
  rejectFulfillmentOrder: onFulfillmentOrder("reject", { reason: "broken" }),
  pickFulfillmentOrder: onFulfillmentOrder("pick"),
  packFulfillmentOrder: onFulfillmentOrder("pack"),
  shipFulfillmentOrder: onFulfillmentOrder("ship", { carrier: "DHL" }),
  readyFulfillmentOrder: onFulfillmentOrder("ready-for-pickup"),
  collectFulfillmentOrder: onFulfillmentOrder("collect"),
  getShipment: onShipment(""),
  listDeliveryExceptions: async (stage) => {
    await stage.freshException(here);
    await stage.freshException({ channel: "app", locationId: "ber" });
    return {
      path: "/v1/delivery-exceptions",
      byName: { location: "locationId=ams" },
      holds: (body) =>
        rows(body).some((each) =>
          each["channel"] === "web" && JSON.stringify(each).includes('"ams"')
        ),
    };
  },
  trackShipment: onShipment("/tracking", report),
  correctShipmentTracking: async (stage) => {
    const thing = `/v1/shipments/${await stage.freshException(here)}`;
    const { body } = await stage.ask(thing);
    const { recordedAt: _, ...was } = body["tracking"]?.[0] ?? {};
    return { path: `${thing}/correct-tracking`, json: { was, reason: "a mistake" }, thing };
  },
  setShipmentTrackingNumbers: onShipment("/set-tracking-numbers", {
    trackingNumbers: ["T1", "T2"],
  }),
  noteShipment: onShipment("/note", { text: "Called the carrier" }),
  reshipShipment: onShipment("/reship", { reason: "lost" }),
  previewReturn: onReturns("/returns/preview", {
    exchange: { lines: [{ basedOn: "1", quantity: 1 }] },
  }),
  requestReturn: onReturns("/returns", {}),
  listReturns: async (stage) => {
    await stage.freshReturn([], here);
    await stage.freshReturn([], { channel: "app", locationId: "ber" });
    return {
      path: "/v1/returns",
      byName: { location: "locationId=ams" },
      holds: (body) =>
        rows(body).some((each) => each["channel"] === "web" && each["locationId"] === "ams"),
    };
  },
  getReturn: onReturn(""),
  authorizeReturn: onReturn("/authorize", {}),
  declineReturn: onReturn("/decline", { reason: "worn" }),
  cancelReturn: onReturn("/cancel", { reason: "keeps it" }),
  shipReturn: onReturn("/ship", { carrier: "DHL" }, "authorize"),
  receiveReturn: onReturn("/receive", {}, "authorize"),
  inspectReturn: onReturn(
    "/inspect",
    { lines: [{ lineId: "1", quantity: 1, disposition: "restock" }] },
    "authorize",
    "receive",
  ),
  closeReturn: onReturn("/close", undefined, "authorize", "ship"),
  saveReturnPolicy: at("/v1/return-policies/web-shop", { json: { windowDays: 14 } }),
  listReturnPolicies: at("/v1/return-policies"),
  getReturnPolicy: async (stage) => {
    const path = "/v1/return-policies/kiosk";
    await stage.ask(path, { method: "PUT", json: { windowDays: 14 } });
    return { path };
  },
  addPayment: onOrder("/payments", {
    ...{ provider: "manual", amount: dollars("40.00"), status: "promised" },
  }),
  listPayments: async (stage) => {
    const { id } = await stage.freshPayment("authorized", "card", here);
    await stage.freshPayment("authorized", "card", { channel: "app", locationId: "ber" });
    return {
      path: "/v1/payments",
      holds: (body) => rows(body).some((each) => each["id"] === id),
    };
  },
  getPayment: onPayment("", "authorized"),
  capturePayment: onPayment("/capture", "authorized", { amount: dollars("3.00") }),
  voidPayment: onPayment("/void", "authorized"),
  recordPayment: onPayment("/record", "promised", {
    ...{ kind: "capture", amount: dollars("3.00"), reference: "statement 7" },
  }),
  resolvePayment: onPayment("/resolve", "promised", {
    ...{ outcome: "succeeded", reference: "there", reason: "seen there" },
  }),
  previewRefund: onOverPaid("/refunds/preview", { amount: dollars("3.00") }),
  refundOrder: onOverPaid("/refunds", { amount: dollars("3.00"), reason: "over-paid" }),
  creditOrder: async (stage) => {
    const thing = `/v1/orders/${await stage.freshAccepted(here)}`;
    return { path: `${thing}/credits`, json: { reason: "came back" }, thing };
  },
  listInvoices: async (stage) => {
    const id = await stage.freshCredited(here);
    return { path: `/v1/invoices?orderId=${id}`, thing: `/v1/orders/${id}` };
  },
  getInvoice: onDocument("invoices", "inv"),
  listCreditMemos: async (stage) => {
    const id = await stage.freshCredited(here);
    return { path: `/v1/credit-memos?orderId=${id}`, thing: `/v1/orders/${id}` };
  },
  getCreditMemo: onDocument("credit-memos", "cre"),
  saveProvider: at("/v1/providers/other", { json: { type: "manual" } }),
  getProvider: at("/v1/providers/card"),
  listProviders: at("/v1/providers"),
  receiveProviderWebhook: (stage) => {
    const text = JSON.stringify({ data: {} });
    const headers = signedByBank(stage.newName("msg"), text);
    return Promise.resolve({ path: "/v1/providers/bank/webhooks", text, headers });
  },
  placePurchaseOrder: at("/v1/purchase-orders", {
    json: { locationId: "ams", expectedAt: soon, lines: [{ sku: "mug", quantity: 1 }] },
  }),
  listPurchaseOrders: async (stage) => {
    const id = await stage.freshPurchaseOrder();
    return {
      path: "/v1/purchase-orders",
      byName: { location: "locationId=ams" },
      holds: (body) => rows(body).some((each) => each["id"] === id),
    };
  },
  importPurchaseOrders: at("/v1/purchase-orders/import", {
    text: `externalId,locationId,sku,quantity,expectedAt\nmatrix,ams,mug,1,${soon}\n`,
    holds: wasMade,
  }),
  getPurchaseOrder: onPurchaseOrder(""),
  listPurchaseOrderEvents: onPurchaseOrder("/events"),
  changePurchaseOrder: onPurchaseOrder("/change", { expectedAt: soon }),
  receivePurchaseOrder: onPurchaseOrder("/receipts", {}),
  closePurchaseOrder: onPurchaseOrder("/close", {}),
  cancelPurchaseOrder: onPurchaseOrder("/cancel", {}),
  requestTransfer: at("/v1/transfers", {
    json: { from: "ams", to: "cdg", expectedAt: soon, lines: [{ sku: "mug", quantity: 1 }] },
  }),
  listTransfers: async (stage) => {
    const id = await stage.freshTransfer("ams", "cdg", "requested");
    return {
      path: "/v1/transfers",
      byName: { location: "locationId=ams" },
      holds: (body) => rows(body).some((each) => each["id"] === id),
    };
  },
  importTransfers: at("/v1/transfers/import", {
    text: `externalId,from,to,sku,quantity,expectedAt\nmatrix,ams,cdg,mug,1,${soon}\n`,
    holds: wasMade,
  }),
  getTransfer: onTransfer("", "requested", "ams"),
  listTransferEvents: onTransfer("/events", "requested", "ams"),
  shipTransfer: onTransfer("/ship", "requested", "ams", {}),
  changeTransfer: onTransfer("/change", "requested", "ams", { expectedAt: soon }),
  receiveTransfer: onTransfer("/receipts", "shipped", "cdg", {}),
  closeTransfer: onTransfer("/close", "shipped", "cdg", {}),
  cancelTransfer: onTransfer("/cancel", "shipped", "ams", {}),
  adjustStock: at("/v1/inventory/adjustments", { json: stock }),
  countStock: at("/v1/inventory/counts", {
    json: { locationId: "ams", counts: [{ sku: "tray", onHand: 5 }] },
  }),
  moveStock: at("/v1/inventory/moves", {
    json: {
      locationId: "ams",
      moves: [{ sku: "mug", quantity: 1, from: "available", to: "damaged" }],
    },
  }),
  setSafetyStock: at("/v1/inventory/safety-stock", {
    json: { locationId: "ams", levels: [{ sku: "tray", safetyStock: 1 }] },
  }),
  listStock: at("/v1/inventory", {
    byName: { location: "locationId=ams" },
    holds: (body) => rows(body).some(({ locationId }) => locationId === "ams"),
  }),
  getAvailability: at("/v1/availability?sku=mug", {
    byName: { channel: "channel=web", location: "locationId=ams" },
    holds: (body) => {
      const { channel, locationIds } = body as {
        readonly channel: string | null;
        readonly locationIds: readonly string[] | null;
      };
      return (channel ?? "web") === "web" && (locationIds ?? ["ams"]).includes("ams");
    },
  }),
  makePromise: at("/v1/promises", {
    json: { channel: "web", lines: [{ sku: "mug", quantity: 1 }] },
  }),
  listLots: onTracked(() => "/v1/lots", { location: "locationId=ams" }),
  traceLot: onTracked((serial) => `/v1/lots/tracked/${serial}/trace`),
  getSerial: onTracked((serial) => `/v1/serials/tracked/${serial}`),
  listStockChanges: async (stage) => {
    await stage.freshOrder({ channel: "app", locationId: "ams" });
    await stage.freshOrder(here);
    const { body } = await stage.ask("/v1/inventory/ams/mug/history");
    const [newest] = rows(body);
    const own = (newest?.["owner"] as { readonly id: string }).id;
    return {
      path: "/v1/inventory/ams/mug/history",
      holds: (answer) => JSON.stringify(rows(answer)).includes(own),
    };
  },
  saveLocation: at("/v1/locations/far", { json: place }),
  listLocations: at("/v1/locations"),
  getLocation: at("/v1/locations/ams"),
  saveItem: at("/v1/items/tray", { json: { name: "Tray" } }),
  listItems: at("/v1/items"),
  saveCalendar: at("/v1/calendars/other", { json: { week: {} } }),
  listCalendars: at("/v1/calendars"),
  getCalendar: async (stage) => {
    await stage.ask("/v1/calendars/work", { method: "PUT", json: { week: {} } });
    return { path: "/v1/calendars/work" };
  },
  saveCarrier: at("/v1/carriers/other", { json: { name: "Other" } }),
  listCarriers: at("/v1/carriers"),
  getCarrier: async (stage) => {
    await stage.ask("/v1/carriers/post", { method: "PUT", json: { name: "Post" } });
    return { path: "/v1/carriers/post" };
  },
  getItem: at("/v1/items/mug"),
  importOrders: at("/v1/imports/orders?channel=web&mapping=plain", {
    text: "order,sku,quantity,price,customer\n",
  }),
  listImports: async (stage) => {
    const { path } = await onImport("")(stage);
    const id = path.split("/").at(-1);
    return {
      path: "/v1/imports",
      byName: { channel: "channel=web" },
      holds: (body) => rows(body).some((each) => each["id"] === id),
    };
  },
  saveImportMapping: at("/v1/imports/mappings/other", { json: mapping }),
  listImportMappings: at("/v1/imports/mappings"),
  getImportMapping: at("/v1/imports/mappings/plain"),
  listReadyImportMappings: at("/v1/imports/ready-mappings"),
  listMessageTemplates: at("/v1/messages/templates"),
  saveMessageTemplate: async (stage) => {
    const path = await savedTemplate(stage);
    return { path, json: { subject: "s", html: stage.newName("matrix") }, thing: path };
  },
  getMessageTemplate: async (stage) => ({ path: await savedTemplate(stage) }),
  removeMessageTemplate: async (stage) => {
    const path = await savedTemplate(stage);
    return { path, thing: path };
  },
  previewMessageTemplate: at("/v1/messages/templates/shipped/de-AT/preview", { json: {} }),
  saveMessageChannel: async (stage) => {
    const path = await savedChannel(stage);
    return { path, json: { shopName: stage.newName("matrix") }, thing: path };
  },
  listMessageChannels: at("/v1/messages/channels"),
  getMessageChannel: async (stage) => ({ path: await savedChannel(stage) }),
  removeMessageChannel: async (stage) => {
    const path = await savedChannel(stage);
    return { path, thing: path };
  },
  listOrderMessages: onOrder("/messages"),
  getImport: onImport(""),
  listImportResults: onImport("/results"),
  getKeyName: async (stage) => {
    const scope = { channel: "web", locationId: "ams" };
    const json = { name: "named", role: "viewer", scope };
    const { body } = await stage.ask("/v1/admin/keys", { json });
    return { path: `/v1/keys/${body["id"]}/name` };
  },
  createKey: at("/v1/admin/keys", { json: { name: "new", role: "viewer" } }),
  listKeys: at("/v1/admin/keys"),
  getKey: onKey(),
  changeKey: onKey({ name: "other", role: "support" }),
  revokeKey: onKey(),
  verifyStore: at("/v1/admin/verify", { json: {} }),
  retrySetAside: at("/v1/admin/set-aside/retry", { json: {} }),
  getStatus: at("/v1/status", {
    // What is everybody's is for keys that see everything.
    holds: (body) => Object.hasOwn(body as object, "consumers"),
  }),
  streamStatus: at("/v1/status/stream", {
    byName: { channel: "channel=web", location: "locationId=ams" },
  }),
  listEvents: async (stage) => {
    const { body } = await stage.ask("/v1/status");
    await stage.freshOrder(here);
    await stage.freshOrder({ channel: "app", locationId: "ber" });
    return {
      path: `/v1/events?after=${body["position"]}`,
      byName: { channel: "channel=web", location: "locationId=ams" },
      holds: (page) =>
        rows(page).some(({ data }) =>
          JSON.stringify(data).includes('"channel":"web"') && JSON.stringify(data).includes('"ams"')
        ),
    };
  },
  getProblem: at("/problems/not-found"),
  createWebhook: at("/v1/webhooks", {
    json: { ...hook, filter: { channel: "web", locationId: "ams" } },
  }),
  listWebhooks: async (stage) => {
    const id = await stage.freshWebhook();
    return {
      path: "/v1/webhooks",
      holds: (body) => rows(body).some((each) => each["id"] === id),
    };
  },
  getWebhook: onWebhook(""),
  saveWebhook: onWebhook("", hook),
  removeWebhook: onWebhook(""),
  rotateWebhookSecret: onWebhook("/rotate-secret", {}),
  testWebhook: onWebhook("/test", {}),
  enableWebhook: onWebhook("/enable", {}),
  disableWebhook: onWebhook("/disable", {}),
  listWebhookDeliveries: onWebhook("/deliveries"),
  redeliverWebhook: onWebhook("/redeliver", { eventIds: ["evt_1"] }),
  dismissDeliveries: onWebhook("/dismiss", { eventIds: ["evt_1"] }),
  saveChannel: at("/v1/channels/web", { json: { excludeLocationIds: [] } }),
  getChannel: async (stage) => ({ path: await sellingChannel(stage) }),
  listChannels: async (stage) => {
    await sellingChannel(stage);
    return {
      path: "/v1/channels",
      holds: (body) => rows(body).some(({ id }) => id === "web"),
    };
  },
  saveStockFeed: onStockFeed("", { json: feed }),
  listStockFeeds: at("/v1/stock-feeds"),
  getStockFeed: onStockFeed(""),
  removeStockFeed: onStockFeed(""),
  resyncStockFeed: onStockFeed("/resync"),
  reserve: (stage) =>
    Promise.resolve({
      path: "/v1/reservations",
      json: {
        ...{ channel: "web", externalId: stage.newName("cart"), expiresInSeconds: 600 },
        lines: [{ sku: "mug", quantity: 1, locationId: "ams" }],
      },
    }),
  listReservations: async (stage) => {
    const id = await stage.freshReservation();
    return {
      path: "/v1/reservations",
      holds: (body) => rows(body).some((each) => each["id"] === id),
      byName: { channel: "channel=web" },
    };
  },
  getReservation: onReservation(""),
  listReservationEvents: onReservation("/events"),
  extendReservation: onReservation("/extend", { expiresInSeconds: 900 }),
  releaseReservation: onReservation("/release", {}),
  getHealth: at("/healthz"),
  getReadiness: at("/readyz"),
  getMetrics: at("/metrics"),
  getOpenApi: at("/openapi.json"),
  getDocs: at("/docs"),
};

const askWith = (stage: Stage, operation: Operation, question: Question, key: string | null) => {
  const content = question.text ?? JSON.stringify(question.json);
  const type = question.text === undefined || question.headers !== undefined
    ? "application/json"
    : "text/csv";
  return send(stage.server.fetch, {
    operation,
    method: operation.method,
    target: question.path,
    headers: {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(content === undefined ? {} : { "content-type": type }),
      ...question.headers,
    },
    body: content === undefined ? null : new TextEncoder().encode(content),
  });
};

const titles = { 403: "/problems/forbidden", 404: "/problems/not-found" } as const;

/** A list asked for by name is refused where the name is not the key's own. */
const checkByName = async (
  stage: Stage,
  operation: Operation,
  question: Question,
  { scope, key }: Holder,
) => {
  const elsewhere = isElsewhere(scope);
  for (const what of ["channel", "location"] as const) {
    const parameter = question.byName?.[what];
    if (parameter === undefined) continue;
    const path = `${question.path}${question.path.includes("?") ? "&" : "?"}${parameter}`;
    const { status, text } = await askWith(stage, operation, { ...question, path }, key);
    const wanted = elsewhere[what] ? 403 : 200;
    assert.equal(status, wanted, `${JSON.stringify(scope)} GET ${path}: ${text}`);
  }
};

const checkList = (question: Question, row: Row, { scope }: Holder, json: unknown) => {
  if (question.holds === undefined) return;
  const elsewhere = isElsewhere(scope);
  // A status has no rows: any scope hides what is everybody's.
  const isHidden = question.path === "/v1/status"
    ? Object.keys(scope).length > 0
    : row.channel === "filters" && elsewhere.channel ||
      row.location === "filters" && elsewhere.location;
  assert.equal(question.holds(json), !isHidden, `${question.path} for ${JSON.stringify(scope)}`);
};

const checkRoute = async (stage: Stage, row: Row, id: string, holders: readonly Holder[]) => {
  const operation = stage.document.operation(id);
  const make = questions[id];
  assert.ok(make !== undefined, `the matrix has no request for ${id}`);
  // Refusals share one: they leave it as it is. Each success has its own.
  const shared = await make(stage);
  const look = async () => shared.thing === undefined ? "" : (await stage.ask(shared.thing)).text;
  const before = await look();
  for (const holder of holders) {
    const { role, scope, key } = holder;
    const wanted = expectedStatus(row, role, scope);
    const question = wanted === success && operation.method !== "GET" ? await make(stage) : shared;
    const { status, text, json } = await askWith(stage, operation, question, key);
    const what = `${role} ${JSON.stringify(scope)} ${operation.method} ${question.path}: ${text}`;
    if (wanted === success) {
      assert.ok(status < 300 && Object.hasOwn(operation.responses, status), what);
      checkList(question, row, holder, json);
      await checkByName(stage, operation, question, holder);
    } else {
      assert.equal(status, wanted, what);
      assert.equal((json as { readonly type: string }).type, titles[wanted], what);
    }
  }
  assert.equal(await look(), before, `a refusal of ${id} changed something`);
  const { status } = await askWith(stage, operation, shared, null);
  if (row.roles === null) assert.ok(status < 300, `${id} without a key: ${status}`);
  else assert.equal(status, 401, `${id} without a key`);
};

Deno.test("the matrix has every route that the app serves, and no other", () => {
  const served = routes.map(({ operationId }) => operationId);
  assert.deepEqual(Object.keys(expected).sort(), [...served].sort());
  assert.deepEqual(Object.keys(questions).sort(), [...served].sort());
});

Deno.test("every role may do on every route what it should, in and out of its scope, and no more", async () => {
  const stage = await Stage.set();
  try {
    const holders = await holdersOn(stage);
    for (const [id, row] of Object.entries(expected)) await checkRoute(stage, row, id, holders);
    const { body } = await stage.ask("/v1/admin/verify", { method: "POST" });
    assert.equal(body["ok"], true);
  } finally {
    await stage.close();
  }
});

Deno.test("the document says of every route who may use it", async () => {
  const stage = await Stage.set();
  try {
    for (const [id, { roles: allowed, channel, location }] of Object.entries(expected)) {
      const { description, isPublic } = stage.document.operation(id);
      assert.equal(isPublic, allowed === null, id);
      const wanted = allowed === null ? "Needs no key." : `Roles: ${allowed.join(", ")}.`;
      assert.ok(description.includes(wanted), `${id}: ${description}`);
      const says = (scope: string, rule: Rule) =>
        description.includes(`Not for keys of one ${scope}.`) === (rule === "refused") &&
        description.includes(`Keys of one ${scope} see and change only what is of it.`) ===
          (rule !== "refused" && rule !== "open");
      assert.ok(says("channel", channel) && says("location", location), `${id}: ${description}`);
    }
  } finally {
    await stage.close();
  }
});
