/** A request for every operation, made by chance, that must succeed on the stage. */
import type { Chance } from "../../sim/random.ts";
import type { CallAnswer, Plan } from "./call.ts";
import type { Json, JsonObject, JsonSchema, Operation } from "./document.ts";
import {
  type Action,
  channels,
  digital,
  goods,
  locations,
  rare,
  signedByBank,
  type Stage,
} from "./stage.ts";
import { strangeText, valueFor } from "./values.ts";

type Maker = (stage: Stage, chance: Chance, operation: Operation) => Plan | Promise<Plan>;

const plain = (operation: Operation, more: Partial<Plan> = {}): Plan => ({
  operation,
  params: {},
  query: [],
  headers: {},
  ...more,
});

const generated = (stage: Stage, chance: Chance, { body }: Operation): JsonObject =>
  valueFor(stage.document, body?.schema ?? { type: "object" }, chance) as JsonObject;

const idIn = (answer: CallAnswer): string => String((answer.json as { readonly id: unknown }).id);

const digitsOf: Readonly<Record<string, number>> = { USD: 2, EUR: 2, JPY: 0, KWD: 3, CLF: 4 };

const money = (chance: Chance, currency: string, most: number): Json => {
  const digits = digitsOf[currency] ?? 2;
  const whole = String(chance.between(0, most));
  const part = Array.from({ length: digits }, () => chance.between(0, 9)).join("");
  return { amount: digits === 0 ? whole : `${whole}.${part}`, currency };
};

const orderLine = (
  chance: Chance,
  currency: string,
  mayWait: boolean,
  taxesIncluded: boolean,
): JsonObject => {
  const method = chance.pick(["ship", "pickup", "digital", undefined] as const);
  const locationId = method === "pickup" || chance.happens(0.2)
    ? chance.pick(locations)
    : undefined;
  return {
    sku: mayWait && chance.happens(0.3) ? rare : chance.pick([...goods, digital]),
    quantity: chance.between(1, 4),
    // A discount of nothing but cents is less than any price.
    unitPrice: money(chance, currency, 90),
    ...(!taxesIncluded && chance.happens(0.3) ? { tax: money(chance, currency, 9) } : {}),
    ...(chance.happens(0.2) ? { taxRatePercent: chance.pick(["0", "7.75", "19.0"]) } : {}),
    ...(chance.happens(0.2) ? { discount: zero(currency) } : {}),
    ...(method === undefined
      ? {}
      : { fulfillment: { method, ...(locationId === undefined ? {} : { locationId }) } }),
  };
};

const zero = (currency: string): Json => {
  const digits = digitsOf[currency] ?? 2;
  return { amount: digits === 0 ? "0" : `0.${"0".repeat(digits)}`, currency };
};

const order = (stage: Stage, chance: Chance, operation: Operation): JsonObject => {
  const base = generated(stage, chance, operation);
  const currency = String(base["currency"]);
  const onShortage = base["onShortage"];
  const shipping = base["shipping"] as JsonObject | undefined;
  const address = operation.body?.schema as JsonSchema;
  const { properties = {} } = stage.document.resolved(address);
  return {
    shippingAddress: valueFor(stage.document, properties["shippingAddress"] ?? {}, chance),
    ...base,
    channel: chance.pick(channels),
    externalId: `${stage.newName("order")} ${strangeText(chance, chance.between(0, 20))}`,
    lines: Array.from(
      { length: chance.between(1, 4) },
      () =>
        orderLine(
          chance,
          currency,
          onShortage === "backorder" || onShortage === "hold",
          base["taxesIncluded"] === true,
        ),
    ),
    ...(shipping === undefined
      ? {}
      : { shipping: shippingFor(chance, currency, shipping, base["taxesIncluded"] === true) }),
    ...chargesFor(chance, currency, base),
    ...paymentsFor(chance, currency, base),
  };
};

/** Payments of a provider that is there, in the order's currency. */
const paymentsFor = (chance: Chance, currency: string, base: JsonObject): JsonObject =>
  base["payments"] === undefined ? {} : {
    payments: [{
      provider: chance.pick(["card", "manual"]),
      method: "card",
      amount: positive(chance, currency),
      status: chance.pick(["authorized", "captured", "promised"]),
    }],
  };

const positive = (chance: Chance, currency: string): Json => {
  const digits = digitsOf[currency] ?? 2;
  const whole = String(chance.between(1, 90));
  return { amount: digits === 0 ? whole : `${whole}.${"0".repeat(digits)}`, currency };
};

/** Members of a shipping with amounts that fit each other. */
const shippingFor = (
  chance: Chance,
  currency: string,
  { tax, discount, ...shipping }: JsonObject,
  taxesIncluded: boolean,
): JsonObject => ({
  ...shipping,
  ...(shipping["amount"] === undefined ? {} : { amount: money(chance, currency, 9) }),
  ...(discount === undefined ? {} : { discount: zero(currency) }),
  ...(tax === undefined || taxesIncluded ? {} : { tax: money(chance, currency, 3) }),
});

/** Of the order's own charges those that it is to have, with amounts that fit its lines. */
const chargesFor = (chance: Chance, currency: string, base: JsonObject): JsonObject => ({
  ...(base["discounts"] === undefined ? {} : {
    discounts: [{ code: "SPRING", amount: zero(currency) }],
  }),
  ...(base["fees"] === undefined ? {} : {
    fees: [{ code: "gift_wrap", amount: money(chance, currency, 9), tax: zero(currency) }],
  }),
  ...(base["channelTotal"] === undefined ? {} : { channelTotal: money(chance, currency, 300) }),
});

const placeOrder: Maker = async (stage, chance, operation) => {
  const { reservationId, ...json } = order(stage, chance, operation);
  const kept = reservationId === undefined
    ? {}
    : { reservationId: await stage.freshReservation({ channel: String(json["channel"]) }) };
  return plain(operation, {
    json: { ...json, ...kept },
    expected: [201],
    after: (_, answer) => void stage.orders.push(idIn(answer)),
  });
};

