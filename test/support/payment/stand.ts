/** What the contract of payment providers asks of a stand-in for one of them. */
import type { Payment } from "../../../src/order/payment.ts";
import type { BadDay } from "./bad-day.ts";

/** Sums of one payment, minor units. */
export interface Sums {
  readonly captured: number;
  readonly refunded: number;
}

export interface Stand extends AsyncDisposable {
  readonly type: "http" | "stripe";
  readonly url: string;
  readonly secret: string;
  readonly webhookSecret: string;
  readonly day: BadDay;
  /** What it has to tell, in the order in which it happened. */
  readonly messages: string[];
  readonly headersOf: (body: string, atMs: number) => Headers;
  /** The customer begins a payment; what it is called. */
  readonly begin: (status: "authorized" | "captured" | "promised", amount: number) => string;
  /** The customer pays what was begun. */
  readonly pay: (reference: string, payment: Payment) => void;
  /** The shop says to which payment of an order it belongs. */
  readonly tell: (reference: string, payment: Payment) => void;
  /** What a payment is made with that the customer does not begin; undefined where nothing need be said. */
  readonly method: () => string | undefined;
  readonly sumsOf: (payment: Payment) => Sums;
  /** Somebody gives money back at the provider; absent where Allot cannot be told. */
  readonly refundThere?: (payment: Payment, amount: number) => boolean;
  /** Somebody captures at the provider. */
  readonly captureThere?: (payment: Payment, amount: number) => boolean;
}
