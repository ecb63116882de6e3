/** Payment providers: who moves the money, and what each of them can do. */
import type { Sealed } from "../kernel/sealed.ts";
import type { Saved } from "../subject/reference.ts";

/** `manual`: people move the money, and say so. The others are called. */
export const providerTypes = ["manual", "http", "stripe"] as const;
export type ProviderType = (typeof providerTypes)[number];

/** What becomes of an order in several parcels where an authorization can be captured once only. */
export const singleCaptures = ["captureOnFirst", "reauthorize", "shipComplete"] as const;
export type SingleCapture = (typeof singleCaptures)[number];

export interface ProviderCapabilities {
  /** Whether an authorization can be captured in several parts. */
  readonly multipleCaptures: boolean;
  /** Whether less can be captured than was authorized. */
  readonly partialCapture: boolean;
  /** Whether the rest of a payment can be authorized anew. */
  readonly reauthorize: boolean;
  /** So many days after it took money it gives none of it back any more; absent where it always does. */
  readonly refundWindowDays?: number;
}

/** The facts about a provider that decisions rest on. */
export interface ProviderRules {
  readonly type: ProviderType;
  readonly capabilities: ProviderCapabilities;
  readonly singleCapture: SingleCapture;
}

export interface Provider extends Saved, ProviderRules {
  /** Its name, as orders have it. */
  readonly id: string;
  /** Where it is called; null where nobody is. */
  readonly url: string | null;
  /** What it is called with; null where there is none. */
  readonly secret: Sealed | null;
  /** What it signs its webhooks with; absent where it sends none. */
  readonly webhookSecret?: Sealed;
}

/** The one that is always there: cash, bank transfers, what marketplaces pay out. */
export const manualProvider = "manual";

const manualRules: ProviderRules = {
  type: "manual",
  capabilities: { multipleCaptures: true, partialCapture: true, reauthorize: false },
  singleCapture: "captureOnFirst",
};

/** The rules of a provider of that name, where there is one. */
export const rulesOf = (
  name: string,
  found: (name: string) => Provider | null,
): ProviderRules | null => found(name) ?? (name === manualProvider ? manualRules : null);