const someOrder = async (stage: Stage, chance: Chance): Promise<string> =>
  stage.orders.length > 0 ? chance.pick(stage.orders) : String((await stage.freshOrder())["id"]);

const onOrder: Maker = async (stage, chance, operation) =>
  plain(operation, { params: { orderId: await someOrder(stage, chance) } });

const cancelOrder: Maker = async (stage, chance, operation) => {
  const { id, lines } = await stage.freshOrder({ quantity: 3 });
  const some = [...lines ?? []]
    .filter(() => chance.happens(0.7))
    .map((line) => ({ lineId: String(line["id"]), quantity: chance.between(1, 3) }));
  const body = generated(stage, chance, operation);
  const { lines: _, fee, ...said } = body;
  const rest = fee === undefined ? said : { ...said, fee: dollars("0.50") };
  return plain(operation, {
    params: { orderId: String(id) },
    json: some.length > 0 ? { ...rest, lines: some } : rest,
  });
};

/** Of an order of three mugs, any changes that it takes. */
const editOrder: Maker = async (stage, chance, operation) => {
  const { id } = await stage.freshOrder({ quantity: 3 });
  const shipping = chance.happens(0.5)
    ? [{ type: "set-shipping", service: "express", amount: dollars("3.00") }]
    : [];
  const discount = chance.happens(0.5)
    ? [{ type: "set-discount", lineId: "1", discount: dollars("1.00"), tax: dollars("0.00") }]
    : [];
  const { reason = "wish" } = generated(stage, chance, operation);
  return plain(operation, {
    params: { orderId: String(id) },
    json: {
      reason,
      changes: [
        { type: "set-quantity", lineId: "1", quantity: chance.between(1, 3) },
        {
          ...{ type: "set-price", lineId: "1", tax: dollars("0.50") },
          unitPrice: dollars(`${chance.between(1, 9)}.00`),
        },
        ...shipping,
        ...discount,
      ].slice(0, chance.between(1, 3)),
    },
  });
};

const holdOrder: Maker = async (stage, chance, operation) => {
  const { id } = await stage.freshOrder();
  return plain(operation, {
    params: { orderId: String(id) },
    json: generated(stage, chance, operation),
  });
};

/** A body that may be left out, half of the time. */
const bodyOrNone = (stage: Stage, chance: Chance, operation: Operation): Partial<Plan> =>
  chance.happens(0.5) ? { json: generated(stage, chance, operation) } : {};

const releaseOrder: Maker = async (stage, chance, operation) => {
  const { id } = await stage.freshOrder();
  const body = bodyOrNone(stage, chance, operation);
  const { code } = (body.json ?? {}) as { readonly code?: string };
  await stage.ask(`/v1/orders/${id}/hold`, { json: { reason: "waits for release", code } });
  return plain(operation, { params: { orderId: String(id) }, ...body });
};

/** Some of what may still be picked or shipped of a fulfillment order; undefined for all. */
const someLines = (chance: Chance, target: unknown, action: Action): Json | undefined => {
  const { lines } = target as {
    readonly lines: readonly {
      readonly lineId: string;
      readonly quantity: number;
      readonly picked: number;
      readonly shipped: number;
    }[];
  };
  const left = lines.map(({ lineId, quantity, picked, shipped }) => ({
    lineId,
    quantity: action === "pick" ? quantity - picked : picked - shipped,
  })).filter(({ quantity }) => quantity > 0);
  const some = left.filter(() => chance.happens(0.7))
    .map(({ lineId, quantity }) => ({ lineId, quantity: chance.between(1, quantity) }));
  return some.length === 0 || chance.happens(0.4) ? undefined : some;
};

const onFulfillmentOrder = (action: Action): Maker => async (stage, chance, operation) => {
  const target = await stage.someReadyFor(action, chance);
  const { lines: _, ...body } = generated(stage, chance, operation);
  const lines = action === "pick" || action === "ship"
    ? someLines(chance, target, action)
    : undefined;
  return plain(operation, {
    params: { fulfillmentOrderId: String(target["id"]) },
    json: lines === undefined ? body : { ...body, lines },
    after: async () => {
      if (action !== "ship") return;
      const { shipments } = await stage.order(String(target["orderId"]));
      for (const { id } of shipments ?? []) {
        if (!stage.shipments.includes(String(id))) stage.shipments.push(String(id));
      }
    },
  });
};

const getFulfillmentOrder: Maker = async (stage, _, operation) => {
  const { fulfillmentOrders } = await stage.freshOrder();
  return plain(operation, {
    params: { fulfillmentOrderId: String(fulfillmentOrders?.[0]?.["id"]) },
  });
};

const someShipment = async (stage: Stage, chance: Chance): Promise<string> =>
  stage.shipments.length > 0 ? chance.pick(stage.shipments) : await stage.freshShipment();

const getShipment: Maker = async (stage, chance, operation) =>
  plain(operation, { params: { shipmentId: await someShipment(stage, chance) } });

const trackShipment: Maker = async (stage, chance, operation) =>
  plain(operation, {
    params: { shipmentId: await stage.freshShipment() },
    json: generated(stage, chance, operation),
  });

const correctShipmentTracking: Maker = async (stage, chance, operation) => {
  const shipmentId = await stage.freshException();
  const { body } = await stage.ask(`/v1/shipments/${shipmentId}`);
  const { recordedAt: _, ...was } = body["tracking"]?.[0] as unknown as JsonObject;
  return plain(operation, {
    params: { shipmentId },
    json: { ...generated(stage, chance, operation), was },
  });
};

const onShipment: Maker = async (stage, chance, operation) =>
  plain(operation, {
    params: { shipmentId: await stage.freshShipment() },
    json: generated(stage, chance, operation),
  });

