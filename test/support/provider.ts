/** A payment provider that keeps its own ledger, and may lose, delay and repeat what goes to and fro. */
import { Effect } from "effect";
import { parseAmount } from "../../src/kernel/money.ts";
import {
  type ProviderAnswer,
  type ProviderAsk,
  type ProviderPort,
  ProviderUnclear,
} from "../../src/payment/port.ts";
import type { Chance } from "../sim/random.ts";

interface Booked {
  readonly kind: ProviderAsk["kind"];
  readonly paymentId: string;
  readonly amount: number;
  readonly answer: ProviderAnswer;
}

/** Sums of one payment, minor units. */
export interface BookedSums {
  readonly captured: number;
  readonly refunded: number;
}

/** What the provider has done: each id once, whatever the key of the call says. */
export class ProviderLedger {
  readonly #booked = new Map<string, Booked>();
  /** Failures that it keeps under the keys of calls, and answers with for ever. */
  readonly storedFailures = new Set<string>();
  /** Calls that are on their way for a long time. */
  readonly late: ProviderAsk[] = [];
  calls = 0;

  book(ask: ProviderAsk, declines = false): ProviderAnswer {
    const known = this.#booked.get(ask.id);
    if (known !== undefined) return known.answer;
    const { id, kind, paymentId, amount: { amount, currency } } = ask;
    const answer: ProviderAnswer = declines
      ? { status: "failed", code: "card_declined" }
      : { status: "succeeded", reference: `at_provider_${id}` };
    this.#booked.set(id, { kind, paymentId, amount: parseAmount(amount, currency) ?? 0, answer });
    return answer;
  }

  known(id: string): ProviderAnswer | null {
    for (const ask of this.late.splice(0)) this.book(ask);
    return this.#booked.get(id)?.answer ?? null;
  }

  sumsOf(paymentId: string): BookedSums {
    let captured = 0, refunded = 0;
    for (const { kind, amount, answer, paymentId: of } of this.#booked.values()) {
      if (of !== paymentId || answer.status !== "succeeded") continue;
      if (kind === "capture" || kind === "sale") captured += amount;
      if (kind === "refund") refunded += amount;
    }
    return { captured, refunded };
  }
}

const unclear = (code: string) => Effect.fail(new ProviderUnclear({ code }));

/** A provider without faults. */
export const soundPort = (ledger: ProviderLedger): ProviderPort => ({
  ask: (_, ask) =>
    Effect.sync(() => {
      ledger.calls++;
      return ledger.book(ask);
    }),
  find: (_, { id }) => Effect.sync(() => ledger.known(id)),
});

const faults = {
  none: 50,
  "lost request": 10,
  "lost answer": 12,
  "stored failure": 8,
  late: 8,
  pending: 6,
  declined: 6,
} as const;

/** A provider on a bad day, for as long as `isBad` says so. What it keeps, it keeps. */
export const faultyPort = (
  ledger: ProviderLedger,
  chance: Chance,
  isBad: () => boolean,
): ProviderPort => ({
  ask: (_, ask) =>
    Effect.suspend((): Effect.Effect<ProviderAnswer, ProviderUnclear> => {
      ledger.calls++;
      if (ledger.storedFailures.has(ask.key)) return unclear("http_500");
      switch (isBad() ? chance.weighted(faults) : "none") {
        case "none":
          return Effect.succeed(ledger.book(ask));
        case "lost request":
          return unclear("no_connection");
        case "lost answer":
          ledger.book(ask);
          return unclear("timeout");
        case "stored failure":
          ledger.storedFailures.add(ask.key);
          return unclear("http_500");
        case "late":
          ledger.late.push(ask);
          return unclear("timeout");
        case "pending":
          ledger.late.push(ask);
          return Effect.succeed({ status: "pending", code: "in_review" });
        case "declined":
          return Effect.succeed(ledger.book(ask, true));
      }
    }),
  find: (_, { id }) =>
    Effect.suspend((): Effect.Effect<ProviderAnswer | null, ProviderUnclear> =>
      isBad() && chance.happens(0.3) ? unclear("timeout") : Effect.succeed(ledger.known(id))
    ),
});
