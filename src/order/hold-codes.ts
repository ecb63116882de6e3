/**
 * Holds are a set with one for each code. The codes say what they block, and who may place and release them.
 */
import type { Role } from "../kernel/principal.ts";
import type { Hold, HoldBlocks, HoldCode, Order, OrderEvent } from "./order.ts";
import { holdCodes } from "./order.ts";

interface HoldRule {
  readonly blocks: HoldBlocks;
  readonly placedBy: readonly Role[];
  readonly releasedBy: readonly Role[];
}

export type HoldRight = "placedBy" | "releasedBy";

const all: readonly Role[] = ["admin", "operations", "support", "finance"];
const desk: readonly Role[] = ["admin", "operations", "support"];
const money: readonly Role[] = ["admin", "operations", "finance"];

/**
 * The one table of holds. A code blocks all where it is doubtful that this customer is to get these goods: an
 * order in such doubt must not keep further stock from others. A code blocks fulfillment where only something
 * else is doubtful, such as the price. Support releases the codes that a talk with the customer settles,
 * finance those that are about money. More roles may place a code than may release it: to raise a doubt is
 * harmless.
 */
export const holdRules: Readonly<Record<HoldCode, HoldRule>> = {
  // By hand, for any reason: it stops everything, and everybody who may hold at all may end it.
  manual: { blocks: "all", placedBy: all, releasedBy: all },
  // Its units wait outside of allocation. A release only asks for them again, so it needs no judgment.
  shortage: { blocks: "all", placedBy: desk, releasedBy: all },
  // A fraudster must not empty the shelves. Support may suspect a customer, and not acquit one.
  fraud: { blocks: "all", placedBy: all, releasedBy: money },
  // The goods are kept for the customer while the money is on its way.
  payment: { blocks: "fulfillment", placedBy: money, releasedBy: money },
  // The goods are known, only the address is not.
  address: { blocks: "fulfillment", placedBy: all, releasedBy: desk },
  // A price that differs from the list's is settled with the channel; the goods are wanted either way.
  price: { blocks: "fulfillment", placedBy: money, releasedBy: money },
  // The channel's total is not the sum of its parts: as with a price.
  totals: { blocks: "fulfillment", placedBy: money, releasedBy: money },
  // The tax cannot be computed or checked: as with a price.
  tax: { blocks: "fulfillment", placedBy: money, releasedBy: money },
  // A customer over the limit gets no more goods that others can pay for.
  credit: { blocks: "all", placedBy: money, releasedBy: money },
  // A customer with overdue invoices: as with credit.
  terms: { blocks: "all", placedBy: money, releasedBy: money },
  // Nobody has agreed yet that this is an order.
  approval: { blocks: "all", placedBy: all, releasedBy: money },
  // The goods would be kept for one customer twice.
  duplicate: { blocks: "all", placedBy: all, releasedBy: desk },
  // Which goods are meant is not known.
  mapping: { blocks: "all", placedBy: desk, releasedBy: desk },
  // Somebody is to look at it before it leaves.
  review: { blocks: "fulfillment", placedBy: all, releasedBy: desk },
};

/** The codes that a role may place, or release. */
export const codesOf = (role: Role, right: HoldRight): readonly HoldCode[] =>
  holdCodes.filter((code) => holdRules[code][right].includes(role));

export const noHolds: readonly Hold[] = [];

const blocksAll = ({ blocks }: Hold): boolean => blocks === "all";

/** Whether the order stands still: as long as one of its holds blocks all. */
export const isHeld = ({ holds }: Pick<Order, "holds">): boolean => holds.some(blocksAll);

export const holdCodesOf = ({ holds }: Pick<Order, "holds">): readonly HoldCode[] =>
  holds.map(({ code }) => code);

/** The event of a new hold. It leaves out `blocks` where that is `all`, as events of earlier versions do. */
export const heldEvent = (code: HoldCode, reason: string, by: string): OrderEvent => {
  const { blocks } = holdRules[code];
  return { type: "order.held", code, reason, by, ...(blocks === "all" ? {} : { blocks }) };
};

/** The set with one more hold. A code that stands keeps its place and its time, and gets the new reason. */
export const withHold = (holds: readonly Hold[], added: Hold): readonly Hold[] =>
  holds.some(({ code }) => code === added.code)
    ? holds.map((hold) => hold.code === added.code ? { ...added, at: hold.at } : hold)
    : [...holds, added];

/** The set without a code, or without any when none is named. */
export const withoutHold = (
  holds: readonly Hold[],
  released: HoldCode | undefined,
): readonly Hold[] =>
  released === undefined ? noHolds : holds.filter(({ code }) => code !== released);