/** Of an order with two mugs that were shipped. */
const requestReturn: Maker = async (stage, chance, operation) => {
  const { body: { orderId } } = await stage.ask(`/v1/shipments/${await stage.freshShipment()}`);
  const { lines: _, received, exchange, ...body } = generated(stage, chance, operation);
  const isClaim = body["goodsBack"] === false;
  const quantity = chance.between(1, 2);
  return plain(operation, {
    params: { orderId: String(orderId) },
    json: {
      ...body,
      lines: [{ lineId: "1", quantity, reason: "damaged" }],
      ...(body["locationId"] === undefined ? {} : { locationId: chance.pick(locations) }),
      ...(exchange === undefined ? {} : {
        exchange: {
          lines: [{ basedOn: "1", quantity: 1 }],
          shipWhen: chance.pick(["now", "received"]),
        },
      }),
      ...(received === undefined || isClaim ? {} : {
        received: {
          locationId: chance.pick(locations),
          inspected: [{ lineId: "1", quantity, disposition: "quarantine" }],
        },
      }),
    },
    expected: [operation.id === "previewReturn" ? 200 : 201],
  });
};

const onReturn =
  (...steps: Parameters<Stage["freshReturn"]>[0] & object): Maker =>
  async (stage, chance, operation) => {
    const { locationId, lines, unexpected, ...body } = operation.body === null
      ? {}
      : generated(stage, chance, operation);
    const isInspection = operation.id === "inspectReturn";
    const line = { lineId: "1", quantity: 1, ...(isInspection ? { disposition: "restock" } : {}) };
    return plain(operation, {
      params: { returnId: await stage.freshReturn(steps) },
      ...(operation.body === null ? {} : {
        json: {
          ...body,
          ...(locationId === undefined ? {} : { locationId: chance.pick(locations) }),
          ...(lines === undefined ? {} : { lines: [line] }),
          ...(unexpected === undefined ? {} : { unexpected: [{ sku: "lamp", quantity: 1 }] }),
        },
      }),
    });
  };

const policyParams = (stage: Stage, chance: Chance) => ({ channel: saved(stage, chance, "shop") });

const getReturnPolicy: Maker = async (stage, _, operation) => {
  await stage.ask("/v1/return-policies/kiosk", { method: "PUT", json: { windowDays: 14 } });
  return plain(operation, { params: { channel: "kiosk" } });
};

const addPayment: Maker = async (stage, chance, operation) => {
  const { id } = await stage.freshOrder();
  const { expiresAt, method } = generated(stage, chance, operation);
  const json = {
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(method === undefined ? {} : { method: "card" }),
    provider: chance.pick(["card", "manual"]),
    amount: positive(chance, "USD"),
    reference: stage.newName("reference"),
    ...(chance.happens(0.5) ? { status: "authorized" } : { capture: chance.happens(0.5) }),
  };
  // Every other one was told of before.
  if (stage.turn("addPayment")) await stage.ask(`/v1/orders/${id}/payments`, { json });
  return plain(operation, { params: { orderId: String(id) }, json });
};

const onPayment =
  (status: "authorized" | "captured" | "promised", json?: JsonObject): Maker =>
  async (stage, _, operation) =>
    plain(operation, {
      params: { paymentId: (await stage.freshPayment(status)).id },
      ...(json === undefined ? {} : { json }),
    });

const dollars = (amount: string): Json => ({ amount, currency: "USD" });

/** An order of which 40.00 are paid and nothing is owed. */
const refund = (json: JsonObject): Maker => async (stage, _, operation) => {
  const { orderId } = await stage.freshPayment("captured", "manual");
  await stage.ask(`/v1/orders/${orderId}/payments`, {
    json: { provider: "manual", amount: dollars("40.00"), status: "captured" },
  });
  return plain(operation, { params: { orderId }, json });
};

const creditOrder: Maker = async (stage, chance, operation) => {
  const { reason, lines } = generated(stage, chance, operation);
  return plain(operation, {
    params: { orderId: await stage.freshAccepted() },
    json: {
      reason: reason ?? "came back",
      ...(lines === undefined ? {} : { lines: [{ lineId: "1", quantity: 1 }] }),
      ...(chance.happens(0.5) ? { fee: dollars("2.00") } : {}),
    },
  });
};

/** Lists of one order's documents: some of its query is always said. */
const ofCredited: Maker = async (stage, _, operation) =>
  plain(operation, { query: [["orderId", await stage.freshCredited()]] });

const onDocument = (name: string, prefix: string): Maker => async (stage, _, operation) =>
  plain(operation, {
    params: { [name]: `${prefix}_${(await stage.freshCredited()).slice(4)}_1` },
  });

const saveProvider: Maker = (stage, chance, operation) => {
  const { capabilities, singleCapture } = generated(stage, chance, operation);
  // There may only be so many.
  return plain(operation, {
    params: { provider: `other-${chance.between(1, 9)}` },
    json: {
      ...(capabilities === undefined ? {} : { capabilities }),
      ...(singleCapture === undefined ? {} : { singleCapture }),
      ...(chance.happens(0.5)
        ? { type: "manual" }
        : { type: "http", url: "https://card.example.com", secret: stage.newName("secret") }),
    },
  });
};

const receiveProviderWebhook: Maker = (stage, chance, operation) => {
  const data = chance.happens(0.5) ? { transactionId: stage.newName("trx") } : {};
  const text = JSON.stringify({ type: "transaction.settled", data });
  return plain(operation, {
    params: { provider: "bank" },
    headers: { "content-type": "application/json", ...signedByBank(stage.newName("msg"), text) },
    text,
  });
};

const newSku = (stage: Stage, chance: Chance): string =>
  `${stage.newName("sku")} ${strangeText(chance, chance.between(0, 20))}`;

/** Stock that no order wants: what becomes of it hinders no other request. */
const adjustStock: Maker = async (stage, chance, operation) => {
  const { reference } = generated(stage, chance, operation);
  const locationId = chance.pick(locations);
  const sku = newSku(stage, chance);
  await stage.ask("/v1/inventory/adjustments", {
    json: { locationId, reason: "received", changes: [{ sku, delta: 9 }] },
  });
  return plain(operation, {
    json: {
      locationId,
      // With something to be seen.
      reason: `because ${strangeText(chance, chance.between(0, 20))}`,
      ...(reference === undefined ? {} : { reference }),
      changes: [
        { sku, delta: -chance.between(0, 5), unavailable: chance.between(0, 4) },
        { sku: newSku(stage, chance), delta: chance.pick([0, 1, 17, 1_000, 10_000_000_000]) },
      ],
    },
  });
};

