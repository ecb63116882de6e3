/**
 * A payment provider in the simulated world. It keeps its own ledger, by its own rules; requests to it are lost,
 * late and repeated, its answers do not come, and what it failed at once it may fail at for ever.
 */
import { Effect } from "effect";
import { parseAmount } from "../../src/kernel/money.ts";
import { providerLimits } from "../../src/payment/limits.ts";
import {
  type ProviderAnswer,
  type ProviderAsk,
  type ProviderPort,
  ProviderUnclear,
} from "../../src/payment/port.ts";
import type { Chance } from "./random.ts";
import type { Reached } from "./reached.ts";
import type { Process, World } from "./world.ts";

/** The troubles of a call, each as the share of calls that meet it. */
export interface ProviderFaults {
  /** The request does not arrive. */
  readonly lost: number;
  /** It arrives after the caller has given up. */
  readonly late: number;
  /** It arrives twice. */
  readonly repeated: number;
  /** The answer does not arrive. */
  readonly unheard: number;
  /** It fails, and keeps that under the key of the call; done or not. */
  readonly stored: number;
  /** It answers later, when it has looked. */
  readonly review: number;
  readonly declined: number;
  readonly longestMs: number;
}

export const goodProvider: ProviderFaults = {
  ...{ lost: 0, late: 0, repeated: 0, unheard: 0, stored: 0, review: 0, declined: 0 },
  longestMs: 20,
};

/** Sums of one payment, minor units. */
export interface AccountSums {
  readonly captured: number;
  readonly refunded: number;
}

/** One payment, as the provider has it. */
interface Account {
  authorized: number;
  captured: number;
  refunded: number;
  /** Nothing more of it can be captured until it is authorized anew. */
  hasEnded: boolean;
}

interface Booked {
  readonly answer: ProviderAnswer;
  /** Until then it says that it is looking. */
  knownAtMs: number;
}

/** What the provider says by itself of a transaction of an order. */
export interface Told {
  readonly orderId: string;
  readonly transactionId: string;
  readonly answer: ProviderAnswer;
}

const longestLateMs = 40_000;
const longestReviewMs = 60_000;

const unclear = (code: string) => Effect.fail(new ProviderUnclear({ code }));

export class PaymentProvider {
  faults: ProviderFaults = goodProvider;
  /** Hears what it says by itself. */
  onTold: (told: Told) => void = () => {};
  /** What nobody may ask of it. */
  readonly violations: string[] = [];
  readonly #accounts = new Map<string, Account>();
  /** By its own name of the payment: what there is of it before anybody calls. */
  readonly #reported = new Map<string, Readonly<Account>>();
  readonly #booked = new Map<string, Booked>();
  readonly #storedFailures = new Set<string>();
  /** The callers of calls that have not ended. */
  readonly #callers = new Map<symbol, Process>();

  constructor(
    readonly world: World,
    private readonly chance: Chance,
    private readonly reached: Reached,
  ) {}

  /** A payment that was made at the provider before the order was placed. */
  report(reference: string, amount: number, isCaptured: boolean): void {
    const captured = isCaptured ? amount : 0;
    this.#reported.set(reference, { authorized: amount, captured, refunded: 0, hasEnded: false });
  }

  /** Whether anybody waits for an answer. */
  get isAwaited(): boolean {
    return [...this.#callers.values()].some(({ alive }) => alive);
  }

  /** It has looked at everything, and has no more troubles. */
  recover(): void {
    this.faults = goodProvider;
    this.onTold = () => {};
    for (const booked of this.#booked.values()) booked.knownAtMs = 0;
  }

  /** The customer pays there what was promised. */
  pay(ask: Omit<ProviderAsk, "key" | "kind" | "final" | "metadata">): ProviderAnswer {
    return this.#book({ ...ask, key: ask.id, kind: "sale", final: false, metadata: {} }, {
      declined: false,
      isSure: true,
    });
  }

  /** What it knows of a transaction now; null where it has never heard of it. */
  knownOf(id: string): ProviderAnswer | null {
    const booked = this.#booked.get(id);
    if (booked === undefined) return null;
    return booked.knownAtMs <= this.world.nowMs
      ? booked.answer
      : { status: "pending", code: "in_review" };
  }

  sumsOf(paymentId: string, reference: string | undefined): AccountSums {
    const account = this.#accounts.get(paymentId) ?? this.#reported.get(reference ?? "");
    return { captured: account?.captured ?? 0, refunded: account?.refunded ?? 0 };
  }

