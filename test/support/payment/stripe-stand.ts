/** A stand-in for Stripe over HTTP, as far as payments go: https://docs.stripe.com/api. It keeps its own ledger. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import type { Payment } from "../../../src/order/payment.ts";
import type { Chance } from "../../sim/random.ts";
import { type HttpOutside, httpServer, type Received } from "../outside.ts";
import { BadDay, type Said } from "./bad-day.ts";
import type { Stand, Sums } from "./stand.ts";

type Status =
  | "requires_payment_method"
  | "requires_capture"
  | "succeeded"
  | "canceled";

interface Intent {
  readonly id: string;
  readonly charge: string;
  readonly amount: number;
  readonly currency: string;
  readonly method: string | null;
  readonly customer: string | null;
  readonly createdMs: number;
  readonly expiresMs: number;
  status: Status;
  received: number;
  decline: string | null;
  why: string | null;
  metadata: Record<string, string>;
}

interface Refund {
  readonly id: string;
  readonly intent: Intent;
  readonly amount: number;
  readonly metadata: Record<string, string>;
  readonly doneMs: number;
  isTold: boolean;
}

const weekMs = 7 * 24 * 3_600_000;

export class StripeStand implements Stand {
  readonly type = "stripe";
  readonly secret = "sk_test_of_the_stand";
  readonly webhookSecret = "whsec_of_the_stand";
  readonly messages: string[] = [];
  readonly day: BadDay;
  /** How long a search does not show what is new. */
  searchLagMs = 60_000;
  readonly intents: Intent[] = [];
  readonly refunds: Refund[] = [];
  #server: HttpOutside | null = null;
  #count = 0;

  private constructor(private readonly chance: Chance, private readonly now: () => number) {
    this.day = new BadDay(
      chance,
      now,
      (received, declines) => this.#conduct(received, declines),
      (status, code) => this.#error(status, code),
    );
  }

  static async start(chance: Chance, now: () => number): Promise<StripeStand> {
    const stand = new StripeStand(chance, now);
    stand.#server = await httpServer({
      answer: (response, received) => stand.day.answer(response, received),
    });
    return stand;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server?.port}`;
  }

  headersOf(body: string, atMs: number): Headers {
    const at = Math.floor(atMs / 1_000);
    const signature = createHmac("sha256", this.webhookSecret).update(`${at}.${body}`);
    return new Headers({ "stripe-signature": `t=${at},v1=${signature.digest("hex")}` });
  }

  begin(status: "authorized" | "captured" | "promised", amount: number): string {
    const intent = this.#make(amount, "usd", "pm_of_the_customer", "cus_1", {});
    if (status !== "promised") this.#charge(intent, status === "captured");
    return intent.id;
  }

  pay(reference: string): void {
    this.#charge(this.#named(reference), true);
  }

  tell(reference: string, payment: Payment): void {
    this.#named(reference).metadata["allot_payment"] = payment.id;
  }

  method(): string {
    return `pm_${++this.#count}`;
  }

  sumsOf(payment: Payment): Sums {
    let captured = 0, refunded = 0;
    for (const intent of this.#of(payment)) captured += intent.received;
    for (const { intent, amount, doneMs } of this.refunds) {
      if (intent.metadata["allot_payment"] === payment.id && doneMs <= this.now()) {
        refunded += amount;
      }
    }
    return { captured, refunded };
  }

  refundThere(payment: Payment, amount: number): boolean {
    const intent = this.#of(payment).find((each) => each.received - this.#given(each) >= amount);
    if (intent === undefined) return false;
    this.#giveBack(intent, amount, {}, 0);
    return true;
  }

  captureThere(payment: Payment, amount: number): boolean {
    const intent = this.#of(payment).find(({ status }) => status === "requires_capture");
    if (intent === undefined) return false;
    this.#capture(intent, Math.min(amount, intent.amount));
    return true;
  }

  #of(payment: Payment): readonly Intent[] {
    return this.intents.filter(({ metadata }) => metadata["allot_payment"] === payment.id);
  }

  #named(id: string): Intent {
    const found = this.intents.find((each) => each.id === id);
    assert.ok(found !== undefined, id);
    return found;
  }

  #make(
    amount: number,
    currency: string,
    method: string | null,
    customer: string | null,
    metadata: Record<string, string>,
  ): Intent {
    const n = ++this.#count;
    const intent: Intent = {
      ...{ id: `pi_${n}`, charge: `ch_${n}`, amount, currency, method, customer, metadata },
      ...{ createdMs: this.now(), expiresMs: this.now() + weekMs },
      ...{ status: "requires_payment_method", received: 0, decline: null, why: null },
    };
    this.intents.push(intent);
    return intent;
  }

  #charge(intent: Intent, captures: boolean): void {
    intent.status = captures ? "succeeded" : "requires_capture";
    if (captures) intent.received = intent.amount;
    this.#tellOf(captures ? "succeeded" : "amount_capturable_updated", intent);
  }

  #capture(intent: Intent, amount: number): void {
    intent.status = "succeeded";
    intent.received = amount;
    this.#tellOf("succeeded", intent);
  }

  #given(intent: Intent): number {
    let given = 0;
    for (const each of this.refunds) if (each.intent === intent) given += each.amount;
    return given;
  }

  #giveBack(
    intent: Intent,
    amount: number,
    metadata: Record<string, string>,
    afterMs: number,
  ): Refund {
    const doneMs = this.now() + afterMs;
    const refund = { id: `re_${++this.#count}`, intent, amount, metadata, doneMs, isTold: false };
    this.refunds.push(refund);
    this.#event("refund.created", this.#refundView(refund));
    return refund;
  }

  #tellOf(what: string, intent: Intent): void {
    this.#event(`payment_intent.${what}`, { ...this.#view(intent), latest_charge: intent.charge });
  }

  #event(type: string, object: unknown): void {
    this.messages.push(JSON.stringify({
      ...{ id: `evt_${++this.#count}`, object: "event", type, data: { object } },
    }));
  }

  /** What happens by itself as time passes. */
  #pass(): void {
    const nowMs = this.now();
    for (const intent of this.intents) {
      if (intent.status !== "requires_capture" || intent.expiresMs > nowMs) continue;
      intent.status = "canceled";
      intent.why = "automatic";
      this.#tellOf("canceled", intent);
    }
    for (const refund of this.refunds) {
      if (refund.isTold || refund.doneMs > nowMs) continue;
      refund.isTold = true;
      this.#event("refund.updated", this.#refundView(refund));
    }
  }

  #view(intent: Intent): Record<string, unknown> {
    const { id, amount, currency, status, metadata, method, customer, received } = intent;
    const isCharged = status === "requires_capture" || status === "succeeded";
    return {
      ...{ id, object: "payment_intent", amount, currency, status, metadata, customer },
      ...{ payment_method: method, amount_received: received, cancellation_reason: intent.why },
      last_payment_error: intent.decline === null
        ? null
        : { type: "card_error", code: "card_declined", decline_code: intent.decline },
      latest_charge: !isCharged ? null : {
        ...{ id: intent.charge, object: "charge", amount, amount_captured: received },
        amount_refunded: this.#given(intent),
        payment_method_details: {
          card: { capture_before: Math.floor(intent.expiresMs / 1_000) },
        },
      },
    };
  }

  #refundView({ id, intent, amount, metadata, doneMs }: Refund): Record<string, unknown> {
    return {
      ...{ id, object: "refund", amount, currency: intent.currency, metadata },
      ...{ payment_intent: intent.id, charge: intent.charge },
      status: doneMs <= this.now() ? "succeeded" : "pending",
    };
  }

  #error(status: number, code: string, more: Record<string, unknown> = {}): Said {
    const type = code === "idempotency_error"
      ? code
      : status === 402
      ? "card_error"
      : status >= 500
      ? "api_error"
      : "invalid_request_error";
    return {
      status,
      json: { error: { type, code, message: "As it is told to people.", ...more } },
    };
  }

  #conduct({ method, url, headers, body }: Received, declines: boolean): Said {
    this.#pass();
    if (headers.authorization !== `Bearer ${this.secret}`) return this.#error(401, "no_key");
    const { pathname, searchParams } = new URL(url, "http://stripe");
    const form = new URLSearchParams(body);
    const [, version, family, id, action] = pathname.split("/");
    assert.equal(version, "v1");
    const what = `${method} ${family}${id === undefined ? "" : "/id"}`;
    if (what === "GET payment_methods/id") {
      return { status: 200, json: { id, object: "payment_method", customer: "cus_1" } };
    }
    if (what === "GET payment_intents/id" && id === "search") return this.#search(searchParams);
    if (what === "GET refunds") return this.#list(searchParams);
    if (what === "POST refunds") return this.#refund(form);
    if (what === "POST payment_intents") return this.#create(form, declines);
    const intent = this.intents.find((each) => each.id === id);
    if (intent === undefined) return this.#error(404, "resource_missing");
    if (method === "GET") return { status: 200, json: this.#view(intent) };
    return this.#change(intent, action, form);
  }

  #change(intent: Intent, action: string | undefined, form: URLSearchParams): Said {
    const isOpen = intent.status === "requires_capture";
    if (action !== undefined && !isOpen) return this.#error(400, "payment_intent_unexpected_state");
    if (action === "capture") {
      const amount = Number(form.get("amount_to_capture"));
      if (!(amount > 0 && amount <= intent.amount)) return this.#error(400, "amount_too_large");
      Object.assign(intent.metadata, metadataIn(form));
      this.#capture(intent, amount);
    } else if (action === "cancel") {
      intent.status = "canceled";
      intent.why = "requested_by_customer";
      this.#tellOf("canceled", intent);
    } else Object.assign(intent.metadata, metadataIn(form));
    return { status: 200, json: this.#view(intent) };
  }

  #create(form: URLSearchParams, declines: boolean): Said {
    assert.equal(form.get("confirm"), "true");
    assert.equal(form.get("off_session"), "true");
    if (form.get("customer") !== "cus_1") return this.#error(400, "missing_customer");
    const method = form.get("payment_method");
    const intent = this.#make(
      ...[Number(form.get("amount")), form.get("currency") ?? "", method] as const,
      ...["cus_1", metadataIn(form)] as const,
    );
    if (declines || method === "pm_without_funds") {
      intent.decline = "insufficient_funds";
      this.#tellOf("payment_failed", intent);
      return this.#error(402, "card_declined", {
        decline_code: intent.decline,
        payment_intent: this.#view(intent),
      });
    }
    this.#charge(intent, form.get("capture_method") === "automatic");
    return { status: 200, json: this.#view(intent) };
  }

  #refund(form: URLSearchParams): Said {
    const intent = this.intents.find(({ id }) => id === form.get("payment_intent"));
    const amount = Number(form.get("amount"));
    if (intent === undefined) return this.#error(404, "resource_missing");
    if (!(amount > 0 && amount <= intent.received - this.#given(intent))) {
      return this.#error(400, "charge_already_refunded");
    }
    const afterMs = this.day.isBad && this.chance.happens(0.3) ? 3_600_000 : 0;
    const refund = this.#giveBack(intent, amount, metadataIn(form), afterMs);
    return { status: 200, json: this.#refundView(refund) };
  }

  #list(query: URLSearchParams): Said {
    const all = this.refunds.filter(({ intent }) => intent.id === query.get("payment_intent"))
      .toReversed();
    const after = all.findIndex(({ id }) => id === query.get("starting_after")) + 1;
    const limit = Number(query.get("limit"));
    const data = all.slice(after, after + limit).map((each) => this.#refundView(each));
    return { status: 200, json: { object: "list", data, has_more: after + limit < all.length } };
  }

  #search(query: URLSearchParams): Said {
    const found = /^metadata\["(\w+)"\]:"(\w+)"$/.exec(query.get("query") ?? "");
    assert.ok(found !== null, String(query.get("query")));
    const [, name = "", value] = found;
    const data = this.intents.filter(({ metadata, createdMs }) =>
      metadata[name] === value && createdMs + this.searchLagMs <= this.now()
    ).map((each) => this.#view(each));
    return { status: 200, json: { object: "search_result", data, has_more: false } };
  }
}

const metadataIn = (form: URLSearchParams): Record<string, string> => {
  const metadata: Record<string, string> = {};
  for (const [name, value] of form) {
    const [, key] = /^metadata\[(\w+)\]$/.exec(name) ?? [];
    if (key !== undefined) metadata[key] = value;
  }
  return metadata;
};
