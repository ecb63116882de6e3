/**
 * Transactions as Stripe has them. An authorization or a sale is a payment intent, of which a capture, the
 * cancellation and refunds are made; each carries the id of its transaction, by which it is found again.
 */
import type Stripe from "stripe";
import { epochMsOf } from "../../../src/kernel/instant.ts";
import { providerLimits } from "../../../src/payment/limits.ts";
import {
  type ProviderAnswer,
  type ProviderAsk,
  type ProviderMovement,
  type ProviderQuestion,
  ProviderUnclear,
} from "../../../src/payment/port.ts";
import { moneyOfStripe, stripeAmountOf } from "../../../src/payment/stripe-amounts.ts";
import {
  answerOfAll,
  answerOfCapture,
  answerOfIntent,
  answerOfRefund,
  answerOfVoid,
  captureReference,
  idOf,
  tags,
} from "./answers.ts";
import { isMissing, refusalOf } from "./errors.ts";

const expand = ["latest_charge"];

const isIntent = (reference: string | undefined): reference is string =>
  reference?.startsWith("pi_") ?? false;

const failed = (code: string): ProviderAnswer => ({ status: "failed", code });

/** What the payment intent of an authorization says of itself. */
const tagsOf = ({ id, paymentId, metadata }: ProviderQuestion | ProviderAsk) => ({
  ...metadata,
  [tags.transaction]: id,
  [tags.payment]: paymentId,
});

/** Whether a payment intent was made, or used up, by a transaction of ours. */
const isUsed = ({ metadata, status }: Stripe.PaymentIntent): boolean =>
  metadata[tags.transaction] !== undefined || metadata[tags.capture] !== undefined ||
  status === "canceled";

export class StripeTransactions {
  constructor(private readonly stripe: Stripe) {}

  /** Rejects with an error of the library, or `ProviderUnclear`, where nobody knows what became of it. */
  async ask(ask: ProviderAsk): Promise<ProviderAnswer> {
    const amount = stripeAmountOf(ask.amount);
    if (amount === null) return failed("amount_not_expressible");
    try {
      switch (ask.kind) {
        case "authorize":
        case "sale":
          return await this.#charge(ask, amount);
        case "capture":
          return await this.#capture(ask, amount);
        case "void":
          return await this.#void(ask);
        case "refund":
          return await this.#refund(ask, amount);
      }
    } catch (error) {
      const code = refusalOf(error);
      if (code === null) throw error;
      return failed(code);
    }
  }

  /** Null: nothing of the transaction is there, nor on its way. Rejects like `ask`. */
  async find(question: ProviderQuestion, nowMs: number): Promise<ProviderAnswer | null> {
    const { kind, at } = question;
    const isCharge = kind === "authorize" || kind === "sale";
    const found = isCharge ? await this.#findCharge(question) : await this.#findOther(question);
    if (found !== null) return found;
    const { searchLagMs, arrivalMs } = providerLimits;
    // It may be on its way, or not be found by a search yet.
    if (nowMs - epochMsOf(at) < (isCharge ? searchLagMs : arrivalMs)) {
      throw new ProviderUnclear({ code: "not_found_yet" });
    }
    return null;
  }

  /** What a payment intent says of whose it is; nothing where there is none. Rejects like `ask`. */
  async metadataOf(reference: string): Promise<Readonly<Record<string, string>>> {
    if (!isIntent(reference)) return {};
    return (await this.#intentOrNull(reference))?.metadata ?? {};
  }

  /** Rejects like `ask`. */
  async moved(references: readonly string[]): Promise<readonly ProviderMovement[]> {
    const moved: ProviderMovement[] = [];
    for (const of of references.filter(isIntent)) {
      const intent = await this.#intent(of);
      const { status, amount, amount_received: received, currency, metadata } = intent;
      const captured = moneyOfStripe(received, currency);
      if (received > 0 && captured !== null) {
        const transactionId = metadata[tags.capture] ?? metadata[tags.transaction];
        moved.push({
          ...{ kind: "capture", of, reference: captureReference(intent), amount: captured },
          ...(transactionId === undefined ? {} : { transactionId }),
        });
      }
      for (const refund of await this.#refundsOf(of)) {
        const money = moneyOfStripe(refund.amount, refund.currency);
        if (refund.status !== "succeeded" || money === null) continue;
        const transactionId = refund.metadata?.[tags.transaction];
        moved.push({
          ...{ kind: "refund", of, reference: refund.id, amount: money },
          ...(transactionId === undefined ? {} : { transactionId }),
        });
      }
      if (status === "canceled" || (status === "succeeded" && received < amount)) {
        moved.push({ kind: "void", of, reference: of, amount: null });
      }
    }
    return moved;
  }

  async #intent(id: string): Promise<Stripe.PaymentIntent> {
    return await this.stripe.paymentIntents.retrieve(id, { expand });
  }