const moveStock: Maker = async (stage, chance, operation) => {
  const { reference, reason } = generated(stage, chance, operation);
  const locationId = chance.pick(locations);
  const sku = newSku(stage, chance);
  await stage.ask("/v1/inventory/adjustments", {
    json: { locationId, reason: "received", changes: [{ sku, delta: 9, unavailable: 2 }] },
  });
  const bucket = `bucket ${strangeText(chance, chance.between(0, 20))}`;
  return plain(operation, {
    json: {
      locationId,
      ...(reason === undefined ? {} : { reason: "looked at" }),
      ...(reference === undefined ? {} : { reference }),
      moves: [
        { sku, quantity: chance.between(1, 4), from: "available", to: bucket },
        { sku, quantity: chance.between(1, 2), from: "unspecified", to: "available" },
      ],
    },
  });
};

/** Of none that has orders: they could not be allocated any more. */
const saveChannel: Maker = (stage, chance, operation) =>
  plain(operation, {
    params: { channel: saved(stage, chance, "desk") },
    json: {
      ...chance.pick([{}, { locationIds: ["ams"] }, { excludeLocationIds: ["ber"] }]),
      ...chance.pick([{}, { buffer: { units: 3 } }, { buffer: { percent: 25 } }]),
      ...(chance.happens(0.5) ? { buffers: [{ sku: newSku(stage, chance), units: 1 }] } : {}),
      ...(chance.happens(0.5) ? { exposes: chance.pick(["sum", "locations"]) } : {}),
    },
  });

const getChannel: Maker = async (stage, _, operation) => {
  await stage.ask("/v1/channels/desk", { method: "PUT", json: {} });
  return plain(operation, { params: { channel: "desk" } });
};

const countStock: Maker = (stage, chance, operation) =>
  plain(operation, {
    json: {
      locationId: chance.pick(locations),
      counts: Array.from({ length: chance.between(1, 3) }, () => ({
        sku: newSku(stage, chance),
        onHand: chance.pick([0, 1, 5, 1_000, 10_000_000_000]),
        ...(chance.happens(0.5) ? { expected: 0 } : {}),
      })),
    },
  });

const setSafetyStock: Maker = (stage, chance, operation) =>
  plain(operation, {
    json: {
      locationId: chance.pick(locations),
      levels: [{ sku: newSku(stage, chance), safetyStock: chance.between(0, 10) }],
    },
  });

/** Every query parameter by chance, with a value that fits. */
const eventTypes = ["order.placed", "order.*", "allot.shipment.*,stock.adjusted", "*"];

const someQuery = (stage: Stage, chance: Chance, { id, parameters }: Operation): Plan["query"] => {
  const cursors = stage.cursors.get(id) ?? [];
  // A cursor belongs to the filters that it came with.
  if (cursors.length > 0 && chance.happens(0.3)) return [["cursor", chance.pick(cursors)]];
  return parameters
    .filter(({ name, in: place }) => place === "query" && name !== "cursor" && chance.happens(0.3))
    .map(({ name, schema }) => {
      if (name === "locationId") return [name, chance.pick(locations)];
      if (name === "channel") return [name, chance.pick(channels)];
      if (name === "sku") return [name, chance.pick(goods)];
      if (name === "type") return [name, chance.pick(eventTypes)];
      return [name, String(valueFor(stage.document, schema, chance))];
    });
};

const rememberCursor = (stage: Stage, { id }: Operation): Plan["after"] => (_, { json }) => {
  const { nextCursor } = json as { readonly nextCursor: string | null };
  if (nextCursor === null) return;
  stage.cursors.set(id, [...(stage.cursors.get(id) ?? []).slice(-9), nextCursor]);
};

const list: Maker = (stage, chance, operation) =>
  plain(operation, {
    query: someQuery(stage, chance, operation),
    after: rememberCursor(stage, operation),
  });

const makePromise: Maker = (stage, chance, operation) => {
  const base = generated(stage, chance, operation);
  const lines = (base["lines"] as readonly JsonObject[]).map((line) => ({
    ...line,
    sku: chance.pick([...goods, digital, rare]),
    ...(line["method"] === "pickup" || chance.happens(0.3)
      ? { locationId: chance.pick(locations) }
      : {}),
  }));
  return plain(operation, { json: { ...base, channel: chance.pick(channels), lines } });
};

const listOrderEvents: Maker = async (stage, chance, operation) => ({
  ...await onOrder(stage, chance, operation),
  query: someQuery(stage, chance, operation),
  after: rememberCursor(stage, operation),
});

const saved = (stage: Stage, chance: Chance, name: string): string =>
  chance.happens(0.3)
    ? name
    : `${stage.newName(name)} ${strangeText(chance, chance.between(0, 30))}`;

const saveLocation: Maker = (stage, chance, operation) =>
  plain(operation, {
    params: { locationId: saved(stage, chance, "far") },
    // Orders must not go there: it has nothing.
    json: {
      ...withoutDates(generated(stage, chance, operation)),
      active: chance.happens(0.2),
      ...(chance.happens(0.5) ? {} : { timeZone: chance.pick(timeZones) }),
    },
  });

const timeZones = ["Europe/Berlin", "UTC", "America/Sao_Paulo", "asia/kolkata", "Etc/GMT+1"];

/** Without a calendar, which must be there, and a zone, of which there are hundreds. */
const withoutDates = ({ calendarId: _, timeZone: __, ...rest }: JsonObject): JsonObject => rest;

/** Hours that begin before they end, and do not overlap: no schema can say that. */
const hours = [
  [],
  [["09:00", "17:00"]],
  [["00:00", "24:00"]],
  [["13:00", "17:30"], ["08:15", "12:00"]],
];

