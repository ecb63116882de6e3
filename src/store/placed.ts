/**
 * Finding orders by the time they were placed. Ids tell when an order was made here, and nearly every order
 * was placed just then; those that were not, as orders of an imported file, stand in lists of their own.
 */
import { Effect } from "effect";
import { idsFrom } from "../order/ids.ts";
import { epochMsOf, type Instant, instantOf } from "../kernel/instant.ts";
import { indexLimits, placedLimits } from "../kernel/limits.ts";
import type { Order } from "../order/order.ts";
import { type PostingList, postingList, PostingWalk, type Walk } from "./postings.ts";
import type { Store, StoreError } from "./store.ts";

/** A span of time; an end that is absent is open. */
export interface PlacedSpan {
  readonly after?: Instant | undefined;
  readonly before?: Instant | undefined;
}

/** From the beginning of an instant's text: a day, a month, or all time. */
const periodLengths = { day: 10, month: 7, ever: 0 } as const;

const listOf = (period: string): PostingList => postingList("placed_apart", period);

/** The lists in which an order stands that was placed at another time than it was made; none for most. */
export const placedLists = (order: Pick<Order, "placedAt" | "createdAt">): readonly PostingList[] =>
  Math.abs(epochMsOf(order.createdAt) - epochMsOf(order.placedAt)) <= placedLimits.apartMs
    ? []
    : Object.values(periodLengths).map((length) => listOf(order.placedAt.slice(0, length)));

/** The first moments of the periods that a span touches; null when they are more than a limit. */
const periodsOf = (
  { after, before }: PlacedSpan,
  period: "day" | "month",
  most: number,
): readonly string[] | null => {
  if (after === undefined || before === undefined) return null;
  const periods: string[] = [];
  const end = epochMsOf(before);
  const date = new Date(epochMsOf(after));
  date.setUTCHours(0, 0, 0, 0);
  if (period === "month") date.setUTCDate(1);
  while (date.getTime() <= end) {
    if (periods.length === most) return null;
    periods.push(instantOf(date.getTime()).slice(0, periodLengths[period]));
    if (period === "month") date.setUTCMonth(date.getUTCMonth() + 1);
    else date.setUTCDate(date.getUTCDate() + 1);
  }
  return periods;
};

/**
 * Orders that may have been placed within a span: a superset, walked from the newest. It has no ids of its
 * own between the two ends of the time in which they were made, so it only ever narrows another walk, and
 * each bound must lie just above an id of that.
 */
export class PlacedWalk implements Walk {
  readonly #apart: readonly PostingWalk[];
  readonly #from: string;
  readonly #until: string;

  constructor(store: Store["Service"], { after, before }: PlacedSpan) {
    const periods = periodsOf({ after, before }, "day", placedLimits.days) ??
      periodsOf({ after, before }, "month", placedLimits.months) ?? [""];
    this.#apart = periods.map((period) =>
      new PostingWalk(store, listOf(period), indexLimits.pagesPerRead)
    );
    this.#from = idsFrom(after === undefined ? 0 : epochMsOf(after) - placedLimits.apartMs);
    this.#until = before === undefined
      ? "\uffff"
      : idsFrom(epochMsOf(before) + placedLimits.apartMs + 1);
  }

  get pages(): number {
    return this.#apart.reduce((sum, { pages }) => sum + pages, 0);
  }

  readonly seek = (bound: string): Effect.Effect<string | null, StoreError> =>
    Effect.map(
      Effect.forEach(this.#apart, (walk) => walk.seek(bound)),
      (found) => {
        const id = bound.slice(0, -1);
        const made = id >= this.#until ? this.#until : id >= this.#from ? id : null;
        return [made, ...found].reduce(
          (last, each) => each !== null && (last === null || each > last) ? each : last,
          null,
        );
      },
    );
}
