/** The one way to a payment provider, whoever it is: it is asked for a transaction, or what it knows of one. */
import { Data, type Effect } from "effect";
import type { Instant } from "../kernel/instant.ts";
import type { Money } from "../kernel/money.ts";
import type { Provider, ProviderType } from "./provider.ts";

/** What a provider is asked for. It does one `id` at most once, however often it is asked. */
export interface ProviderAsk {
  readonly id: string;
  /** The key of the call: another one only where the provider knows nothing of the last. */
  readonly key: string;
  readonly kind: "authorize" | "sale" | "capture" | "void" | "refund";
  readonly paymentId: string;
  /** What the provider calls the payment; absent for its first transaction, unless the customer began it there. */
  readonly parentReference?: string;
  /** What it calls the authorizations before that one, the newest first; absent where there is none. */
  readonly earlierReferences?: readonly string[];
  readonly amount: Money;
  /** Whether a capture gives up the rest. */
  readonly final: boolean;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The same without its key, as the provider is asked what it knows of it. */
export interface ProviderQuestion extends Omit<ProviderAsk, "key"> {
  /** When it was decided upon: it may be on its way to the provider since. */
  readonly at: Instant;
}

export interface ProviderAnswer {
  readonly status: "succeeded" | "failed" | "pending";
  /** What the provider calls the transaction. */
  readonly reference?: string;
  /** Why it failed, or is pending. */
  readonly code?: string;
  readonly expiresAt?: Instant;
}

/** Nobody knows what became of it: there was no answer, or none that says so. */
export class ProviderUnclear extends Data.TaggedError("ProviderUnclear")<{
  /** In a word. */
  readonly code: string;
}> {}

/** Money that a provider has moved, or an authorization that it has given up, whoever asked for it. */
export interface ProviderMovement {
  readonly kind: "capture" | "void" | "refund";
  /** What the provider calls the authorization that it was of. */
  readonly of: string;
  readonly reference: string;
  /** Null: all that was left, which is for who looks at it to know. */
  readonly amount: Money | null;
  /** The transaction of ours that it is; absent where it is none that the provider can name. */
  readonly transactionId?: string;
}

/** A message of a provider as it came. */
export interface ProviderMessage {
  readonly headers: Headers;
  readonly body: string;
  /** When it came, epoch milliseconds. */
  readonly atMs: number;
}

/** What a message is about. None of it is believed: it only says where to look. */
export interface ProviderNaming {
  readonly orderId?: string;
  readonly paymentId?: string;
  readonly transactionId?: string;
  readonly reference?: string;
}

/** The message is not of this provider, or too old. Why stays here: whoever sent it is told nothing. */
export class NotSigned extends Data.TaggedError("NotSigned")<Readonly<Record<never, never>>> {}

/** A kind of provider. None of them fails otherwise, and none waits longer than it may. */
export interface ProviderPort {
  readonly ask: (
    provider: Provider,
    ask: ProviderAsk,
  ) => Effect.Effect<ProviderAnswer, ProviderUnclear>;
  /** Null: the provider has never heard of the transaction, and is not going to of what was sent before. */
  readonly find: (
    provider: Provider,
    question: ProviderQuestion,
  ) => Effect.Effect<ProviderAnswer | null, ProviderUnclear>;
  /** What has been moved of these authorizations; absent where the provider cannot be asked. */
  readonly moved?: (
    provider: Provider,
    references: readonly string[],
  ) => Effect.Effect<readonly ProviderMovement[], ProviderUnclear>;
  /** Whom a signed message names, null for one that is about nothing here; absent where nobody sends any. */
  readonly named?: (
    provider: Provider,
    message: ProviderMessage,
  ) => Effect.Effect<ProviderNaming | null, NotSigned | ProviderUnclear>;
}

/** Those that are called, by their type. */
export type ProviderPorts = Readonly<Partial<Record<ProviderType, ProviderPort>>>;