const goodCalendar = (chance: Chance): JsonObject => ({
  ...(chance.happens(0.5) ? {} : { name: chance.pick(["Warehouse", "倉庫"]) }),
  week: Object.fromEntries(
    ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
      .flatMap((day) => chance.happens(0.3) ? [] : [[day, chance.pick(hours)]]),
  ),
  ...(chance.happens(0.3) ? {} : {
    exceptions: ["2026-12-24", "2024-02-29", "9999-12-31"].map((date) => ({
      date,
      ...chance.pick<JsonObject>([{ open: false }, { open: true }, { hours: chance.pick(hours) }]),
    })),
  }),
});

const saveCalendar: Maker = (stage, chance, operation) =>
  plain(operation, {
    params: { calendarId: saved(stage, chance, "work") },
    json: goodCalendar(chance),
  });

const getCalendar: Maker = async (stage, chance, operation) => {
  await stage.ask("/v1/calendars/work", { method: "PUT", json: goodCalendar(chance) });
  return plain(operation, { params: { calendarId: "work" } });
};

const saveCarrier: Maker = (stage, chance, operation) =>
  plain(operation, {
    params: { carrierId: saved(stage, chance, "post") },
    json: {
      name: "Post",
      // Each row of a table is for another place.
      services: ["standard", "Express 2"].map((service) => ({
        service,
        transit: [{}, { country: "nl" }, { country: "NL", postalPrefix: "10 1" }, {
          postalPrefix: chance.pick(["7", "ab-1", "日本"]),
        }].map((row) => ({ ...row, days: chance.between(0, 180) })),
      })),
    },
  });

const getCarrier: Maker = async (stage, _, operation) => {
  await stage.ask("/v1/carriers/post", { method: "PUT", json: { name: "Post" } });
  return plain(operation, { params: { carrierId: "post" } });
};

/** Neither a kit nor what is told apart by lots is digital, and a kit is not told apart. */
const goodItem = (item: JsonObject): JsonObject => {
  const { kit, tracking, minRemainingDays, ...rest } = item;
  if (rest["digital"] === true) return rest;
  if (kit !== undefined) return { ...rest, kit };
  return {
    ...rest,
    ...(tracking === undefined ? {} : { tracking }),
    ...(minRemainingDays === undefined ? {} : { minRemainingDays }),
  };
};

const saveItem: Maker = (stage, chance, operation) =>
  plain(operation, {
    params: { sku: saved(stage, chance, "thing") },
    json: goodItem(generated(stage, chance, operation)),
  });

/** Fields that do not contradict each other, each of a column: of constants most would be none of their kind. */
const mappingFields = (chance: Chance, fields: JsonObject): JsonObject => {
  const price = chance.pick(["unitPrice", "lineTotal"]);
  const out = new Set(["orderTax", "lineShipping", "shippingDiscount", "unitPrice", "lineTotal"]);
  const kept = [...Object.keys(fields).filter((name) => !out.has(name)), price];
  return Object.fromEntries(
    kept.map((name) => [
      name,
      chance.happens(0.2)
        ? { column: name, fallbacks: [{ column: chance.pick(["other", "further"]) }] }
        : { column: name },
    ]),
  );
};

const saveImportMapping: Maker = (stage, chance, operation) => {
  const { numbers: _, items: __, discountIncludesLines: ___, ...body } = generated(
    stage,
    chance,
    operation,
  );
  return plain(operation, {
    params: { name: saved(stage, chance, "map") },
    json: {
      ...body,
      fields: mappingFields(chance, body["fields"] as JsonObject),
      ...(body["dateFormat"] === undefined
        ? {}
        : { dateFormat: chance.pick(["iso", "unix", "unixMs", "D/M/YYYY H:mm", "YYYYMMDD"]) }),
      ...(body["timeZone"] === undefined
        ? {}
        : { timeZone: chance.pick(["UTC", "Europe/Amsterdam", "+05:30"]) }),
      ...(chance.happens(0.3) ? { numbers: { decimal: ",", group: chance.pick([".", " "]) } } : {}),
    },
    after: (_, answer) => {
      const { name } = answer.json as { readonly name: string };
      if (!stage.mappings.includes(name)) stage.mappings.push(name);
    },
  });
};

const csv = (stage: Stage, chance: Chance): string => {
  const rows = Array.from({ length: chance.between(0, 4) }, () => {
    const sku = chance.pick(["mug", "pot"]);
    return [stage.newName("row"), sku, chance.pick(["1", "2", "two"]), "12.50", '"Ada, Example"'];
  });
  return [["order", "sku", "quantity", "price", "customer"], ...rows]
    .map((row) => `${row.join(",")}\n`).join("");
};

const importOrders: Maker = (stage, chance, operation) => {
  const isCsv = chance.happens(0.5);
  const lines = Array.from(
    { length: chance.between(0, 3) },
    () => JSON.stringify(order(stage, chance, stage.document.operation("placeOrder"))),
  );
  return plain(operation, {
    query: [["channel", "import"], ...(isCsv ? [["mapping", "plain"] as const] : [])],
    headers: { "content-type": isCsv ? "text/csv" : "application/x-ndjson" },
    text: isCsv ? csv(stage, chance) : lines.map((line) => `${line}\n`).join(""),
    after: async (_, answer) => {
      stage.imports.push(idIn(answer));
      await stage.importEnded(idIn(answer));
    },
  });
};

const onImport: Maker = async (stage, chance, operation) => {
  if (stage.imports.length === 0) {
    const { body } = await stage.ask("/v1/imports/orders?channel=import&mapping=plain", {
      body: csv(stage, chance),
      method: "POST",
      headers: { "content-type": "text/csv" },
    });
    stage.imports.push(String(body["id"]));
    await stage.importEnded(String(body["id"]));
  }
  return plain(operation, {
    params: { importId: chance.pick(stage.imports) },
    query: someQuery(stage, chance, operation),
  });
};

const createKey: Maker = (stage, chance, operation) =>
  plain(operation, {
    json: generated(stage, chance, operation),
    after: (_, answer) => void stage.keys.push(idIn(answer)),
  });

const onFreshKey: Maker = async (stage, chance, operation) => {
  const { body } = await stage.ask("/v1/admin/keys", { json: { name: "gone", role: "viewer" } });
  return plain(operation, {
    params: { keyId: String(body["id"]) },
    ...(operation.body === null ? {} : { json: generated(stage, chance, operation) }),
  });
};

