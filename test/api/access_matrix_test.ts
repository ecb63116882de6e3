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
import { type Action, Stage } from "./generated/stage.ts";

interface Question {
  readonly path: string;
  readonly json?: unknown;
  readonly text?: string;
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

const onShipment = (more: string, json?: unknown) => async (stage: Stage) => {
  const thing = `/v1/shipments/${await stage.freshShipment(here)}`;
  return { path: thing + more, json, thing };
};

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

/** A request that succeeds when everything is allowed. */
const questions: Readonly<Record<string, (stage: Stage) => Promise<Question>>> = {
  placeOrder: (stage) =>
    Promise.resolve({
      path: "/v1/orders",
      json: orderFor(stage.newName("matrix"), { mug: 1 }, { channel: "web" }),
    }),
  listOrders: listed("/v1/orders", { channel: "channel=web", location: "locationId=ams" }),
  getOrder: onOrder(""),
  listOrderEvents: onOrder("/events"),
  cancelOrder: onOrder("/cancel", { reason: "wish" }),
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
  trackShipment: onShipment("/tracking", {
    status: "in_transit",
    occurredAt: "2026-01-05T10:00:00Z",
  }),
  adjustStock: at("/v1/inventory/adjustments", { json: stock }),
  countStock: at("/v1/inventory/counts", {
    json: { locationId: "ams", counts: [{ sku: "tray", onHand: 5 }] },
  }),
  setSafetyStock: at("/v1/inventory/safety-stock", {
    json: { locationId: "ams", levels: [{ sku: "tray", safetyStock: 1 }] },
  }),
  listStock: at("/v1/inventory", {
    byName: { location: "locationId=ams" },
    holds: (body) => rows(body).some(({ locationId }) => locationId === "ams"),
  }),
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
  revokeKey: async (stage) => {
    const { body } = await stage.ask("/v1/admin/keys", { json: { name: "old", role: "viewer" } });
    return { path: `/v1/admin/keys/${body["id"]}` };
  },
  verifyStore: at("/v1/admin/verify", { json: {} }),
  retrySetAside: at("/v1/admin/set-aside/retry", { json: {} }),
  getStatus: at("/v1/status", {
    // What is everybody's is for keys that see everything.
    holds: (body) => Object.hasOwn(body as object, "consumers"),
  }),
  streamStatus: at("/v1/status/stream", {
    byName: { channel: "channel=web", location: "locationId=ams" },
  }),
  getHealth: at("/healthz"),
  getReadiness: at("/readyz"),
  getMetrics: at("/metrics"),
  getOpenApi: at("/openapi.json"),
  getDocs: at("/docs"),
};

const askWith = (stage: Stage, operation: Operation, question: Question, key: string | null) => {
  const content = question.text ?? JSON.stringify(question.json);
  const type = question.text === undefined ? "application/json" : "text/csv";
  return send(stage.server.fetch, {
    operation,
    method: operation.method,
    target: question.path,
    headers: {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(content === undefined ? {} : { "content-type": type }),
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
    const path = `${question.path}?${parameter}`;
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
