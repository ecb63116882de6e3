/** An engine with things in it, so that requests can be made which succeed: each has what it needs. */
import assert from "node:assert/strict";
import { Context, Effect } from "effect";
import { isSigned, signatureHeaders } from "../../../src/outbound/signature.ts";
import { NotSigned, type ProviderPorts } from "../../../src/payment/port.ts";
import { LogTail } from "../../../actors/log/log-tail.ts";
import { delivery } from "../../../actors/outbound/held-lane.ts";
import { systemPrincipal } from "../../../src/kernel/principal.ts";
import type { Entry } from "../../../src/store/store.ts";
import { valueOf } from "../../../src/store/values.ts";
import { forEachLogEntry, forEachPage, newestPosition } from "../../../src/verify/read.ts";
import { Findings } from "../../../src/verify/report.ts";
import { webhookLanes } from "../../../src/webhook/outbox.ts";
import { eventually } from "../../process/process.ts";
import type { Chance } from "../../sim/random.ts";
import { nobodyListens } from "../../support/engine.ts";
import {
  type Answer,
  type Ask,
  type Json as Body,
  startServer,
  stockOver,
  type TestServer,
} from "../../support/server.ts";
import { Subjects } from "../../../src/subject/subject.ts";
import { type ApiDocument, documentOf } from "./document.ts";

/** Locations that always have enough of everything. */
export const locations = ["ams", "ber", "cdg"] as const;
export const goods = ["mug", "pot", "a/b c", "日本😀"] as const;
export const digital = "song";
/** Of this nothing ever arrives. */
export const rare = "rare";
export const channels = ["web", "app", "שוק 😀"] as const;

export type Action =
  | "accept"
  | "reject"
  | "pick"
  | "pack"
  | "ship"
  | "ready-for-pickup"
  | "collect";

/** What is done to a new fulfillment order before the action is allowed. */
const stepsBefore: Readonly<Record<Action, readonly Action[]>> = {
  accept: [],
  reject: [],
  pick: ["accept"],
  pack: ["accept", "pick"],
  ship: ["accept", "pick"],
  "ready-for-pickup": ["accept", "pick"],
  collect: ["accept", "pick", "ready-for-pickup"],
};

export interface FreshOrder {
  readonly channel?: string;
  readonly locationId?: string;
  readonly method?: "ship" | "pickup";
  readonly quantity?: number;
}

/** Nothing of these tests leaves this process. */
const takesAll = delivery(() => Effect.succeed({ _tag: "Delivered", status: 204 }));

const mostWebhooks = 20;
const mostFeeds = 10;

/** How many known orders are looked at for one that allows an action, before a new one is placed. */
const looks = 3;

/** With which the provider `bank` signs. */
const bankSecret = `whsec_${btoa("a secret of the bank, of 32 bytes")}`;

/** The headers of a message of the provider `bank`. */
export const signedByBank = (id: string, body: string): Readonly<Record<string, string>> =>
  signatureHeaders({ id, atMs: Date.now(), body }, [bankSecret]);

const trackedUnits = {
  lot: { sku: "milk", lotId: "L-1" },
  serial: { sku: "phone", serial: "S-1" },
} as const;

export class Stage {
  readonly #turns = new Map<string, boolean>();
  /** Orders that requests placed, oldest first. */
  readonly orders: string[] = [];
  readonly shipments: string[] = [];
  readonly imports: string[] = [];
  readonly keys: string[] = [];
  readonly webhooks: string[] = [];
  readonly mappings = ["plain"];
  /** By operation: cursors that its pages gave. */
  readonly cursors = new Map<string, string[]>();
  #named = 0;
  #webhookMaker: string | undefined;
  #feeds = 0;

  private constructor(
    readonly server: TestServer,
    readonly document: ApiDocument,
    /** Makes requests that are as they must be. */
    readonly key: string,
    /** Makes requests that are not: nothing in the store may bear its name. */
    readonly strangersKey: string,
    readonly strangersId: string,
    private readonly isFirstTurnFalse: boolean,
  ) {}

