/** A request for every operation, made by chance, that must succeed on the stage. */
import type { Chance } from "../../sim/random.ts";
import type { CallAnswer, Plan } from "./call.ts";
import type { Json, JsonObject, JsonSchema, Operation } from "./document.ts";
import { type Action, channels, digital, goods, locations, rare, type Stage } from "./stage.ts";
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

const orderLine = (chance: Chance, currency: string, mayWait: boolean): JsonObject => {
  const method = chance.pick(["ship", "pickup", "digital", undefined] as const);
  const locationId = method === "pickup" || chance.happens(0.2)
    ? chance.pick(locations)
    : undefined;
  return {
    sku: mayWait && chance.happens(0.3) ? rare : chance.pick([...goods, digital]),
    quantity: chance.between(1, 4),
    // A discount of nothing but cents is less than any price.
    unitPrice: money(chance, currency, 90),
    ...(chance.happens(0.3) ? { tax: money(chance, currency, 9) } : {}),
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
      () => orderLine(chance, currency, onShortage === "backorder" || onShortage === "hold"),
    ),
    ...(shipping?.["amount"] === undefined
      ? {}
      : { shipping: { ...shipping, amount: money(chance, currency, 9) } }),
  };
};

const placeOrder: Maker = (stage, chance, operation) =>
  plain(operation, {
    json: order(stage, chance, operation),
    expected: [201],
    after: (_, answer) => void stage.orders.push(idIn(answer)),
  });

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
  const { lines: _, ...rest } = body;
  return plain(operation, {
    params: { orderId: String(id) },
    json: some.length > 0 ? { ...rest, lines: some } : rest,
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
      reason: strangeText(chance, chance.between(1, 20)),
      ...(reference === undefined ? {} : { reference }),
      changes: [
        { sku, delta: -chance.between(0, 5), unavailable: chance.between(0, 4) },
        { sku: newSku(stage, chance), delta: chance.pick([0, 1, 17, 1_000, 10_000_000_000]) },
      ],
    },
  });
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
    json: { ...generated(stage, chance, operation), active: chance.happens(0.2) },
  });

const saveItem: Maker = (stage, chance, operation) =>
  plain(operation, {
    params: { sku: saved(stage, chance, "thing") },
    json: generated(stage, chance, operation),
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

const revokeKey: Maker = async (stage, _, operation) => {
  const { body } = await stage.ask("/v1/admin/keys", { json: { name: "gone", role: "viewer" } });
  return plain(operation, { params: { keyId: String(body["id"]) } });
};

const bare: Maker = (_stage, _chance, operation) => plain(operation);

const streamStatus: Maker = (stage, chance, operation) =>
  plain(operation, { query: someQuery(stage, chance, operation) });

const makers: Readonly<Record<string, Maker>> = {
  placeOrder,
  listOrders: list,
  getOrder: onOrder,
  listOrderEvents,
  cancelOrder,
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
  trackShipment,
  adjustStock,
  countStock,
  setSafetyStock,
  listStock: list,
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
  saveItem,
  getItem: (_, chance, operation) =>
    plain(operation, { params: { sku: chance.pick([...goods, digital, rare]) } }),
  importOrders,
  listImports: list,
  saveImportMapping,
  getImportMapping: (stage, chance, operation) =>
    plain(operation, { params: { name: chance.pick(stage.mappings) } }),
  listImportMappings: list,
  listReadyImportMappings: bare,
  getImport: onImport,
  listImportResults: onImport,
  getKeyName: (stage, _, operation) => plain(operation, { params: { keyId: stage.strangersId } }),
  createKey,
  listKeys: list,
  revokeKey,
  verifyStore: (stage, chance, operation) => plain(operation, bodyOrNone(stage, chance, operation)),
  retrySetAside: (stage, chance, operation) =>
    plain(operation, bodyOrNone(stage, chance, operation)),
  getStatus: bare,
  streamStatus,
  getHealth: bare,
  getReadiness: bare,
  getMetrics: bare,
  getOpenApi: bare,
  getDocs: bare,
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
