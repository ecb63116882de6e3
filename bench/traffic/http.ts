/** Load over HTTP: what is sent, and what its answers mean. */
import { Connection, type HttpRequest, type Target } from "../load/connection.ts";
import type { Answered, Send } from "../load/drive.ts";
import type { Response } from "../load/response.ts";
import { flashPlan, flashRequests, type FlashSale } from "./flash.ts";
import { LifeTraffic } from "./life.ts";
import { listRequest, meaningOfPage } from "./lists.ts";
import { promiseRequests } from "./promises.ts";
import { type OrderKind, orderStream, type StockPlan } from "./orders.ts";

export type TrafficKind =
  | { readonly kind: "orders"; readonly orders: OrderKind }
  | { readonly kind: "flash"; readonly sale: FlashSale }
  | { readonly kind: "life"; readonly isPaid?: boolean }
  /** Questions for a promise, of the lines of `hot`. */
  | { readonly kind: "promise" }
  /** Pages of the list of orders, by one filter. */
  | { readonly kind: "list"; readonly filter: string }
  /** Orders to a server that is no engine and answers whatever it is sent. */
  | { readonly kind: "echo" };

export interface Traffic {
  readonly plan: StockPlan;
  /** How many requests there are in all; undefined: as many as are wanted. */
  readonly requests?: number;
  readonly send: Send;
  /** To be called when no more requests are sent, before the store is looked at. */
  readonly finish: () => Promise<void>;
  readonly close: () => void;
}

const decoder = new TextDecoder();

const unexpected = (response: Response): Answered => ({
  result: response.status === 503 || response.status === 429 ? "overloaded" : "error",
  detail: `${response.status} ${decoder.decode(response.body).slice(0, 300)}`,
});

const replayed = /\r\nidempotent-replayed: *true/i;

/** What the answer to an order means. */
export const meaningOf = (response: Response): Answered => {
  switch (response.status) {
    case 201:
      return { result: replayed.test(response.headers) ? "repeated" : "accepted" };
    case 200:
      return { result: "repeated" };
    case 409: {
      const body = decoder.decode(response.body);
      if (body.includes("/problems/insufficient-stock")) return { result: "refused" };
      // A retry that overtook its first request: to be sent again later.
      if (body.includes("/problems/idempotency-in-flight")) return { result: "overloaded" };
      return unexpected(response);
    }
    default:
      return unexpected(response);
  }
};

/** Connections by client, opened when they are first used. */
class Connections {
  readonly #connections: Connection[] = [];

  constructor(private readonly target: Target) {}

  of(client: number): Connection {
    return this.#connections[client] ??= new Connection(this.target);
  }

  close(): void {
    for (const connection of this.#connections) connection?.close();
    this.#connections.length = 0;
  }
}

const orderRequest = (order: unknown, idempotencyKey?: string): HttpRequest => ({
  method: "POST",
  path: "/v1/orders",
  body: JSON.stringify(order),
  ...(idempotencyKey === undefined ? {} : { headers: { "Idempotency-Key": idempotencyKey } }),
});

const nothingLeft = (): Promise<void> => Promise.resolve();

const lifeTraffic = (connections: Connections, run: string, isPaid: boolean): Traffic => {
  const life = new LifeTraffic(run, () => Date.now(), isPaid);
  const take = async (step: ReturnType<LifeTraffic["next"]>, client: number): Promise<Answered> => {
    const response = await connections.of(client).send(step.request);
    if (response.status !== step.expects) {
      const { detail, result } = unexpected(response);
      return { result, detail: `${step.name}: ${detail}` };
    }
    step.done(decoder.decode(response.body));
    return { result: "accepted" };
  };
  return {
    plan: life.plan,
    send: (_, client) => take(life.next(), client),
    finish: async () => {
      const step = life.lastReceipt();
      if (step !== undefined) await take(step, 0);
    },
    close: () => connections.close(),
  };
};

export const httpTraffic = (kind: TrafficKind, target: Target, run: string): Traffic => {
  const connections = new Connections(target);
  const close = () => connections.close();
  switch (kind.kind) {
    case "orders": {
      const { plan, order } = orderStream(kind.orders, run);
      let sent = 0;
      return {
        plan,
        send: async (_, client) =>
          meaningOf(await connections.of(client).send(orderRequest(order(sent++)))),
        finish: nothingLeft,
        close,
      };
    }
    case "echo": {
      const { order } = orderStream("hot", run);
      return {
        plan: { locations: [], stock: [] },
        send: async (n, client) =>
          meaningOf(await connections.of(client).send(orderRequest(order(n)))),
        finish: nothingLeft,
        close,
      };
    }
    case "flash": {
      const requests = flashRequests(kind.sale, run);
      return {
        plan: flashPlan(kind.sale, run),
        requests: requests.length,
        send: async (n, client) => {
          const request = requests[n];
          if (request === undefined) throw new RangeError(`The sale has no request ${n}.`);
          return meaningOf(
            await connections.of(client).send(orderRequest(request.order, request.idempotencyKey)),
          );
        },
        finish: nothingLeft,
        close,
      };
    }
    case "promise": {
      const { plan, request } = promiseRequests(run);
      return {
        plan,
        send: async (n, client) => {
          const response = await connections.of(client).send(request(n));
          return response.status === 200 ? { result: "accepted" } : unexpected(response);
        },
        finish: nothingLeft,
        close,
      };
    }
    case "list":
      return {
        plan: { locations: [], stock: [] },
        send: async (_, client) =>
          meaningOfPage(
            await connections.of(client).send(listRequest(kind.filter, Date.now())),
          ),
        finish: nothingLeft,
        close,
      };
    case "life":
      return lifeTraffic(connections, run, kind.isPaid ?? false);
  }
};
