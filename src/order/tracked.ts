/** By which numbers carriers know the parcels of an order: those that left, and those that come back. Pure. */
import type { Order } from "./order.ts";
import { trackingNumbersOf } from "./tracking-numbers.ts";

/** The tracking numbers that an order has from a record on, and those that it has no more. */
export interface NumberChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** As it is searched: carriers print it in groups, and scanners read it without. */
export const searchedNumber = (trackingNumber: string): string =>
  trackingNumber.replaceAll(/\s/g, "").toUpperCase();

/** The numbers of an order's parcels, each once, as they are searched. */
export const trackedNumbersOf = ({ shipments, returns = [] }: Order): ReadonlySet<string> =>
  new Set(
    [
      ...shipments.flatMap(trackingNumbersOf),
      ...returns.flatMap(({ trackingNumber }) => trackingNumber ?? []),
    ].map(searchedNumber),
  );

const noNumbers: ReadonlySet<string> = new Set();

/** Null where they stay as they are. */
export const numberChanges = (before: Order | null, after: Order): NumberChanges | null => {
  // Most records are of orders without parcels, or leave them as they were.
  if (after.shipments.length === 0 && after.returns === undefined) return null;
  if (after.shipments === before?.shipments && after.returns === before.returns) return null;
  const was = before === null ? noNumbers : trackedNumbersOf(before);
  const is = trackedNumbersOf(after);
  const added = [...is].filter((each) => !was.has(each));
  const removed = [...was].filter((each) => !is.has(each));
  return added.length === 0 && removed.length === 0 ? null : { added, removed };
};
