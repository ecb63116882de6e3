/**
 * Finds orders by the time they were placed. Ids tell when an order was made here, and nearly every order was
 * placed just then. Others, such as orders of an imported file, stand in lists of their own.
 */
import { Effect } from "effect";
import { epochMsOf, type Instant } from "../../src/kernel/instant.ts";
import { below } from "../../src/kernel/key.ts";
import { placedLimits } from "../../src/order/limits.ts";
import { idsFrom } from "../../src/order/ids.ts";
import { orderLists, periodLengths } from "../../src/order/lists.ts";
import { ever, periodsOf, type PlacedSpan } from "../../src/order/placed.ts";
import { orderKeys } from "../../src/order/keys.ts";
import { KeyWalk } from "../../src/store/key-walk.ts";
import { keys } from "../../src/store/keys.ts";
import {
  everything,
  postingList,
  PostingWalk,
  UnionWalk,
  type Walk,
} from "../../src/store/postings.ts";
import type { Store, StoreError } from "../../src/store/store.ts";

/** The ids of orders that were made within a span, as ids tell it. */
interface MadeSpan {
  readonly from: string;
  readonly until: string;
}

/**
 * Ids of a span, whether or not there is anything of such an id: it only ever narrows another walk, and each
 * bound must lie just above an id of that.
 */
class MadeWalk implements Walk {
  readonly pages = 0;

  constructor(private readonly span: MadeSpan) {}

  readonly seek = (bound: string): Effect.Effect<string | null> => {
    const { from, until } = this.span;
    const id = bound.slice(0, -1);
    return Effect.succeed(id >= until ? until : id >= from ? id : null);
  };
}

/** The orders that were made within a span. */
class MadeOrders implements Walk {
  readonly #all: KeyWalk;

  constructor(store: Store["Service"], private readonly span: MadeSpan) {
    this.#all = new KeyWalk(store, orderKeys.order);
  }

  get pages(): number {
    return this.#all.pages;
  }

  readonly seek = (bound: string): Effect.Effect<string | null, StoreError> => {
    const { from, until } = this.span;
    return Effect.map(
      this.#all.seek(bound < until ? bound : until),
      (id) => id !== null && id >= from ? id : null,
    );
  };
}

/** Orders that can have been changed for the last time before a moment: those that were made before. */
export const madeBefore = (before: Instant): Walk =>
  new MadeWalk({ from: "", until: idsFrom(epochMsOf(before) + placedLimits.apartMs) });

const dimension = orderLists.placedApart;

/**
 * The months of a span of which there are orders that were placed apart, by skipping from one to the next;
 * null when they are more than one request may look into.
 */
const monthsApart = Effect.fnUntraced(function* (
  store: Store["Service"],
  { after, before }: PlacedSpan,
): Effect.fn.Return<readonly string[] | null, StoreError> {
  const keyAt = (value: string) => keys.posting(dimension.name, value, "");
  const monthOf = (text: string) => text.slice(0, periodLengths.month);
  // The days of a month stand behind it; this, behind them.
  const behind = (month: string) => keyAt(`${month}.`);
  const end = before === undefined
    ? below(["posting", dimension.name]).end
    : behind(monthOf(before));
  const months: string[] = [];
  // Behind the list of all times, whose value is empty.
  let start = keyAt(after === undefined ? "0" : monthOf(after));
  while (months.length <= placedLimits.months) {
    const [page] = yield* store.list({ start, end, limit: 1 });
    if (page === undefined) return months;
    const month = monthOf(String(page.key[2]));
    months.push(month);
    start = behind(month);
  }
  return null;
});

/**
 * Orders that may have been placed within a span: a superset, walked from the newest. Beside other walks it
 * narrows those; alone it finds the orders itself.
 */
export const placedWalk = Effect.fnUntraced(function* (
  store: Store["Service"],
  span: PlacedSpan,
  isAlone: boolean,
): Effect.fn.Return<Walk, StoreError> {
  const { after, before } = span;
  const periods = periodsOf(span) ??
    periodsOf(span, (yield* monthsApart(store, span)) ?? undefined) ?? ever;
  const made: MadeSpan = {
    from: idsFrom(after === undefined ? 0 : epochMsOf(after) - placedLimits.apartMs),
    until: before === undefined
      ? everything
      : idsFrom(epochMsOf(before) + placedLimits.apartMs + 1),
  };
  return new UnionWalk([
    isAlone ? new MadeOrders(store, made) : new MadeWalk(made),
    ...periods.map((period) => new PostingWalk(store, postingList(dimension, period))),
  ]);
});