  portFor(process: Process): ProviderPort {
    return {
      ask: (_, ask) =>
        this.#exchange(process, (answer, patienceMs) => this.#send(ask, answer, patienceMs)),
      find: (_, { id }) =>
        this.#exchange(process, (answer) => {
          const { faults: { lost, unheard }, chance } = this;
          if (chance.happens(lost)) return;
          this.world.after(this.#latencyMs(), null, () => {
            if (chance.happens(unheard)) return;
            const known = this.knownOf(id);
            answer(Effect.succeed(known));
          });
        }),
    };
  }

  #latencyMs(): number {
    return this.chance.between(0, this.faults.longestMs);
  }

  /** One call of a process: it ends with an answer, or when the process has waited for long enough. */
  #exchange<A>(
    process: Process,
    send: (answer: (said: Effect.Effect<A, ProviderUnclear>) => void, patienceMs: number) => void,
  ): Effect.Effect<A, ProviderUnclear> {
    return Effect.callback<A, ProviderUnclear>((resume) => {
      const call = Symbol();
      this.#callers.set(call, process);
      const end = (said: Effect.Effect<A, ProviderUnclear>) => {
        if (this.#callers.delete(call)) resume(said);
      };
      const { callMs } = providerLimits;
      this.world.after(callMs, process, () => end(unclear("timeout")));
      send((said) => {
        if (!process.alive) this.reached.crashMidProviderCall++;
        this.world.after(this.#latencyMs(), process, () => end(said));
      }, callMs);
    });
  }

  #send(
    ask: ProviderAsk,
    answer: (said: Effect.Effect<ProviderAnswer, ProviderUnclear>) => void,
    patienceMs: number,
  ): void {
    const { chance, reached, world } = this;
    const { lost, late, repeated } = this.faults;
    if (chance.happens(lost)) {
      reached.providerCallLost++;
      return;
    }
    const isLate = chance.happens(late);
    const arrive = () => {
      if (isLate) reached.providerCallLate++;
      this.#arrive(ask, answer);
    };
    const travelMs = isLate ? patienceMs + chance.between(1, longestLateMs) : this.#latencyMs();
    // What is on its way arrives, whether or not the caller still lives.
    world.after(travelMs, null, arrive);
    if (chance.happens(repeated)) {
      reached.providerCallRepeated++;
      world.after(travelMs + this.#latencyMs(), null, arrive);
    }
  }

  #arrive(
    ask: ProviderAsk,
    answer: (said: Effect.Effect<ProviderAnswer, ProviderUnclear>) => void,
  ): void {
    const { chance, reached } = this;
    const { unheard, stored, declined } = this.faults;
    if (this.#storedFailures.has(ask.key)) {
      answer(unclear("http_500"));
      return;
    }
    const isStored = chance.happens(stored);
    // Some have done it, and fail at saying so.
    if (!isStored || chance.happens(0.5)) {
      this.#book(ask, { declined: chance.happens(declined), isSure: false });
    }
    if (isStored) {
      reached.providerFailureStored++;
      this.#storedFailures.add(ask.key);
      answer(unclear("http_500"));
      return;
    }
    if (chance.happens(unheard)) {
      reached.providerAnswerLost++;
      return;
    }
    const known = this.knownOf(ask.id);
    answer(known === null ? unclear("http_500") : Effect.succeed(known));
  }

  #accountOf({ paymentId, parentReference = "" }: Omit<ProviderAsk, "key">): Account {
    const known = this.#accounts.get(paymentId);
    if (known !== undefined) return known;
    const account = { authorized: 0, captured: 0, refunded: 0, hasEnded: false };
    Object.assign(account, this.#reported.get(parentReference));
    this.#accounts.set(paymentId, account);
    return account;
  }

  /** Does one id once, whatever the key of the call. */
  #book(
    ask: ProviderAsk,
    { declined, isSure }: { readonly declined: boolean; readonly isSure: boolean },
  ): ProviderAnswer {
    const known = this.#booked.get(ask.id);
    if (known !== undefined) return known.answer;
    const { chance, reached, world } = this;
    const why = declined ? "card_declined" : this.#move(ask);
    if (declined) reached.providerDeclined++;
    const answer: ProviderAnswer = why === null
      ? { status: "succeeded", reference: `at_provider_${ask.id}` }
      : { status: "failed", code: why };
    const isReviewed = !isSure && chance.happens(this.faults.review);
    if (isReviewed) reached.providerReview++;
    const waitMs = isReviewed ? chance.between(1, longestReviewMs) : 0;
    this.#booked.set(ask.id, { answer, knownAtMs: world.nowMs + waitMs });
    const { allot_order: orderId } = ask.metadata;
    if (orderId !== undefined) {
      world.after(waitMs, null, () => this.onTold({ orderId, transactionId: ask.id, answer }));
    }
    return answer;
  }

  /** Moves the money; says why not where its own rules do not allow it. */
  #move(ask: ProviderAsk): string | null {
    const { id, kind, amount: { amount, currency }, final } = ask;
    const account = this.#accountOf(ask);
    const units = parseAmount(amount, currency) ?? 0;
    switch (kind) {
      case "authorize":
      case "sale":
        account.authorized += units;
        account.hasEnded = false;
        if (kind === "sale") account.captured += units;
        return null;
      case "capture":
        if (account.captured + units > account.authorized) {
          this.violations.push(`provider: ${id} captures more than is authorized`);
          return "amount_too_large";
        }
        if (account.hasEnded) return "authorization_ended";
        account.captured += units;
        account.hasEnded = final;
        return null;
      case "void":
        account.hasEnded = true;
        return null;
      case "refund":
        if (account.refunded + units > account.captured) {
          this.violations.push(`provider: ${id} gives back more than was captured`);
          return "amount_too_large";
        }
        account.refunded += units;
        return null;
    }
  }
}