const bare: Maker = (_stage, _chance, operation) => plain(operation);

const streamStatus: Maker = (stage, chance, operation) =>
  plain(operation, { query: someQuery(stage, chance, operation) });

/** Where pages of the feed ended: they are places to go on from. */
const feedPlaces = "places of the feed";

const listEvents: Maker = (stage, chance, operation) => {
  const places = stage.cursors.get(feedPlaces) ?? [];
  const query = someQuery(stage, chance, operation)
    // Most waits would be for nothing, and long.
    .filter(([name]) => name !== "after" && name !== "wait");
  const after = places.length > 0 && chance.happens(0.5)
    ? [["after", chance.pick(places)] as const]
    : [];
  return plain(operation, {
    query: [...query, ...after],
    after: (_, { json }) => {
      const { nextAfter } = json as { readonly nextAfter: string };
      stage.cursors.set(feedPlaces, [...places.slice(-9), nextAfter]);
    },
  });
};

/** An endpoint for what the requests here are about. */
const webhookBody = (stage: Stage, chance: Chance, operation: Operation): JsonObject => ({
  ...generated(stage, chance, operation),
  url: chance.pick(["https://hooks.example.com/in", "https://erp.example.org:8443/a/b?c=d"]),
  filter: chance.pick([{}, { channel: chance.pick(channels) }, { locationId: "ams" }]),
});

const createWebhook: Maker = (stage, chance, operation) =>
  plain(operation, {
    json: webhookBody(stage, chance, operation),
    after: async (_, answer) => {
      stage.webhooks.push(idIn(answer));
      await stage.fewWebhooks();
    },
  });

const onWebhook: Maker = async (stage, _, operation) =>
  plain(operation, { params: { webhookId: await stage.freshWebhook() } });

const saveWebhook: Maker = async (stage, chance, operation) =>
  plain(operation, {
    params: { webhookId: await stage.freshWebhook() },
    json: webhookBody(stage, chance, operation),
  });

const actOnWebhook: Maker = async (stage, chance, operation) =>
  plain(operation, {
    params: { webhookId: await stage.freshWebhook() },
    ...bodyOrNone(stage, chance, operation),
  });

const redeliverWebhook: Maker = async (stage, chance, operation) => {
  const { eventIds, since = "2024-01-01T00:00:00Z", ...rest } = generated(stage, chance, operation);
  return plain(operation, {
    params: { webhookId: await stage.freshWebhook() },
    // None is as good as nothing said of them.
    json: Array.isArray(eventIds) && eventIds.length > 0 ? { eventIds } : { since, ...rest },
  });
};

const dismissDeliveries: Maker = async (stage, chance, operation) =>
  plain(operation, {
    params: { webhookId: await stage.freshWebhook() },
    json: generated(stage, chance, operation),
  });

const listWebhookDeliveries: Maker = async (stage, chance, operation) => ({
  ...await onWebhook(stage, chance, operation),
  query: someQuery(stage, chance, operation),
  after: rememberCursor(stage, operation),
});

const saveStockFeed: Maker = (stage, chance, operation) =>
  plain(operation, {
    params: { stockFeedId: chance.pick(["shop", "market"]) },
    json: {
      ...generated(stage, chance, operation),
      url: chance.pick(["https://shop.example.com/stock", "https://erp.example.org:8443/a?b=c"]),
      locationIds: chance.pick([["ams"], ["ber"], ["ams", "ber"]]),
    },
  });

/** Of a generated request's lines those that name a line of the document, and no more units than it has. */
const supplyLine = (lineId: Json): JsonObject => ({ lineId, quantity: 1 });

const makeSupply =
  (path: string, places: JsonObject): Maker => async (stage, chance, operation) => {
    const json = {
      ...generated(stage, chance, operation),
      ...places,
      externalId: stage.newName("supply"),
      expectedAt: "2030-05-04T08:00:00Z",
      lines: [{ sku: chance.pick(goods), quantity: chance.between(1, 9) }],
    };
    // What was asked for before is answered another way.
    if (stage.turn(operation.id)) await stage.ask(path, { json });
    return plain(operation, { json });
  };

const onPurchaseOrder = (json?: (lineId: Json) => JsonObject): Maker =>
async (
  stage,
  _,
  operation,
) => {
  const id = await stage.freshPurchaseOrder();
  const { body } = await stage.ask(`/v1/purchase-orders/${id}`);
  const lineId = String(body["lines"]?.[0]?.["id"]);
  return plain(operation, {
    params: { id },
    ...(json === undefined ? {} : { json: json(lineId) }),
  });
};

const onTransfer = (
  step: "requested" | "shipped",
  json?: (lineId: Json) => JsonObject,
): Maker =>
async (stage, _, operation) => {
  const id = await stage.freshTransfer("ams", "ber", step);
  const { body } = await stage.ask(`/v1/transfers/${id}`);
  const lineId = String(body["lines"]?.[0]?.["id"]);
  return plain(operation, {
    params: { id },
    ...(json === undefined ? {} : { json: json(lineId) }),
  });
};

const importSupply = (heading: string, cells: string): Maker => (stage, _, operation) =>
  plain(operation, {
    headers: { "content-type": "text/csv" },
    text: `${heading},sku,quantity,expectedAt\n` +
      `${stage.newName("file")},${cells},mug,1,2030-05-04\n`,
  });

const onStockFeed: Maker = async (stage, _, operation) =>
  plain(operation, { params: { stockFeedId: await stage.freshStockFeed() } });

const reserve: Maker = async (stage, chance, operation) => {
  const json = {
    ...generated(stage, chance, operation),
    channel: chance.pick(channels),
    externalId: stage.newName("cart"),
    lines: Array.from({ length: chance.between(1, 3) }, () => ({
      sku: chance.pick([...goods, digital]),
      quantity: chance.between(1, 4),
      ...(chance.happens(0.3) ? { method: "pickup", locationId: chance.pick(locations) } : {}),
    })),
  };
  // The same cart, as it is kept already.
  if (stage.turn("reserve")) {
    const before = { ...json, expiresInSeconds: 600, lines: [{ sku: goods[0], quantity: 1 }] };
    await stage.ask("/v1/reservations", { json: before });
  }
  return plain(operation, { json });
};

