/**
 * The other end of webhook endpoints, as somebody else's program: takes what comes, answers after a while, and
 * sees to it that the events of each order come in their order.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Tally } from "../load/outcome.ts";
import type { Contender, Measure, Measured } from "./protocol.ts";

const orderPattern = /"orderId":"([^"]+)"/;

/** The newest event of each order that each path was told of: it may only grow. */
class Orders {
  readonly #newest = new Map<string, string>();
  disordered = 0;
  repeated = 0;

  /** Whether it is new. */
  took(path: string, id: string, body: string): boolean {
    const order = `${path} ${orderPattern.exec(body)?.[1] ?? ""}`;
    const newest = this.#newest.get(order) ?? "";
    if (id === newest) {
      this.repeated++;
      return false;
    }
    if (id < newest) this.disordered++;
    this.#newest.set(order, id);
    return true;
  }
}

/** A look at what comes: from the first message on, until there are so many, or the time is over. */
class Look {
  tally: Tally | undefined;
  #count = 0;
  #lastMs = 0;

  constructor(private readonly requests: number, private readonly enough: () => void) {}

  took(beganMs: number): void {
    this.#lastMs = performance.now();
    this.tally ??= new Tally(beganMs);
    this.tally.add("accepted", this.#lastMs - beganMs, this.#lastMs);
    if (++this.#count >= this.requests) this.enough();
  }

  get lastMs(): number {
    return this.#lastMs;
  }
}

class Sink {
  readonly #server;
  readonly #orders = new Orders();
  #look: Look | undefined;

  constructor(private readonly answerMs: number) {
    this.#server = createServer((request, response) => this.#take(request, response));
  }

  async open(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  /** Looks on; what is to come comes from elsewhere. */
  async watch({ seconds, requests = Number.POSITIVE_INFINITY }: Measure): Promise<Measured> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = new Look(requests, resolve);
    this.#look = look;
    const timer = setTimeout(resolve, seconds * 1_000);
    await promise;
    clearTimeout(timer);
    this.#look = undefined;
    const nowMs = performance.now();
    const { tally = new Tally(nowMs), lastMs } = look;
    return {
      ...tally.outcome(Number.isFinite(requests) ? lastMs : nowMs),
      facts: { disordered: this.#orders.disordered, repeated: this.#orders.repeated },
    };
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.closeAllConnections();
      this.#server.close(() => resolve());
    });
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    const beganMs = performance.now();
    let body = "";
    request.setEncoding("latin1");
    request.on("data", (chunk: string) => body += chunk);
    request.on("end", () => {
      const id = String(request.headers["webhook-id"]);
      if (this.#orders.took(request.url ?? "", id, body)) this.#look?.took(beganMs);
      const answer = () => void response.writeHead(204).end();
      if (this.answerMs === 0) answer();
      else setTimeout(answer, this.answerMs);
    });
  }
}

export const openSink = async (answerMs: number): Promise<Contender> => {
  const sink = new Sink(answerMs);
  return {
    opened: { port: await sink.open() },
    measure: (measure) => sink.watch(measure),
    close: () => sink.close(),
  };
};
