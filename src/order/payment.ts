/**
 * The payments of an order: what a customer has promised, authorized or paid through a provider, and what was
 * asked of the provider. A payment is a part of its order, so that what is owed, captured and given back is
 * decided in one place with what is cancelled and shipped.
 *
 * All amounts are integers of minor units of the order's currency. What a provider or a card is called stands
 * in references; neither card numbers nor secrets come here.
 */
import type { Instant } from "../kernel/instant.ts";
import type { Money } from "../kernel/money.ts";
import type { LineQuantity } from "./order.ts";
import type { Disposition } from "./return.ts";

/** When a provider is asked to authorize what the customer has promised by a means that is kept there. */
export const authorizationPoints = ["placement", "allocation"] as const;
export type AuthorizationPoint = (typeof authorizationPoints)[number];

/** When what is due is captured. */
export const capturePoints = ["order", "shipment", "delivery", "manual"] as const;
export type CapturePoint = (typeof capturePoints)[number];

/** What must be there before anything leaves. */
export const fulfillConditions = ["any", "authorized", "paid"] as const;
export type FulfillCondition = (typeof fulfillConditions)[number];

/** What becomes of money that comes for an order that was cancelled. */
export const latePayments = ["refund", "hold"] as const;
export type LatePayment = (typeof latePayments)[number];

/** Whether a cancellation gives back by itself what was captured for it. */
export const cancelRefunds = ["automatic", "manual"] as const;
export type CancelRefund = (typeof cancelRefunds)[number];

export interface PaymentPolicy {
  readonly captureAt: CapturePoint;
  readonly fulfillWhen: FulfillCondition;
  readonly onLatePayment: LatePayment;
  readonly refundOnCancel: CancelRefund;
  /** An order of which nothing is paid by then is cancelled; never when absent. */
  readonly unpaidCancelAfterHours?: number;
  /** Nothing is authorized before the order has goods: an authorization would not outlive a long wait for them. */
  readonly authorizeAt?: "allocation";
}

/** A sale authorizes and captures at once. */
export const transactionKinds = ["authorize", "sale", "capture", "void", "refund"] as const;
export type TransactionKind = (typeof transactionKinds)[number];

/**
 * `expected`: the customer does it at the provider, and nobody has heard of it yet. `requested` and `unresolved`
 * count as used until it is known what became of them.
 */
export const transactionStatuses = [
  "expected",
  "requested",
  "unresolved",
  "succeeded",
  "failed",
] as const;
export type TransactionStatus = (typeof transactionStatuses)[number];

/** How a transaction comes about: the provider is called, is only asked what it knows, or people do it. */
export const waysToAsk = ["call", "find", "hand"] as const;
export type WayToAsk = (typeof waysToAsk)[number];

export interface Transaction {
  readonly id: string;
  readonly kind: TransactionKind;
  readonly amount: number;
  readonly status: TransactionStatus;
  readonly ask: WayToAsk;
  /** When it was asked for, or reported. */
  readonly at: Instant;
  /** When the provider is called or asked next; only while that is so. */
  readonly dueAt?: Instant;
  /** Counts the keys under which the provider was called: a new one only where it knows nothing of the last. */
  readonly attempt: number;
  /** Whether a capture is the last one: the rest of the authorization is given up. */
  readonly isFinal: boolean;
  /** What the provider calls it. */
  readonly reference?: string;
  /** Why it failed, or is not known yet, in the provider's word. */
  readonly code?: string;
  /** When it became known what became of it. */
  readonly settledAt?: Instant;
  /** Not known for so long that somebody has to look. */
  readonly isOverdue?: boolean;
}

/** How an authorization ended of which not all was captured. */
export const authorizationEnds = ["voided", "expired", "released", "failed"] as const;
export type AuthorizationEnd = (typeof authorizationEnds)[number];