  /** With what the customer has left, or has begun. */
  async #charge(ask: ProviderAsk, amount: number): Promise<ProviderAnswer> {
    const { parentReference: parent } = ask;
    if (parent === undefined) return failed("no_payment_method");
    if (parent.startsWith("pm_")) {
      const { customer } = await this.stripe.paymentMethods.retrieve(parent);
      return await this.#chargeWith(ask, amount, parent, idOf(customer));
    }
    if (!isIntent(parent)) return failed("reference_not_supported");
    const intent = await this.#intent(parent);
    if (intent.metadata[tags.transaction] === ask.id || !isUsed(intent)) {
      return await this.#adopt(ask, amount, intent);
    }
    const method = idOf(intent.payment_method);
    return method === null
      ? failed("no_payment_method")
      : await this.#chargeWith(ask, amount, method, idOf(intent.customer));
  }

  async #chargeWith(
    ask: ProviderAsk,
    amount: number,
    method: string,
    customer: string | null,
  ): Promise<ProviderAnswer> {
    const intent = await this.stripe.paymentIntents.create({
      ...{ amount, currency: ask.amount.currency.toLowerCase(), payment_method: method },
      ...(customer === null ? {} : { customer }),
      capture_method: ask.kind === "authorize" ? "manual" : "automatic",
      ...{ confirm: true, off_session: true, metadata: tagsOf(ask), expand },
      automatic_payment_methods: { enabled: true, allow_redirects: "never" },
    }, { idempotencyKey: ask.key });
    return answerOfIntent(ask.kind, intent);
  }

  /** The customer has begun it: it is told whose it is, and confirmed where only that is left. */
  async #adopt(
    ask: ProviderAsk,
    amount: number,
    intent: Stripe.PaymentIntent,
  ): Promise<ProviderAnswer> {
    if (intent.amount !== amount) return failed("amount_differs");
    if (intent.currency !== ask.amount.currency.toLowerCase()) return failed("currency_differs");
    const tagged = await this.stripe.paymentIntents.update(
      intent.id,
      { metadata: tagsOf(ask), expand },
      { idempotencyKey: `${ask.key}.tag` },
    );
    return answerOfIntent(
      ask.kind,
      tagged.status !== "requires_confirmation" ? tagged : await this.stripe.paymentIntents.confirm(
        intent.id,
        { expand },
        { idempotencyKey: ask.key },
      ),
    );
  }

  async #capture(ask: ProviderAsk, amount: number): Promise<ProviderAnswer> {
    const { id, key, metadata, parentReference } = ask;
    if (!isIntent(parentReference)) return failed("reference_not_supported");
    try {
      const intent = await this.stripe.paymentIntents.capture(parentReference, {
        ...{ amount_to_capture: amount, expand },
        metadata: { ...without(metadata, tags.transaction), [tags.capture]: id },
      }, { idempotencyKey: key });
      return answerOfCapture({ id, amount }, intent) ?? { status: "pending", code: intent.status };
    } catch (error) {
      return await this.#refused(error, ask);
    }
  }

  async #void(ask: ProviderAsk): Promise<ProviderAnswer> {
    const { key, parentReference } = ask;
    if (!isIntent(parentReference)) return failed("reference_not_supported");
    try {
      const intent = await this.stripe.paymentIntents.cancel(
        parentReference,
        {},
        { idempotencyKey: key },
      );
      return answerOfVoid(intent) ?? { status: "pending", code: intent.status };
    } catch (error) {
      return await this.#refused(error, ask);
    }
  }

  /** It may be refused because it is done: by a call that came late. */
  async #refused(error: unknown, ask: ProviderAsk): Promise<ProviderAnswer> {
    const code = refusalOf(error);
    if (code === null) throw error;
    const found = await this.#findOther(ask);
    return found?.status === "succeeded" ? found : failed(code);
  }

  async #refund(ask: ProviderAsk, amount: number): Promise<ProviderAnswer> {
    const payment = await this.#refundable(ask, amount);
    if (payment === null) return failed("refund_spans_authorizations");
    const refund = await this.stripe.refunds.create({
      ...{ payment_intent: payment, amount, metadata: tagsOf(ask) },
    }, { idempotencyKey: ask.key });
    return answerOfRefund(refund);
  }

  /** The authorization of which so much can be given back; null where it takes several. */
  async #refundable(
    { parentReference, earlierReferences = [] }: ProviderAsk,
    amount: number,
  ): Promise<string | null> {
    const all = [parentReference, ...earlierReferences].filter(isIntent);
    if (all.length <= 1) return all[0] ?? null;
    for (const id of all) {
      const { latest_charge: charge } = await this.#intent(id);
      if (typeof charge !== "object" || charge === null) continue;
      if (charge.amount_captured - charge.amount_refunded >= amount) return id;
    }
    return null;
  }

  async #findCharge(question: ProviderQuestion): Promise<ProviderAnswer | null> {
    const { id, kind, parentReference } = question;
    if (isIntent(parentReference)) {
      const intent = await this.#intentOrNull(parentReference);
      const isIts = intent?.metadata[tags.transaction] === id;
      // The customer has begun it, and nothing was made of it: whether it is told whose it is, or not.
      if (intent !== null && (isIts || !isUsed(intent))) return answerOfIntent(kind, intent);
    }
    const { data } = await this.stripe.paymentIntents.search({
      query: `metadata["${tags.transaction}"]:"${id}"`,
      limit: providerLimits.stripeFound,
    });
    const answers: ProviderAnswer[] = [];
    // What a search shows may be old.
    for (const each of data) answers.push(answerOfIntent(kind, await this.#intent(each.id)));
    return answerOfAll(answers);
  }

  async #findOther(
    question: Pick<
      ProviderQuestion,
      "id" | "kind" | "amount" | "parentReference" | "earlierReferences"
    >,
  ): Promise<ProviderAnswer | null> {
    const { id, kind, parentReference, earlierReferences = [] } = question;
    const amount = stripeAmountOf(question.amount);
    if (amount === null) return failed("amount_not_expressible");
    if (!isIntent(parentReference)) return failed("reference_not_supported");
    if (kind === "capture") {
      return answerOfCapture({ id, amount }, await this.#intent(parentReference));
    }
    if (kind === "void") return answerOfVoid(await this.#intent(parentReference));
    const answers: ProviderAnswer[] = [];
    for (const of of [parentReference, ...earlierReferences].filter(isIntent)) {
      for (const refund of await this.#refundsOf(of)) {
        if (refund.metadata?.[tags.transaction] === id) answers.push(answerOfRefund(refund));
      }
    }
    return answerOfAll(answers);
  }

  async #intentOrNull(id: string): Promise<Stripe.PaymentIntent | null> {
    try {
      return await this.#intent(id);
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  async #refundsOf(intent: string): Promise<readonly Stripe.Refund[]> {
    const { stripePageSize: limit, stripePages } = providerLimits;
    const refunds: Stripe.Refund[] = [];
    for (let page = 0; page < stripePages; page++) {
      const last = refunds.at(-1);
      const { data, has_more: hasMore } = await this.stripe.refunds.list({
        ...{ payment_intent: intent, limit },
        ...(last === undefined ? {} : { starting_after: last.id }),
      });
      refunds.push(...data);
      if (!hasMore) return refunds;
    }
    throw new ProviderUnclear({ code: "too_many_refunds" });
  }
}

const without = (
  metadata: Readonly<Record<string, string>>,
  name: string,
): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(metadata).filter(([each]) => each !== name));
