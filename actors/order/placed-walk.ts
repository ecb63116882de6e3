/**
 * Finds orders by the time they were placed. Ids tell when an order was made here, and nearly every order was
 * placed just then. Others, such as orders of an imported file, stand in lists of their own.
 */
import { Effect } from "effect";
import { epochMsOf } from "../../src/kernel/instant.ts";
import { placedLimits } from "../../src/order/limits.ts";
import { idsFrom } from "../../src/order/ids.ts";
import { orderLists } from "../../src/order/lists.ts";
import { periodsOf, type PlacedSpan } from "../../src/order/placed.ts";
import { everything, postingList, PostingWalk, type Walk } from "../../src/store/postings.ts";
import type { Store, StoreError } from "../../src/store/store.ts";

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
    this.#apart = periodsOf({ after, before }).map((period) =>
      new PostingWalk(store, postingList(orderLists.placedApart, period))
    );
    this.#from = idsFrom(after === undefined ? 0 : epochMsOf(after) - placedLimits.apartMs);
    this.#until = before === undefined
      ? everything
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