export interface Payment {
  readonly id: string;
  readonly provider: string;
  /** Such as card or bank_transfer. */
  readonly method?: string;
  /** What it was made for. */
  readonly amount: number;
  /** What the provider calls it. With the provider's name it is the only one of its order. */
  readonly reference?: string;
  /** What may be captured in all, what was captured included. */
  readonly authorized: number;
  readonly ended?: AuthorizationEnd;
  readonly expiresAt?: Instant;
  /** The provider has done what our bounds do not allow: it is the truth about money. */
  readonly disagrees?: boolean;
  readonly transactions: readonly Transaction[];
}

/** An amount off the price of units that stay, spread over them: it leaves with them. */
export interface Goodwill {
  readonly lineId: string;
  readonly amount: number;
  /** Of its line, the units before this one have it. */
  readonly units: number;
  /** The first unit that has it, counted from zero; zero when absent. */
  readonly from?: number;
  /** Of the amount, what is tax; none when absent. */
  readonly tax?: number;
}

/** Returned units that cost nothing any more: of their line, the first that were not credited before. */
export interface CreditedUnits {
  readonly lineId: string;
  readonly quantity: number;
  /** Their price without their share of the line's discount. */
  readonly goods: number;
  /** Their share of the line's tax; a part of `goods` where prices include tax. */
  readonly tax: number;
  /** What was given off them before, and so is not credited once more. */
  readonly given: number;
  /** Of that, what is tax; none when absent. */
  readonly givenTax?: number;
  /** The first of the units, counted from zero; zero when absent. */
  readonly from?: number;
}

/** Of what shipping costs less its discount, and of its tax. */
export interface ShippingCredit {
  readonly amount: number;
  readonly tax: number;
}

/** What was invoiced and is owed no more because it was cancelled: the cancellation itself lowers the balance. */
export interface CancelledCredit {
  readonly units: readonly CreditedUnits[];
  /** Where nothing is left of the order. */
  readonly shipping: ShippingCredit;
  readonly fees: ShippingCredit;
}

/** What lowers what is owed for an order without taking units out of it. */
export interface Credit {
  readonly reason: string;
  readonly at: Instant;
  readonly by: string;
  readonly lines: readonly Goodwill[];
  /** Absent where no units are credited. */
  readonly returned?: readonly CreditedUnits[];
  /** Shipping, with its tax, is owed no more. */
  readonly shipping?: true;
  /** What of it is credited: all that it costs when absent, and `shipping` is there. */
  readonly shippingCredit?: ShippingCredit;
  /** Kept back of the rest, and owed. */
  readonly fee?: number;
  readonly cancelled?: CancelledCredit;
}

/** Units that come back with a refund. */
export interface Restock {
  readonly lineId: string;
  readonly quantity: number;
  readonly locationId: string;
  readonly disposition: Disposition;
}

/** Where a refund goes. */
export const refundTargets = ["payments", "storeCredit"] as const;
export type RefundTarget = (typeof refundTargets)[number];

/** What is to be credited of what came back. */
export interface CreditRequest {
  /** All units that were accepted, and are not credited, when absent. */
  readonly lines?: readonly { readonly lineId: string; readonly quantity: number }[] | undefined;
  /** All that is owed for it. */
  readonly shipping?: boolean | undefined;
  /** So much of it, and of its tax; its share of the tax where only the amount is said. */
  readonly shippingAmount?: Money | undefined;
  readonly shippingTax?: Money | undefined;
  readonly fee?: Money | undefined;
}

/** The money of an order that Allot follows; an order without payments has none of it. */
export interface Settlement {
  readonly policy: PaymentPolicy;
  readonly payments: readonly Payment[];
  readonly credits: readonly Credit[];
}

/** How far a payment is when it is first told of. */
export const reportedStatuses = ["authorized", "captured", "promised"] as const;
export type ReportedStatus = (typeof reportedStatuses)[number];

