/**
 * Edits an order: only the difference is allocated, and only what is taken out is given back. What is due to the
 * customer after it is read from the order's balance, never from the edit.
 */
import { Result } from "effect";
import { allocateDemands, demandOf, rejectingLocationIds } from "./allocate.ts";
import { brokenKit, takeOut } from "./cancel.ts";
import type { EditCommand } from "./edit.ts";
import { editsOf } from "./edit.ts";
import { type Drafted, EditDraft } from "./edit-draft.ts";
import { isHeld } from "./hold-codes.ts";
import { orderLimits } from "./limits.ts";
import type { Order, OrderFacts } from "./order.ts";
import type { OrderDecision } from "./refusals.ts";
import { illegalForOrder, invalid } from "./refusals.ts";
import { commitRoom } from "./room.ts";
import { orderAllows } from "./status.ts";
import { Unfolding } from "./unfolding.ts";

/** Why an order cannot be edited now; null when it can. */
const notNow = (order: Order): OrderDecision | null => {
  if (!orderAllows(order, "edit")) return illegalForOrder("edit", order);
  if (order.allocating) {
    return illegalForOrder(
      "edit",
      order,
      "The order is being allocated: edit it when that is done.",
    );
  }
  return editsOf(order).length >= orderLimits.edits
    ? illegalForOrder("edit", order, `An order has at most ${orderLimits.edits} edits.`)
    : null;
};

const isNothing = ({ repriced, addedLines, taken, shipping, destination }: Drafted): boolean =>
  repriced.length === 0 && addedLines.length === 0 && taken.size === 0 &&
  shipping === undefined && destination === undefined;

/** Takes out what is to go, then promises what is new: nothing else of the order moves. */
const carriedOut = (unfolding: Unfolding, reason: string, drafted: Drafted): OrderDecision => {
  const { facts } = unfolding;
  const { taken, addedLines } = drafted;
  let room = commitRoom(facts);
  if (taken.size > 0) {
    const broken = brokenKit(unfolding.order, taken);
    if (broken !== null) return broken;
    const cut = takeOut(unfolding.order, taken, reason, facts);
    if (cut === null) {
      return invalid("/changes", "These are too many units to take out at once: name fewer.");
    }
    for (const event of cut.events) unfolding.add(event);
    room = cut.left;
  }
  const { order } = unfolding;
  if (order.status === "cancelled") {
    return invalid("/changes", "Nothing would be left of the order: cancel it instead.");
  }
  if (addedLines.length === 0 || isHeld(order)) return Result.succeed(unfolding.events);
  const demands = addedLines.map((line) => demandOf(line, line.quantity));
  const allocated = allocateDemands(order, demands, facts, {
    ...{ promised: false, otherwise: "policy", room },
    excludedLocationIds: rejectingLocationIds(order),
  });
  return Result.map(allocated, (events) => [...unfolding.events, ...events]);
};

/** The events of an edit; none where it changes nothing. */
export const edit = (
  order: Order,
  { reason, changes }: EditCommand,
  facts: OrderFacts,
): OrderDecision => {
  const refused = notNow(order);
  if (refused !== null) return refused;
  if (changes.length === 0 || changes.length > orderLimits.changesPerEdit) {
    return invalid("/changes", `An edit has 1 to ${orderLimits.changesPerEdit} changes.`);
  }
  const draft = new EditDraft(order, facts);
  for (const [n, change] of changes.entries()) draft.take(change, `/changes/${n}`);
  const drafted = draft.drafted();
  const [wrong] = draft.errors.found;
  if (wrong !== undefined) return invalid(wrong.pointer, wrong.detail);
  if (isNothing(drafted)) return Result.succeed([]);
  const { repriced, addedLines, taken, shipping, destination, totals } = drafted;
  const unfolding = new Unfolding(order, facts);
  unfolding.add({
    ...{ type: "order.edited", reason, by: facts.by, currency: order.currency },
    ...{ repriced, addedLines, totals },
    taken: [...taken].map(([lineId, quantity]) => ({ lineId, quantity })),
    ...(shipping === undefined ? {} : { shipping }),
    ...(destination === undefined ? {} : { destination }),
  });
  return carriedOut(unfolding, reason, drafted);
};
