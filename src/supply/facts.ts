/** What decisions about purchase orders and transfers may know beside them, and why they refuse. */
import { Result } from "effect";
import { items, locations } from "../catalog/references.ts";
import type { Instant } from "../kernel/instant.ts";
import { stockBalance } from "../stock/balance.ts";
import type { Look } from "../subject/aggregate.ts";
import { supplyBalance } from "./balance.ts";

export interface SupplyFacts {
  readonly now: Instant;
  readonly by: string;
  /** Whether somebody has described the location. */
  readonly isLocation: (id: string) => boolean;
  /** Units of a supply that nobody is promised and nobody has claimed. */
  readonly free: (locationId: string, supplyId: string) => number;
  /** Units on the shelf that may be promised. */
  readonly available: (locationId: string, sku: string) => number;
  /** Whether the SKU's units are told apart by lots or serials. */
  readonly isTracked: (sku: string) => boolean;
  /** Bytes of keys of rows, fences and links that one commit has room for. */
  readonly keyBytesPerCommit: number;
}

export const supplyFacts = (look: Look): SupplyFacts => ({
  now: look.now,
  by: look.by,
  isLocation: (id) => look.reference(locations, id) !== null,
  free: (locationId, supplyId) => look.available(supplyBalance.name, locationId, supplyId),
  available: (locationId, sku) => look.available(stockBalance.name, locationId, sku),
  isTracked: (sku) => look.reference(items, sku)?.tracking !== undefined,
  keyBytesPerCommit: look.keyBytesPerCommit,
});

export interface SupplyShortage {
  readonly sku: string;
  readonly requested: number;
  readonly available: number;
}

export type SupplyRejection =
  | { readonly _tag: "InvalidCommand"; readonly pointer: string; readonly detail: string }
  | { readonly _tag: "UnknownLocation"; readonly locationId: string; readonly detail: string }
  | {
    readonly _tag: "IllegalTransition";
    readonly action: string;
    readonly status: string;
    readonly detail: string;
  }
  | {
    readonly _tag: "OverReceipt";
    readonly lineId: string;
    readonly sku: string;
    /** Units that the line was to bring. */
    readonly expected: number;
    /** Units that have come before. */
    readonly received: number;
    /** Units that came now. */
    readonly quantity: number;
    /** Units that may have come in all. */
    readonly most: number;
    readonly detail: string;
  }
  | {
    readonly _tag: "InsufficientStock";
    readonly shortages: readonly SupplyShortage[];
    readonly detail: string;
  }
  /** A receipt or shipment of that reference is there, and says something else. */
  | { readonly _tag: "ReferenceTaken"; readonly reference: string; readonly detail: string }
  /** Units that were to be moved together with orders are not, or no more, to be moved. */
  | { readonly _tag: "StaleMoves"; readonly lineId: string; readonly detail: string };

/** Several fail with the same words. */
type Refusal = Result.Result<never, SupplyRejection>;

export const invalid = (pointer: string, detail: string): Refusal =>
  Result.fail({ _tag: "InvalidCommand", pointer, detail });

export const unknownLocation = (locationId: string): Refusal =>
  Result.fail({
    ...{ _tag: "UnknownLocation", locationId },
    detail: `There is no location ${locationId}.`,
  });

/** An action that the status does not allow. */
export const illegal = (
  action: string,
  status: string,
  detail = `What is ${status} does not allow "${action}".`,
): Refusal => Result.fail({ _tag: "IllegalTransition", action, status, detail });

export const referenceTaken = (reference: string): Refusal =>
  Result.fail({
    ...{ _tag: "ReferenceTaken", reference },
    detail: `The reference ${reference} is there already, and said something else.`,
  });

/** More has come than was to come. */
export const overReceipt = (
  line: { readonly lineId: string; readonly sku: string; readonly expected: number },
  { received, quantity, most }: {
    readonly received: number;
    readonly quantity: number;
    readonly most: number;
  },
): Refusal =>
  Result.fail({
    ...{ _tag: "OverReceipt", ...line, received, quantity, most },
    detail: `Of ${line.sku}, ${received + quantity} of ${line.expected} units would have come: ` +
      `at most ${most} may.`,
  });
