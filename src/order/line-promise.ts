/** Promises of supply that is on its way to lines that wait: the types that an order has of them. */
import type { Instant } from "../kernel/instant.ts";
import type { GoodsDates } from "./goods-dates.ts";

/** Units of a line that come with a supply. */
export interface LinePromise extends GoodsDates {
  /** The id of a line of a purchase order or of a transfer. */
  readonly supplyId: string;
  /** Where they are expected, and shipped from. */
  readonly locationId: string;
  readonly quantity: number;
  readonly expectedAt: Instant;
}

/** All promises of a line. */
export interface LinePromises {
  readonly lineId: string;
  readonly promises: readonly LinePromise[];
}

/** Units of a line that have another promise than before, or the same one with another date, or none any more. */
export interface MovedPromise {
  readonly lineId: string;
  readonly quantity: number;
  readonly from: LinePromise;
  readonly to: LinePromise | null;
}

export type PromiseCommand =
  /** Promises supply that is on its way to units that wait without a promise, and dates promises anew. */
  | { readonly type: "promise" }
  /** Units that it was promised of a supply have arrived at the location. */
  | {
    readonly type: "arrive";
    readonly supplyId: string;
    readonly locationId: string;
    readonly quantity: number;
  }
  /** Units that it was promised of a supply will not come. */
  | { readonly type: "unpeg"; readonly supplyId: string; readonly quantity: number };

/** The promises of these lines are others now. */
export type OrderPromised = {
  readonly type: "order.promised";
  readonly lines: readonly LinePromises[];
  readonly moved?: readonly MovedPromise[];
};