const onReservation: Maker = async (stage, chance, operation) =>
  plain(operation, {
    params: { id: await stage.freshReservation() },
    ...(operation.body === null ? {} : { json: generated(stage, chance, operation) }),
  });

const messageParams = (chance: Chance) => ({
  kind: chance.pick(["order_received", "shipped", "cancelled"]),
  language: chance.pick(["en", "de"]),
});

const goodTemplate = (chance: Chance) => ({
  subject: chance.pick(["Order {{ order.number }}", "日本😀"]),
  html: chance.pick(["<p>{{ customer.name }}</p>", "{% render 'lines' %}"]),
  ...(chance.happens(0.5) ? { text: "{{ order.totals.total | money }}" } : {}),
});

const saveMessageTemplate: Maker = (_, chance, operation) =>
  plain(operation, { params: messageParams(chance), json: goodTemplate(chance) });

const getMessageTemplate: Maker = (_, chance, operation) =>
  plain(operation, { params: messageParams(chance) });

const removeMessageTemplate: Maker = async (stage, chance, operation) => {
  const params = { kind: "delivered", language: chance.pick(["fr", "it-CH"]) };
  const path = `/v1/messages/templates/${params.kind}/${params.language}`;
  await stage.ask(path, { method: "PUT", json: goodTemplate(chance) });
  return plain(operation, { params });
};

const previewMessageTemplate: Maker = (_, chance, operation) =>
  plain(operation, {
    params: messageParams(chance),
    json: chance.happens(0.5) ? { template: goodTemplate(chance) } : {},
  });

const goodChannel = (chance: Chance) => ({
  ...(chance.happens(0.5) ? { enabled: chance.happens(0.5) } : {}),
  ...(chance.happens(0.5) ? { from: chance.pick(["shop@a.example", "Müller <m@b.example>"]) } : {}),
  ...(chance.happens(0.5) ? { shopName: chance.pick(["Nordlicht", "日本😀"]) } : {}),
  ...(chance.happens(0.5) ? { language: chance.pick(["en", "de-AT"]) } : {}),
  ...(chance.happens(0.5) ? { timeZone: chance.pick(["UTC", "Europe/Berlin"]) } : {}),
});

/** A channel with settings of its own. */
const savedChannel = async (stage: Stage, chance: Chance) => {
  const channel = chance.pick(["web", "café"]);
  const path = `/v1/messages/channels/${encodeURIComponent(channel)}`;
  await stage.ask(path, { method: "PUT", json: goodChannel(chance) });
  return { channel };
};

const saveMessageChannel: Maker = (_, chance, operation) =>
  plain(operation, {
    params: { channel: chance.pick(["web", "ebay"]) },
    json: goodChannel(chance),
  });

const onChannel: Maker = async (stage, chance, operation) =>
  plain(operation, { params: await savedChannel(stage, chance) });

