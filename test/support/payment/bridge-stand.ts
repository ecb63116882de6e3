/** A stand-in for a provider behind the HTTP port. It keeps its own ledger, and does each transaction once. */
import assert from "node:assert/strict";
import { parseAmount } from "../../../src/kernel/money.ts";
import { signatureHeaders } from "../../../src/outbound/signature.ts";
import type { Payment } from "../../../src/order/payment.ts";
import type { Chance } from "../../sim/random.ts";
import { type HttpOutside, httpServer, type Received } from "../outside.ts";
import { BadDay, type Said } from "./bad-day.ts";
import type { Stand, Sums } from "./stand.ts";

interface Booked {
  readonly kind: string;
  readonly paymentId: string;
  readonly amount: number;
  readonly answer: Readonly<Record<string, string>>;
}

export class BridgeStand implements Stand {
  readonly type = "http";
  readonly secret = "a long random text";
  readonly webhookSecret = `whsec_${btoa("a secret of the bridge, 32 bytes")}`;
  readonly messages: string[] = [];
  readonly day: BadDay;
  readonly #booked = new Map<string, Booked>();
  readonly #begun = new Map<string, { readonly amount: number; status: string }>();
  #server: HttpOutside | null = null;
  #count = 0;

  private constructor(chance: Chance, now: () => number) {
    this.day = new BadDay(
      chance,
      now,
      (received, declines) => this.#conduct(received, declines),
      (status, code) => ({ status: code === "idempotency_error" ? 500 : status, json: { code } }),
    );
  }

  static async start(chance: Chance, now: () => number): Promise<BridgeStand> {
    const stand = new BridgeStand(chance, now);
    stand.#server = await httpServer({
      answer: (response, received) => stand.day.answer(response, received),
    });
    return stand;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server?.port}/bridge`;
  }

  headersOf(body: string, atMs: number): Headers {
    const id = `msg_${++this.#count}`;
    return new Headers(signatureHeaders({ id, atMs, body }, [this.webhookSecret]));
  }

  begin(status: "authorized" | "captured" | "promised", amount: number): string {
    const reference = `begun_${++this.#count}`;
    this.#begun.set(reference, { amount, status });
    return reference;
  }

  pay(reference: string, payment: Payment): void {
    const begun = this.#begun.get(reference);
    const [transaction] = payment.transactions;
    assert.ok(begun !== undefined && transaction !== undefined);
    this.#book(transaction.id, "sale", payment.id, begun.amount, false);
  }

  tell(reference: string, payment: Payment): void {
    const begun = this.#begun.get(reference);
    assert.ok(begun !== undefined);
    if (begun.status !== "captured") return;
    this.#book(`reported ${payment.id}`, "sale", payment.id, begun.amount, false);
  }

  method(): undefined {
    return undefined;
  }

  sumsOf(payment: Payment): Sums {
    let captured = 0, refunded = 0;
    for (const { kind, amount, paymentId, answer } of this.#booked.values()) {
      if (paymentId !== payment.id || answer["status"] !== "succeeded") continue;
      if (kind === "capture" || kind === "sale") captured += amount;
      if (kind === "refund") refunded += amount;
    }
    return { captured, refunded };
  }

  #book(
    ...[id, kind, paymentId, amount, declines]: [string, string, string, number, boolean]
  ): Readonly<Record<string, string>> {
    const known = this.#booked.get(id);
    if (known !== undefined) return known.answer;
    const answer: Readonly<Record<string, string>> = declines
      ? { status: "failed", code: "insufficient_funds" }
      : { status: "succeeded", reference: `at_provider_${id}` };
    this.#booked.set(id, { kind, paymentId, amount, answer });
    this.messages.push(JSON.stringify({
      ...{ type: "transaction.settled", data: { transactionId: id } },
    }));
    return answer;
  }

  #conduct({ method, url, headers, body }: Received, declines: boolean): Said {
    if (headers.authorization !== `Bearer ${this.secret}`) return { status: 401, json: {} };
    if (method === "GET") {
      const known = this.#booked.get(decodeURIComponent(url.split("/").at(-1) ?? ""));
      return known === undefined ? { status: 404, json: {} } : { status: 200, json: known.answer };
    }
    assert.equal(url, "/bridge/transactions");
    const { id, kind, paymentId, amount: { amount, currency } } = JSON.parse(body);
    const minorUnits = parseAmount(amount, currency) ?? 0;
    return { status: 200, json: this.#book(id, kind, paymentId, minorUnits, declines) };
  }
}