/** A payment as it is told of. */
export interface ReportedPayment {
  readonly provider: string;
  readonly method?: string | undefined;
  readonly amount: number;
  readonly status: ReportedStatus;
  readonly reference?: string | undefined;
  readonly expiresAt?: Instant | undefined;
}

export const paymentStatuses = [
  "promised",
  "pending",
  "authorized",
  "partially_captured",
  "captured",
  "partially_refunded",
  "refunded",
  "voided",
  "expired",
  "failed",
] as const;
/** How far one payment is: a function of it. */
export type PaymentStatus = (typeof paymentStatuses)[number];

export const orderPaymentStatuses = [
  "unpaid",
  "authorized",
  "partially_paid",
  "paid",
  "overpaid",
  "partially_refunded",
  "refunded",
] as const;
/** How far the payments of an order are: a function of it. */
export type OrderPaymentStatus = (typeof orderPaymentStatuses)[number];

/** The order in which several payments give money back. */
export const refundAllocations = ["lastFirst", "firstFirst", "proportional"] as const;
export type RefundAllocation = (typeof refundAllocations)[number];

/** What is known of a transaction now. `unclear`: nobody knows what became of it. */
export const settleOutcomes = ["succeeded", "failed", "pending", "unclear"] as const;
export type SettleOutcome = (typeof settleOutcomes)[number];

/** What is asked of an order's payments. */
export type PaymentCommand =
  /** One that is there already (`status`), or one that the provider is to make. */
  | {
    readonly type: "add-payment";
    readonly provider: string;
    readonly method?: string | undefined;
    readonly amount: Money;
    readonly reference?: string | undefined;
    readonly expiresAt?: Instant | undefined;
    readonly status?: ReportedStatus | undefined;
    /** Captures at once what the provider is to authorize. */
    readonly capture?: boolean | undefined;
  }
  /** All that is due when there is no amount. */
  | {
    readonly type: "capture";
    readonly paymentId: string;
    readonly amount?: Money | undefined;
    readonly final?: boolean | undefined;
  }
  | { readonly type: "void"; readonly paymentId: string }
  /** What people did at the provider: with money in hand, at the bank, in its dashboard. */
  | {
    readonly type: "record";
    readonly paymentId: string;
    readonly kind: TransactionKind;
    readonly amount: Money;
    readonly reference: string;
  }
  /** What was seen to be done at the provider, and was not asked for here. */
  | {
    readonly type: "observe";
    readonly paymentId: string;
    readonly kind: TransactionKind;
    readonly amount: Money;
    readonly reference: string;
  }
  /** What the provider said of a transaction. */
  | {
    readonly type: "settle";
    readonly transactionId: string;
    readonly outcome: SettleOutcome;
    readonly reference?: string | undefined;
    readonly code?: string | undefined;
    readonly expiresAt?: Instant | undefined;
    /** The key under which the next call goes out; the same when absent. */
    readonly attempt?: number | undefined;
  }
  /** What people found out of a transaction that nobody knew about. */
  | {
    readonly type: "resolve";
    readonly paymentId: string;
    readonly transactionId?: string | undefined;
    readonly outcome: "succeeded" | "failed";
    readonly reference?: string | undefined;
    readonly reason: string;
  }
  /** Its authorization ends soon. */
  | { readonly type: "expire-payment"; readonly paymentId: string }
  /** Tries again to capture what is due. */
  | { readonly type: "capture-due" }
  /** Nothing was paid in time: the provider is asked once more, and then the order is cancelled. */
  | { readonly type: "cancel-unpaid" }
  /** Lowers what is owed by what came back. It moves no money. */
  | ({ readonly type: "credit"; readonly reason: string } & CreditRequest)
  | {
    readonly type: "refund";
    /** All that is due to the customer when absent. */
    readonly amount?: Money | undefined;
    readonly reason: string;
    /** Lowers what is owed by the amount, and gives it back. */
    readonly goodwill?: boolean | undefined;
    /** Credits this first, so that it is due. */
    readonly credit?: CreditRequest | undefined;
    /** Takes these units back first: then they may be credited. */
    readonly restock?: readonly Restock[] | undefined;
    /** The payments that it came from when absent. */
    readonly to?: RefundTarget | undefined;
    /** The lines that it is for; all when absent. */
    readonly lineIds?: readonly string[] | undefined;
    readonly allocation?: RefundAllocation | undefined;
    /** The payments that give back; all when absent. */
    readonly paymentIds?: readonly string[] | undefined;
    /** What the caller saw could be given back: refused where that is another amount by now. */
    readonly expectedRefundable?: Money | undefined;
  };