const makers: Readonly<Record<string, Maker>> = {
  placeOrder,
  listOrders: list,
  getOrder: onOrder,
  listOrderEvents,
  cancelOrder,
  previewCancel: cancelOrder,
  previewEdit: editOrder,
  editOrder,
  holdOrder,
  releaseOrder,
  listFulfillmentOrders: list,
  getFulfillmentOrder,
  acceptFulfillmentOrder: onFulfillmentOrder("accept"),
  rejectFulfillmentOrder: onFulfillmentOrder("reject"),
  pickFulfillmentOrder: onFulfillmentOrder("pick"),
  packFulfillmentOrder: onFulfillmentOrder("pack"),
  shipFulfillmentOrder: onFulfillmentOrder("ship"),
  readyFulfillmentOrder: onFulfillmentOrder("ready-for-pickup"),
  collectFulfillmentOrder: onFulfillmentOrder("collect"),
  getShipment,
  listDeliveryExceptions: list,
  trackShipment,
  correctShipmentTracking,
  setShipmentTrackingNumbers: onShipment,
  noteShipment: onShipment,
  reshipShipment: onShipment,
  previewReturn: requestReturn,
  requestReturn,
  listReturns: list,
  getReturn: onReturn(),
  authorizeReturn: onReturn(),
  declineReturn: onReturn(),
  cancelReturn: onReturn(),
  shipReturn: onReturn("authorize"),
  receiveReturn: onReturn("authorize"),
  inspectReturn: onReturn("authorize", "receive"),
  closeReturn: onReturn("authorize", "ship"),
  saveReturnPolicy: (stage, chance, operation) =>
    plain(operation, {
      params: policyParams(stage, chance),
      json: generated(stage, chance, operation),
    }),
  listReturnPolicies: list,
  getReturnPolicy,
  addPayment,
  listPayments: list,
  getPayment: onPayment("authorized"),
  capturePayment: onPayment("authorized", { amount: dollars("3.00") }),
  voidPayment: onPayment("authorized"),
  recordPayment: onPayment("promised", {
    ...{ kind: "capture", amount: dollars("3.00"), reference: "statement 7" },
  }),
  resolvePayment: onPayment("promised", {
    ...{ outcome: "succeeded", reference: "there", reason: "seen there" },
  }),
  previewRefund: refund({ amount: dollars("3.00") }),
  refundOrder: refund({ amount: dollars("3.00"), reason: "over-paid" }),
  creditOrder,
  listInvoices: ofCredited,
  getInvoice: onDocument("invoiceId", "inv"),
  listCreditMemos: ofCredited,
  getCreditMemo: onDocument("creditMemoId", "cre"),
  saveProvider,
  getProvider: (_, __, operation) => plain(operation, { params: { provider: "card" } }),
  listProviders: list,
  receiveProviderWebhook,
  adjustStock,
  moveStock,
  countStock,
  setSafetyStock,
  saveChannel,
  listChannels: list,
  getChannel,
  listStock: list,
  listLots: list,
  traceLot: async (stage, chance, operation) =>
    plain(operation, {
      params: (await stage.tracked()).lot,
      query: someQuery(stage, chance, operation),
      after: rememberCursor(stage, operation),
    }),
  getSerial: async (stage, _, operation) =>
    plain(operation, { params: (await stage.tracked()).serial }),
  listBackorders: (stage, chance, operation) =>
    plain(operation, {
      query: [
        ["sku", chance.pick([rare, ...goods])],
        ...someQuery(stage, chance, operation).filter(([name]) => name !== "sku"),
      ],
      after: rememberCursor(stage, operation),
    }),
  getAvailability: (stage, chance, operation) =>
    plain(operation, {
      query: [
        ["sku", chance.pick([...goods, rare, `${goods[0]},${rare}`])],
        ...someQuery(stage, chance, operation).filter(([name]) => name !== "sku"),
      ],
    }),
  makePromise,
  listStockChanges: (stage, chance, operation) =>
    plain(operation, {
      params: { locationId: chance.pick(locations), sku: chance.pick(goods) },
      query: someQuery(stage, chance, operation),
      after: rememberCursor(stage, operation),
    }),
  saveLocation,
  getLocation: (_, chance, operation) =>
    plain(operation, { params: { locationId: chance.pick(locations) } }),
  listLocations: list,
  saveCalendar,
  getCalendar,
  listCalendars: list,
  saveCarrier,
  getCarrier,
  listCarriers: list,
  saveItem,
  listItems: list,
  getItem: (_, chance, operation) =>
    plain(operation, { params: { sku: chance.pick([...goods, digital, rare]) } }),
  importOrders,
  listImports: list,
  saveImportMapping,
  getImportMapping: (stage, chance, operation) =>
    plain(operation, { params: { name: chance.pick(stage.mappings) } }),
  listImportMappings: list,
  listReadyImportMappings: bare,
  listMessageTemplates: bare,
  saveMessageTemplate,
  getMessageTemplate,
  removeMessageTemplate,
  previewMessageTemplate,
  saveMessageChannel,
  listMessageChannels: list,
  getMessageChannel: onChannel,
  removeMessageChannel: onChannel,
  listOrderMessages: onOrder,
  getImport: onImport,
  listImportResults: onImport,
  getKeyName: (stage, _, operation) => plain(operation, { params: { keyId: stage.strangersId } }),
  createKey,
  listKeys: list,
  getKey: onFreshKey,
  changeKey: onFreshKey,
  revokeKey: onFreshKey,
  verifyStore: (stage, chance, operation) => plain(operation, bodyOrNone(stage, chance, operation)),
  retrySetAside: (stage, chance, operation) =>
    plain(operation, bodyOrNone(stage, chance, operation)),
  getStatus: bare,
  streamStatus,
  listEvents,
  createWebhook,
  listWebhooks: list,
  getWebhook: onWebhook,
  saveWebhook,
  removeWebhook: onWebhook,
  rotateWebhookSecret: actOnWebhook,
  testWebhook: onWebhook,
  enableWebhook: actOnWebhook,
  disableWebhook: actOnWebhook,
  listWebhookDeliveries,
  redeliverWebhook,
  dismissDeliveries,
  placePurchaseOrder: makeSupply("/v1/purchase-orders", { locationId: "ams" }),
  importPurchaseOrders: importSupply("externalId,locationId", "ams"),
  listPurchaseOrders: list,
  getPurchaseOrder: onPurchaseOrder(),
  listPurchaseOrderEvents: onPurchaseOrder(),
  changePurchaseOrder: onPurchaseOrder((lineId) => ({ lines: [{ lineId, quantity: 4 }] })),
  receivePurchaseOrder: onPurchaseOrder((lineId) => ({ lines: [supplyLine(lineId)] })),
  closePurchaseOrder: onPurchaseOrder(() => ({ reason: "no more" })),
  cancelPurchaseOrder: onPurchaseOrder(() => ({ reason: "no more" })),
  requestTransfer: makeSupply("/v1/transfers", { from: "ams", to: "ber" }),
  importTransfers: importSupply("externalId,from,to", "ams,ber"),
  listTransfers: list,
  getTransfer: onTransfer("requested"),
  listTransferEvents: onTransfer("requested"),
  shipTransfer: onTransfer("requested", (lineId) => ({ lines: [supplyLine(lineId)] })),
  changeTransfer: onTransfer("requested", () => ({ expectedAt: "2030-06-04T08:00:00Z" })),
  receiveTransfer: onTransfer("shipped", (lineId) => ({ lines: [supplyLine(lineId)] })),
  closeTransfer: onTransfer("shipped", () => ({ reason: "stolen" })),
  cancelTransfer: onTransfer("shipped", () => ({ rest: "lost" })),
  saveStockFeed,
  listStockFeeds: list,
  getStockFeed: onStockFeed,
  removeStockFeed: onStockFeed,
  resyncStockFeed: onStockFeed,
  reserve,
  listReservations: list,
  getReservation: onReservation,
  listReservationEvents: onReservation,
  extendReservation: onReservation,
  releaseReservation: onReservation,
  getHealth: bare,
  getReadiness: bare,
  getMetrics: bare,
  getOpenApi: bare,
  getDocs: bare,
  getProblem: (_, chance, operation) =>
    plain(operation, {
      params: { name: chance.pick(["not-found", "insufficient-stock", "overloaded"]) },
    }),
};

/** Operations that no maker makes requests for. */
export const unmade = (operations: readonly Operation[]): readonly string[] =>
  operations.map(({ id }) => id).filter((id) => !Object.hasOwn(makers, id));

export const validPlan = async (
  stage: Stage,
  chance: Chance,
  operation: Operation,
): Promise<Plan> => {
  const make = makers[operation.id];
  if (make === undefined) throw new Error(`requests.ts makes no request for ${operation.id}`);
  const plan = await make(stage, chance, operation);
  return plan.json === undefined || plan.headers["content-type"] !== undefined ? plan : {
    ...plan,
    headers: { ...plan.headers, "content-type": "application/json" },
  };
};
