/** What a record of an order says of its returns, how it is stored, and which lists follow from it. Pure. */
import { at, numberOf, type Packed } from "../kernel/packed.ts";
import type { Dimension } from "../subject/dimension.ts";
import type { ListChange } from "../subject/record.ts";
import type { ListEntry } from "../subject/state.ts";
import { returnIdOf } from "./ids.ts";
import type { Order } from "./order.ts";
import type { Return, ReturnStatus } from "./return.ts";
import { returnsOf } from "./return-units.ts";

/**
 * A return that a record touched. Its status depends on more than the event (has all come?), and consumers of
 * the log hold no orders.
 */
export interface ReturnChange {
  readonly id: string;
  /** Null for a new one; equal to `to` when something else of it changed. */
  readonly from: ReturnStatus | null;
  readonly to: ReturnStatus;
  /** Where its goods go after the change, and before it; null where that is not known. */
  readonly locationId: string | null;
  readonly fromLocationId: string | null;
}

const none: readonly ReturnChange[] = [];

/** The returns that differ between two versions of an order. */
export const returnChanges = (before: Order | null, after: Order): readonly ReturnChange[] => {
  if (after.returns === undefined || after.returns === before?.returns) return none;
  const earlier = before === null ? [] : returnsOf(before);
  return after.returns.flatMap((each, n): readonly ReturnChange[] => {
    const was = earlier[n];
    return was === each ? [] : [{
      id: each.id,
      from: was?.status ?? null,
      to: each.status,
      locationId: each.locationId ?? null,
      fromLocationId: was?.locationId ?? null,
    }];
  });
};

export const packReturnChange = (change: ReturnChange): Packed => [
  numberOf(change.id),
  change.from,
  change.to,
  change.locationId,
  change.fromLocationId,
];

export const unpackReturnChange = (packed: Packed, orderId: string): ReturnChange => ({
  id: returnIdOf(orderId, at(packed, 0)),
  from: at(packed, 1),
  to: at(packed, 2),
  locationId: at(packed, 3),
  fromLocationId: at(packed, 4),
});

/** There were stores before there were returns: their lists have nothing to be filled with, and are whole. */
export const returnLists = {
  status: { name: "return_status" },
  location: { name: "return_location" },
  locationStatus: { name: "return_location_status" },
} as const satisfies Readonly<Record<string, Dimension>>;

/** A value of `returnLists.locationStatus`. A status has no space, so that the two can be told apart. */
export const returnPlaceOf = (locationId: string, status: ReturnStatus): string =>
  `${status} ${locationId}`;

const entriesOf = (status: ReturnStatus, locationId: string | null): readonly ListEntry[] => {
  const anywhere: ListEntry = [returnLists.status.name, status];
  return locationId === null ? [anywhere] : [
    anywhere,
    [returnLists.location.name, locationId],
    [returnLists.locationStatus.name, returnPlaceOf(locationId, status)],
  ];
};

/** The lists in which a return stands. */
export const returnListsOf = ({ status, locationId }: Return): readonly ListEntry[] =>
  entriesOf(status, locationId ?? null);

/** The changes of lists by a change of a return. */
export const returnListChanges = (change: ReturnChange): readonly ListChange[] => {
  const { id, from, to, locationId, fromLocationId } = change;
  const before = from === null ? [] : entriesOf(from, fromLocationId);
  const after = entriesOf(to, locationId);
  const isIn = (entries: readonly ListEntry[], [dimension, value]: ListEntry) =>
    entries.some((each) => each[0] === dimension && each[1] === value);
  const changes = (entries: readonly ListEntry[], others: readonly ListEntry[], present: boolean) =>
    entries.filter((entry) => !isIn(others, entry))
      .map(([dimension, value]): ListChange => ({ dimension, value, id, present }));
  return [...changes(before, after, false), ...changes(after, before, true)];
};
