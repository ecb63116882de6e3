/**
 * Exchanges: a return with new lines on the same order, so that one balance says who owes whom. The new goods are
 * allocated at once and kept for the customer; they are the warehouse's work when the return has come, or, where
 * they are sent ahead, when it is authorized.
 */
import type { Instant } from "../kernel/instant.ts";
import { type AddLine, editsOf, withEdit } from "./edit.ts";
import type { FulfillmentOrder, LineId, Order, OrderLine, Totals } from "./order.ts";
import { lineIdOf } from "./parts.ts";
import { unitsToTakeOut } from "./quantities.ts";
import { isAwaited, type Return } from "./return.ts";

/**
 * `received`: the new goods leave once the return has come, looked at or not: the customer has done their part
 * by then, and what is not accepted is due. `now`: they are sent ahead. Documents name one by its place in this
 * list.
 */
export const shipTimes = ["received", "now"] as const;
export type ShipWhen = (typeof shipTimes)[number];

/** What a return is exchanged for. */
export interface ExchangeRequest {
  readonly lines: readonly Omit<AddLine, "type">[];
  readonly shipWhen: ShipWhen;
}

/** The exchange of a return, as the return keeps it. */
export interface Exchange {
  readonly shipWhen: ShipWhen;
  /** The lines of the order that it added. */
  readonly added: readonly LineId[];
}

export type ExchangeEvent =
  | {
    readonly type: "order.exchanged";
    readonly returnId: string;
    readonly shipWhen: ShipWhen;
    readonly by: string;
    readonly currency: string;
    readonly addedLines: readonly OrderLine[];
    /** Of all that was ever ordered. */
    readonly totals: Totals;
  }
  /** An order of which all had arrived has lines to fulfill again. */
  | { readonly type: "order.reopened" }
  /** What was kept for a customer until a return is there is the location's work. */
  | { readonly type: "fulfillment_order.released"; readonly fulfillmentOrderId: string };

/** What is asked about exchanges by timers alone: to take out what a commit had no room for. */
export interface ExchangeCommand {
  readonly type: "cancel-exchange";
  readonly returnId: string;
}

type ReturnState = Pick<Return, "status" | "goodsBack" | "lines">;

/** Whether the new goods of a return's exchange are kept back. */
export const keepsBack = ({ status, exchange }: Pick<Return, "status" | "exchange">): boolean =>
  exchange !== undefined &&
  (status === "requested" || (exchange.shipWhen === "received" && isAwaited(status)));

/** Whether a return has ended without anything of it: then nothing is exchanged either. */
export const cameToNothing = ({ status, goodsBack, lines }: ReturnState): boolean =>
  status === "declined" || status === "cancelled" ||
  (status === "closed" && goodsBack && lines.every(({ received }) => received === 0));

const noneWaits: ReadonlyMap<LineId, string> = new Map();

/** The lines of which goods are kept back, and for which return. */
export const waitingLines = ({ returns }: Pick<Order, "returns">): ReadonlyMap<LineId, string> => {
  if (returns === undefined) return noneWaits;
  const waiting = new Map<LineId, string>();
  for (const each of returns) {
    if (!keepsBack(each)) continue;
    for (const lineId of each.exchange?.added ?? []) waiting.set(lineId, each.id);
  }
  return waiting;
};

/** The fulfillment orders that were kept back for an exchange. */
export const keptFor = (
  { fulfillmentOrders }: Pick<Order, "fulfillmentOrders">,
  { added }: Exchange,
): readonly FulfillmentOrder[] =>
  fulfillmentOrders.filter(({ status, lines }) =>
    status === "waiting" && lines.some(({ lineId }) => added.includes(lineIdOf(lineId)))
  );

/** By line, the units of an exchange that have not left. */
export const openUnits = (order: Order, added: readonly LineId[]): ReadonlyMap<LineId, number> => {
  const openOf = unitsToTakeOut(order);
  return new Map(added.flatMap((lineId) => {
    const open = openOf(lineId) ?? 0;
    return open > 0 ? [[lineId, open] as const] : [];
  }));
};

/** Whether a return came to nothing, and goods that it was to be exchanged for have not been taken out. */
export const hasExchangeLeft = (order: Order, each: Return): boolean =>
  each.exchange !== undefined && cameToNothing(each) &&
  openUnits(order, each.exchange.added).size > 0;

/** The reason under which an exchange stands among the edits of its order. */
const editReason = "Exchange";

/** The order after its return has an exchange: an edit that adds lines, and names the return. */
export const withExchange = (
  order: Order,
  event: Extract<ExchangeEvent, { readonly type: "order.exchanged" }>,
  at: Instant,
): Order => {
  const { returnId, shipWhen, by, currency, addedLines, totals } = event;
  const edited = withEdit(order, {
    ...{ type: "order.edited", reason: editReason, by, currency, totals, addedLines },
    ...{ repriced: [], taken: [] },
  }, at);
  const edits = editsOf(edited);
  const exchange: Exchange = { shipWhen, added: addedLines.map(({ id }) => id) };
  return {
    ...edited,
    edits: edits.map((edit, n) => n === edits.length - 1 ? { ...edit, returnId } : edit),
    returns: (edited.returns ?? []).map((each) =>
      each.id === returnId ? { ...each, exchange } : each
    ),
  };
};
