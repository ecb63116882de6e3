/**
 * A payment provider at the other end of a connection, on a bad day: requests and answers are lost or late, and
 * failures are kept under the keys of calls, and forgotten after a day.
 */
import type { ServerResponse } from "node:http";
import type { Chance } from "../../sim/random.ts";
import type { Received } from "../outside.ts";

export interface Said {
  readonly status: number;
  readonly json: unknown;
}

/** What a provider does with a request that reaches it. */
export type Conduct = (received: Received, declines: boolean) => Said;

const keyKeptMs = 24 * 3_600_000;

const faults = {
  none: 50,
  "lost request": 10,
  "lost answer": 12,
  "stored failure": 6,
  "stored failure of what was done": 6,
  late: 8,
  limited: 4,
  declined: 6,
} as const;

interface Kept extends Said {
  readonly body: string;
  readonly atMs: number;
}

interface Late {
  readonly received: Received;
  readonly dueMs: number;
}

export class BadDay {
  isBad = false;
  /** Faults that come next, before chance has its way. */
  readonly planned: (keyof typeof faults)[] = [];
  /** Keys of calls in the order in which they came. */
  readonly keys: string[] = [];
  readonly #kept = new Map<string, Kept>();
  #late: Late[] = [];

  constructor(
    private readonly chance: Chance,
    private readonly now: () => number,
    private readonly conduct: Conduct,
    /** How this provider writes an error. */
    private readonly errorOf: (status: number, code: string) => Said,
  ) {}

  answer(response: ServerResponse, received: Received): void {
    this.#arrive();
    if (received.method === "GET") {
      if (this.isBad && this.chance.happens(0.2)) return this.#lose(response);
      if (this.isBad && this.chance.happens(0.1)) {
        return this.#say(response, this.errorOf(500, "api_error"));
      }
      return this.#say(response, this.conduct(received, false));
    }
    const key = String(received.headers["idempotency-key"]);
    this.keys.push(key);
    const kept = this.#keptOf(key);
    if (kept !== null) {
      return this.#say(
        response,
        kept.body === received.body ? kept : this.errorOf(400, "idempotency_error"),
      );
    }
    const fault = this.planned.shift() ??
      (this.isBad ? this.chance.weighted(faults) : "none");
    switch (fault) {
      case "none":
        return this.#say(response, this.#do(received, false));
      case "declined":
        return this.#say(response, this.#do(received, true));
      case "lost request":
        return this.#lose(response);
      case "lost answer":
        this.#do(received, false);
        return this.#lose(response);
      case "stored failure of what was done":
        this.#do(received, false);
        return this.#say(response, this.#keep(received, this.errorOf(500, "api_error")));
      case "stored failure":
        return this.#say(response, this.#keep(received, this.errorOf(500, "api_error")));
      case "late": {
        const dueMs = this.now() + this.chance.between(1_000, 4 * 60_000);
        this.#late.push({ received, dueMs });
        return this.#lose(response);
      }
      case "limited":
        return this.#say(response, this.errorOf(429, "rate_limit"));
    }
  }

  #arrive(): void {
    const nowMs = this.now();
    const arrived = this.#late.filter(({ dueMs }) => dueMs <= nowMs);
    this.#late = this.#late.filter(({ dueMs }) => dueMs > nowMs);
    for (const { received } of arrived) {
      if (this.#keptOf(String(received.headers["idempotency-key"])) === null) {
        this.#do(received, false);
      }
    }
  }

  #keptOf(key: string): Kept | null {
    const kept = this.#kept.get(key);
    return kept === undefined || kept.atMs + keyKeptMs < this.now() ? null : kept;
  }

  #do(received: Received, declines: boolean): Said {
    return this.#keep(received, this.conduct(received, declines));
  }

  #keep(received: Received, said: Said): Said {
    const key = String(received.headers["idempotency-key"]);
    this.#kept.set(key, { ...said, body: received.body, atMs: this.now() });
    return said;
  }

  #say(response: ServerResponse, { status, json }: Said): void {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(json));
  }

  #lose(response: ServerResponse): void {
    response.socket?.destroy();
  }
}