  /** An endpoint of the channel web and the location ams, which was told something. */
  async freshWebhook(): Promise<string> {
    this.#webhookMaker ??= String(
      (await this.ask("/v1/admin/keys", {
        json: {
          ...{ name: "webhooks", role: "operations" },
          scope: { channel: "web", locationId: "ams" },
        },
      })).body["key"],
    );
    const { body } = await this.ask("/v1/webhooks", {
      json: { url: "https://hooks.example.com/in", types: ["order.*"] },
      key: this.#webhookMaker,
    });
    this.webhooks.push(String(body["id"]));
    await this.fewWebhooks();
    return String(body["id"]);
  }

  /** A stock feed that is enabled; some are there again and again, since there may only be so many. */
  async freshStockFeed(): Promise<string> {
    const id = `feed-${this.#feeds++ % mostFeeds}`;
    await this.ask(`/v1/stock-feeds/${id}`, {
      method: "PUT",
      json: { url: "https://shop.example.com/stock", locationIds: ["ams"] },
    });
    return id;
  }

  async freshReservation(
    { channel = "web", locationId = "ams" }: Pick<FreshOrder, "channel" | "locationId"> = {},
  ): Promise<string> {
    const { body } = await this.ask("/v1/reservations", {
      json: {
        ...{ channel, externalId: this.newName("cart"), expiresInSeconds: 600 },
        lines: [{ sku: "mug", quantity: 2, locationId }],
      },
    });
    return String(body["id"]);
  }

  async freshPurchaseOrder(locationId = "ams"): Promise<string> {
    const { body } = await this.ask("/v1/purchase-orders", {
      json: {
        ...{ externalId: this.newName("purchase"), supplierId: "potter", locationId },
        expectedAt: "2030-05-04T08:00:00Z",
        lines: [{ sku: "mug", quantity: 5 }, { sku: "pot", quantity: 5 }],
      },
    });
    return String(body["id"]);
  }

  async freshTransfer(from: string, to: string, step: "requested" | "shipped"): Promise<string> {
    const { body } = await this.ask("/v1/transfers", {
      json: {
        ...{ externalId: this.newName("transfer"), from, to, expectedAt: "2030-05-04T08:00:00Z" },
        lines: [{ sku: "mug", quantity: 2 }],
      },
    });
    if (step === "shipped") await this.ask(`/v1/transfers/${body["id"]}/ship`, { json: {} });
    return String(body["id"]);
  }

  /** A lot, and a unit with a serial, that are told of: made once. */
  async tracked(): Promise<typeof trackedUnits> {
    const { lot, serial } = trackedUnits;
    const told = [
      `/v1/lots/${lot.sku}/${lot.lotId}/trace`,
      `/v1/serials/${serial.sku}/${serial.serial}`,
    ];
    const isTold = async () => {
      const answers = await Promise.all(told.map((path) => this.server.ask(path)));
      return answers.every(({ status }) => status === 200) ? true : null;
    };
    if (await isTold() === true) return trackedUnits;
    for (const [sku, tracking] of [[lot.sku, "lot"], [serial.sku, "serial"]]) {
      await this.ask(`/v1/items/${sku}`, { method: "PUT", json: { name: "Tracked", tracking } });
    }
    const changes = [
      { sku: lot.sku, delta: 3, lotId: lot.lotId },
      { sku: serial.sku, delta: 1, serials: [serial.serial] },
    ];
    await this.ask("/v1/inventory/adjustments", {
      json: { locationId: "ams", reason: "received", changes },
    });
    await eventually("the trace of a lot", isTold);
    return trackedUnits;
  }

  /** There may only be so many. */
  async fewWebhooks(): Promise<void> {
    while (this.webhooks.length > mostWebhooks) {
      const id = this.webhooks.shift();
      await this.server.ask(`/v1/webhooks/${id}`, { method: "DELETE" });
    }
  }

  /** `seed`: of two seeds that follow each other, one begins its turns with false and one with true. */
  static async set(seed = 0): Promise<Stage> {
    const deliveries = { ...nobodyListens(), [webhookLanes.name]: takesAll };
    const providers: ProviderPorts = {
      http: {
        ask: () => Effect.never,
        find: () => Effect.never,
        named: (_, { headers, body, atMs }) =>
          isSigned({ headers, body, atMs }, bankSecret, 60_000)
            ? Effect.succeed(null)
            : Effect.fail(new NotSigned()),
      },
    };
    const server = await startServer({ parts: { deliveries, providers } });
    const { text } = await server.ask("/openapi.json");
    const keyNamed = async (name: string) =>
      (await server.ask("/v1/admin/keys", { json: { name, role: "admin" } })).body;
    const stranger = await keyNamed("stranger");
    const stage = new Stage(
      server,
      documentOf(text),
      String((await keyNamed("client"))["key"]),
      String(stranger["key"]),
      String(stranger["id"]),
      seed % 2 === 0,
    );
    const stock = Object.fromEntries(goods.map((sku) => [sku, 1_000_000]));
    await stockOver(server, Object.fromEntries(locations.map((id) => [id, stock])));
    const put = (path: string, json: unknown) => stage.ask(path, { method: "PUT", json });
    await put(`/v1/items/${digital}`, { name: "Song", digital: true });
    await put(`/v1/items/${rare}`, { name: "Rare", backorder: "allowed" });
    await put("/v1/providers/card", { type: "http", url: "https://card.example.com" });
    await put("/v1/providers/bank", {
      ...{ type: "http", url: "https://bank.example.com", webhookSecret: bankSecret },
    });
    await put("/v1/imports/mappings/plain", {
      fields: {
        externalId: { column: "order" },
        sku: { column: "sku" },
        quantity: { column: "quantity" },
        unitPrice: { column: "price" },
        currency: { constant: "USD" },
        customerName: { column: "customer" },
        country: { constant: "NL" },
      },
    });
    return stage;
  }

  /** Asks for something that must succeed. */
  async ask(path: string, ask: Ask = {}): Promise<Answer> {
    const answer = await this.server.ask(path, { key: this.key, ...ask });
    assert.ok(answer.status < 300, `${ask.method ?? ""} ${path}: ${answer.text}`);
    return answer;
  }

  /** A name that nothing has yet. */
  newName(prefix: string): string {
    return `${prefix}-${++this.#named}`;
  }

  async order(id: string): Promise<Body> {
    return (await this.ask(`/v1/orders/${id}`)).body;
  }

  /** False and true in turns: few requests reach both ways of an operation. */
  turn(operation: string): boolean {
    const last = this.#turns.get(operation) ?? this.isFirstTurnFalse;
    this.#turns.set(operation, !last);
    return !last;
  }

  async freshOrder(
    { channel = "web", locationId, method = "ship", quantity = 2 }: FreshOrder = {},
  ): Promise<Body> {
    const price = { amount: "10.00", currency: "USD" };
    const line = {
      sku: "mug",
      quantity,
      unitPrice: price,
      fulfillment: { method, ...(locationId === undefined ? {} : { locationId }) },
    };
    const { body } = await this.ask("/v1/orders", {
      json: {
        channel,
        externalId: this.newName("fresh"),
        currency: "USD",
        customer: { id: "cus_1", name: "Ada Example" },
        shippingAddress: { country: "NL" },
        lines: [line, { ...line, sku: "pot" }],
      },
    });
    return body;
  }

  /** An order of which one unit is allocated, and another waits that nobody has. */
  async freshBackorder({ channel = "web", locationId = "ams" }: FreshOrder = {}): Promise<string> {
    const unitPrice = { amount: "10.00", currency: "USD" };
    const line = { quantity: 1, unitPrice, fulfillment: { method: "ship", locationId } };
    const { body } = await this.ask("/v1/orders", {
      json: {
        ...{ channel, externalId: this.newName("waits"), currency: "USD" },
        customer: { name: "Ada Example" },
        shippingAddress: { country: "NL" },
        onShortage: "backorder",
        lines: [{ ...line, sku: "mug" }, { ...line, sku: rare }],
      },
    });
    return String(body["id"]);
  }

  /** Does the steps to the first fulfillment order of an order; answers with it as it then is. */
  async advance(order: Body, steps: readonly Action[]): Promise<Body> {
    const id = String(order["fulfillmentOrders"]?.[0]?.["id"]);
    for (const step of steps) {
      const json = step === "ship"
        ? { carrier: "DHL" }
        : step === "reject"
        ? { reason: "broken" }
        : {};
      await this.ask(`/v1/fulfillment-orders/${id}/${step}`, { json });
    }
    return (await this.ask(`/v1/fulfillment-orders/${id}`)).body;
  }

  /** A fulfillment order on which the action is allowed now. */
  async readyFor(action: Action, fresh: FreshOrder = {}): Promise<Body> {
    const needsPickup = action === "ready-for-pickup" || action === "collect";
    const order = await this.freshOrder(
      needsPickup ? { locationId: "ams", ...fresh, method: "pickup" } : fresh,
    );
    return this.advance(order, stepsBefore[action]);
  }

  /** The same, where it can be one of those that requests placed. */
  async someReadyFor(action: Action, chance: Chance): Promise<Body> {
    for (let look = 0; look < looks && this.orders.length > 0; look++) {
      const order = await this.order(chance.pick(this.orders));
      const found = [...order["fulfillmentOrders"] ?? []].find((each) =>
        [...each["supportedActions"] ?? []].some((name) => String(name) === action)
      );
      if (found !== undefined) {
        return (await this.ask(`/v1/fulfillment-orders/${found["id"]}`)).body;
      }
    }
    return this.readyFor(action);
  }

  async freshShipment(fresh: FreshOrder = {}): Promise<string> {
    const order = await this.freshOrder(fresh);
    await this.advance(order, ["accept", "pick", "ship"]);
    const shipped = await this.order(String(order["id"]));
    return String(shipped["shipments"]?.[0]?.["id"]);
  }

  /** A return of one mug of two that were shipped, after these steps. */
  async freshReturn(
    steps: readonly ("authorize" | "ship" | "receive")[] = [],
    fresh: FreshOrder = {},
  ): Promise<string> {
    const { body: { orderId } } = await this.ask(
      `/v1/shipments/${await this.freshShipment(fresh)}`,
    );
    const { body } = await this.ask(`/v1/orders/${orderId}/returns`, {
      json: { lines: [{ lineId: "1", quantity: 1, reason: "unwanted" }] },
    });
    for (const step of steps) await this.ask(`/v1/returns/${body["id"]}/${step}`, { json: {} });
    return String(body["id"]);
  }

  /** An order of two mugs, one of which came back and may be credited. */
  async freshAccepted(fresh: FreshOrder = {}): Promise<string> {
    const id = await this.freshReturn(["authorize", "receive"], fresh);
    const { body } = await this.ask(`/v1/returns/${id}/inspect`, {
      json: { lines: [{ lineId: "1", quantity: 1, disposition: "restock" }] },
    });
    return String(body["orderId"]);
  }

  /** An order with an invoice and a credit memo. */
  async freshCredited(fresh: FreshOrder = {}): Promise<string> {
    const id = await this.freshAccepted(fresh);
    await this.ask(`/v1/orders/${id}/credits`, { json: { reason: "came back" } });
    return id;
  }

  /** A shipment that the carrier said cannot be delivered as planned. */
  async freshException(fresh: FreshOrder = {}): Promise<string> {
    const id = await this.freshShipment(fresh);
    await this.ask(`/v1/shipments/${id}/tracking`, {
      json: { status: "exception", occurredAt: "2026-01-05T10:00:00Z", description: "Nobody home" },
    });
    return id;
  }

  /** A payment of an order of its own. */
  async freshPayment(
    status: "authorized" | "captured" | "promised",
    provider: "card" | "manual" = "card",
    fresh: FreshOrder = {},
  ): Promise<{ readonly id: string; readonly orderId: string }> {
    const { id } = await this.freshOrder(fresh);
    const { body } = await this.ask(`/v1/orders/${id}/payments`, {
      json: { provider, amount: { amount: "40.00", currency: "USD" }, status },
    });
    return { id: String(body["id"]), orderId: String(id) };
  }

  async importEnded(id: string, key = this.key): Promise<Body> {
    return await eventually("the end of an import", async () => {
      const { body } = await this.ask(`/v1/imports/${id}`, { key });
      return String(body["status"]) === "running" ? null : body;
    });
  }

  /** Until nothing more follows from what was committed: then only a request can move the log. */
  async settled(): Promise<void> {
    const tail = Context.get(this.server.application.context, LogTail);
    const isSettled = () => tail.followers().get("replenish") === tail.committedPosition();
    for (let turns = 0; turns < 100 && !isSettled(); turns++) await Promise.resolve();
    if (!isSettled()) {
      await eventually("the replenisher's rest", () => isSettled() ? true : null);
    }
  }

  /** The newest position of the log, from the store itself. */
  position(): Promise<string> {
    return Effect.runPromise(Effect.provide(newestPosition, this.server.application.context));
  }

  /** What others than the engine itself, whose timers go on, wrote behind a position. */
  async writtenBehind(position: string): Promise<readonly string[]> {
    if (await this.position() === position) return [];
    const read = Effect.gen(function* () {
      const found: string[] = [];
      yield* forEachLogEntry(
        yield* Subjects,
        yield* newestPosition,
        new Findings(),
        (entry) => {
          if (entry.position <= position) return;
          for (const { kind, by } of entry.records) {
            if (by !== systemPrincipal.id) found.push(`${kind} by ${by}`);
          }
        },
      );
      return found;
    });
    return await Effect.runPromise(Effect.provide(read, this.server.application.context));
  }

  /** Everything in the store that bears the name of a key: log records, kept answers, imports. */
  tracesOf(keyId: string): Promise<readonly string[]> {
    const read = Effect.gen(function* () {
      const found: string[] = [];
      yield* forEachPage(
        ["idempotency", keyId],
        100,
        (entries) => Effect.sync(() => found.push(...entries.map(({ key }) => key.join("/")))),
      );
      const imports: Entry[] = [];
      yield* forEachPage(
        ["import_job"],
        100,
        (entries) => Effect.sync(() => imports.push(...entries)),
      );
      for (const entry of imports) {
        const job = yield* valueOf<{ readonly by: string }>(entry);
        if (job?.value.by === keyId) found.push(entry.key.join("/"));
      }
      yield* forEachLogEntry(
        yield* Subjects,
        yield* newestPosition,
        new Findings(),
        ({ position, records }) => {
          for (const { by, kind } of records) {
            if (by === keyId) found.push(`${kind} at ${position}`);
          }
        },
      );
      return found;
    });
    return Effect.runPromise(Effect.provide(read, this.server.application.context));
  }

  close(): Promise<void> {
    return this.server[Symbol.asyncDispose]();
  }
}