/** What happens to an order's payments. */
export type PaymentEvent =
  | {
    readonly type: "payment.added";
    readonly paymentId: string;
    readonly provider: string;
    readonly method?: string;
    readonly amount: number;
    readonly currency: string;
    readonly reported: ReportedStatus;
    readonly reference?: string;
    readonly expiresAt?: Instant;
    /** Of what was reported with it; absent where the next event asks for one. */
    readonly transactionId?: string;
    /** The customer does it at the provider, which can be asked. */
    readonly ask?: WayToAsk;
  }
  | {
    readonly type: "payment.requested";
    readonly paymentId: string;
    readonly transactionId: string;
    readonly kind: TransactionKind;
    readonly amount: number;
    readonly currency: string;
    readonly ask: WayToAsk;
    readonly final?: boolean;
  }
  | {
    readonly type: "payment.succeeded";
    readonly paymentId: string;
    readonly transactionId: string;
    readonly reference?: string;
    readonly expiresAt?: Instant;
    /** Why somebody says so. */
    readonly reason?: string;
  }
  | {
    readonly type: "payment.failed";
    readonly paymentId: string;
    readonly transactionId: string;
    readonly code: string;
    readonly reason?: string;
  }
  /** Not known: it is looked at again. */
  | {
    readonly type: "payment.unresolved";
    readonly paymentId: string;
    readonly transactionId: string;
    readonly code: string;
    readonly attempt: number;
    readonly dueAt: Instant;
    /** For so long that somebody has to look. */
    readonly overdue: boolean;
  }
  /** What was authorized can be captured no more. */
  | { readonly type: "payment.expired"; readonly paymentId: string }
  /** Made at the provider, not by us. */
  | {
    readonly type: "payment.observed";
    readonly paymentId: string;
    readonly transactionId: string;
    readonly kind: TransactionKind;
    readonly amount: number;
    readonly currency: string;
    readonly reference: string;
  }
  | {
    readonly type: "order.credited";
    readonly reason: string;
    readonly by: string;
    /** What is owed less. */
    readonly amount: number;
    readonly currency: string;
    readonly lines: readonly Goodwill[];
    readonly returned?: readonly CreditedUnits[];
    readonly shipping?: true;
    readonly shippingCredit?: ShippingCredit;
    readonly fee?: number;
    readonly cancelled?: CancelledCredit;
    /** Absent in events of before there were credit memos. */
    readonly creditMemoId?: string;
    readonly taxesIncluded?: true;
  };

/** Why what is asked of an order's payments is refused. */
export type PaymentRejection =
  | { readonly _tag: "UnknownPayment"; readonly paymentId: string }
  | { readonly _tag: "UnknownTransaction"; readonly transactionId: string }
  /** Minor units of what there is. */
  | { readonly _tag: "AmountExceeded"; readonly available: number; readonly currency: string }
  | { readonly _tag: "NothingToRefund" }
  /** More units than are accepted and not credited; of no line where there are none at all. */
  | {
    readonly _tag: "NotCreditable";
    /** The units that may be credited. */
    readonly lines: readonly LineQuantity[];
  }
  | {
    readonly _tag: "PaymentUnresolved";
    readonly paymentId: string;
    readonly transactionId: string;
  }
  /** It was told of before, with another amount. */
  | { readonly _tag: "PaymentDiffers"; readonly paymentId: string };
