/** Counts orders asked for over HTTP, in Effect's own metric registry. */
import { type Context, Metric } from "effect";

const placements = Metric.counter("allot_orders_placed_total", {
  description: "Orders asked for over HTTP, by what became of them",
  incremental: true,
});

const byOutcome = new Map<string, typeof placements>();

/** Counts the outcomes of order requests: an order status, `duplicate`, or a problem's name. */
export const countPlacement = (outcome: string, context: Context.Context<never>): void => {
  let counter = byOutcome.get(outcome);
  if (counter === undefined) {
    counter = Metric.withAttributes(placements, { outcome });
    byOutcome.set(outcome, counter);
  }
  counter.updateUnsafe(1, context);
};
