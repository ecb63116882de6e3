/** The tracking numbers of a shipment: one for each of its parcels. */
import type { Shipment } from "./order.ts";

type Numbers = Pick<Shipment, "trackingNumber" | "moreTrackingNumbers">;

/** All tracking numbers of a shipment, in the order in which they were given. */
export const trackingNumbersOf = (
  { trackingNumber, moreTrackingNumbers = [] }: {
    readonly [Name in keyof Numbers]: Numbers[Name] | undefined;
  },
): readonly string[] =>
  trackingNumber === undefined ? [] : [trackingNumber, ...moreTrackingNumbers];

/** Each number once. Most shipments have one. */
export const numbersOf = (given: readonly string[] = []): Numbers => {
  const [first, ...more] = new Set(given);
  if (first === undefined) return {};
  return { trackingNumber: first, ...(more.length === 0 ? {} : { moreTrackingNumbers: more }) };
};
