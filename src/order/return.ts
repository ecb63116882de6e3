/** A return: units of an order that come back, or that are claimed without coming back. */
import type { Instant } from "../kernel/instant.ts";
import type { Exchange, ExchangeCommand, ExchangeRequest } from "./exchange.ts";

export const returnStatuses = [
  "requested",
  "authorized",
  "in_transit",
  "partially_received",
  "received",
  "closed",
  "declined",
  "cancelled",
] as const;
export type ReturnStatus = (typeof returnStatuses)[number];

/** Whether goods of it may come, and have not all. */
export const isAwaited = (status: ReturnStatus): boolean =>
  status === "authorized" || status === "in_transit" || status === "partially_received";

/** Documents name a reason by its place in this list: new ones go to its end. */
export const returnReasons = [
  "unwanted",
  "damaged",
  "defective",
  "wrong_item",
  "not_as_described",
  "late",
  "lost",
  "undeliverable",
  "other",
] as const;
export type ReturnReason = (typeof returnReasons)[number];

/** What becomes of a unit once it was looked at. Documents name them by their places: new ones go to the end. */
export const dispositions = ["restock", "refurbish", "quarantine", "scrap", "vendor"] as const;
export type Disposition = (typeof dispositions)[number];

/** Units of these leave the location. */
export const leaves = (disposition: Disposition): boolean =>
  disposition === "scrap" || disposition === "vendor";

export interface InspectedUnits {
  readonly disposition: Disposition;
  readonly quantity: number;
}

export interface ReturnLine {
  readonly lineId: string;
  readonly sku: string;
  /** Units that are to come back; zero where units came that nobody had announced. */
  readonly quantity: number;
  readonly reason: ReturnReason;
  readonly received: number;
  /** At most one of each disposition, in the order of `dispositions`. */
  readonly inspected: readonly InspectedUnits[];
  /** Of the inspected units, or of a claim's, those that the seller stands for: they may be credited. */
  readonly accepted: number;
}

/** Units that came in the parcel and are none of the order's. They are written down, and are no stock. */
export interface UnexpectedUnits {
  readonly sku: string;
  readonly quantity: number;
}

export interface Return {
  readonly id: string;
  readonly status: ReturnStatus;
  /** False: a claim. Nothing comes back, because it was lost or is not worth its way. */
  readonly goodsBack: boolean;
  /** Where the goods are to go, or have come to: from the first receipt on it does not change. */
  readonly locationId?: string;
  readonly lines: readonly ReturnLine[];
  readonly unexpected: readonly UnexpectedUnits[];
  readonly note?: string;
  /** Why it was taken although the policy of its channel does not allow it. */
  readonly overrideReason?: string;
  readonly carrier?: string;
  readonly trackingNumber?: string;
  /** Why it was declined or cancelled. */
  readonly endReason?: string;
  /** Days without anything of it, after which it ends by itself; known once it is authorized. */
  readonly expiresAfterDays?: number;
  /** What its goods are exchanged for. */
  readonly exchange?: Exchange;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

export interface ReturnUnits {
  readonly lineId: string;
  readonly quantity: number;
}

export interface RequestedLine extends ReturnUnits {
  readonly reason: ReturnReason;
}

export interface InspectedLine extends ReturnUnits {
  readonly disposition: Disposition;
  /** Whether the seller stands for these units, so that they may be credited. */
  readonly accepted: boolean;
}

/** What is asked about returns. */
export type ReturnCommand =
  | {
    readonly type: "request-return";
    readonly lines: readonly RequestedLine[];
    readonly goodsBack: boolean;
    readonly locationId?: string | undefined;
    readonly note?: string | undefined;
    /** Takes what the policy does not allow; who may say so is asked before. */
    readonly overrideReason?: string | undefined;
    /** The goods are here already: all of them, and looked at as far as is said. */
    readonly received?: {
      readonly locationId: string;
      readonly inspected?: readonly InspectedLine[] | undefined;
    } | undefined;
    /** New lines of the order in place of what comes back. */
    readonly exchange?: ExchangeRequest | undefined;
  }
  | {
    readonly type: "authorize-return";
    readonly returnId: string;
    readonly locationId?: string | undefined;
  }
  | { readonly type: "decline-return"; readonly returnId: string; readonly reason: string }
  | {
    readonly type: "ship-return";
    readonly returnId: string;
    readonly carrier?: string | undefined;
    readonly trackingNumber?: string | undefined;
  }
  | {
    readonly type: "receive-return";
    readonly returnId: string;
    /** Where the return is to go when absent. */
    readonly locationId?: string | undefined;
    /** All that is still to come when absent; none of the order's goods when empty. */
    readonly lines?: readonly ReturnUnits[] | undefined;
    readonly unexpected?: readonly UnexpectedUnits[] | undefined;
  }
  | {
    readonly type: "inspect-return";
    readonly returnId: string;
    readonly lines: readonly InspectedLine[];
  }
  /** What has not come is waited for no more. */
  | { readonly type: "close-return"; readonly returnId: string }
  | { readonly type: "cancel-return"; readonly returnId: string; readonly reason: string }
  /** Nothing of it has come for as long as the policy waits: it ends. A timer asks for it. */
  | { readonly type: "expire-return"; readonly returnId: string }
  | ExchangeCommand;

/** What happens to returns. */
export type ReturnEvent =
  | { readonly type: "return.requested"; readonly return: Return }
  | {
    readonly type: "return.authorized";
    readonly returnId: string;
    readonly locationId?: string;
    readonly expiresAfterDays?: number;
  }
  | { readonly type: "return.declined"; readonly returnId: string; readonly reason: string }
  | {
    readonly type: "return.shipped";
    readonly returnId: string;
    readonly carrier?: string;
    readonly trackingNumber?: string;
  }
  /** Units are at the location, and set aside until they are inspected. */
  | {
    readonly type: "return.received";
    readonly returnId: string;
    readonly locationId: string;
    readonly lines: readonly (ReturnUnits & { readonly sku: string })[];
    readonly unexpected: readonly UnexpectedUnits[];
  }
  | {
    readonly type: "return.inspected";
    readonly returnId: string;
    readonly locationId: string;
    readonly lines: readonly (InspectedLine & { readonly sku: string })[];
  }
  | { readonly type: "return.closed_short"; readonly returnId: string }
  /** Nothing of it is open: each unit that came has its disposition. */
  | { readonly type: "return.closed"; readonly returnId: string }
  | { readonly type: "return.cancelled"; readonly returnId: string; readonly reason: string };

/** Why units of a line cannot be returned. */
export const notReturnableReasons = [
  "more-than-left",
  "window-over",
  "final-sale",
  "digital",
] as const;

/** What the policy of a channel says of returns. */
export interface ReturnRules {
  /** Days from the delivery in which units may be returned; absent: for ever. */
  readonly windowDays?: number;
  /** SKUs that nobody takes back. */
  readonly finalSale: readonly string[];
  /** Days without anything of an authorized return, after which it ends; absent: it is waited for. */
  readonly expiresAfterDays?: number;
  readonly authorize: (typeof returnAuthorizations)[number];
}

/** `automatic`: what the policy allows is authorized as it is requested. */
export const returnAuthorizations = ["manual", "automatic"] as const;

export interface NotReturnableLine {
  readonly lineId: string;
  readonly reason: (typeof notReturnableReasons)[number];
  /** Units of the line that may be returned now. */
  readonly eligible: number;
}

/** Why what is asked of an order's returns is refused. */
export type ReturnRejection =
  | { readonly _tag: "UnknownReturn"; readonly returnId: string }
  | { readonly _tag: "NotReturnable"; readonly lines: readonly NotReturnableLine[] }
  | {
    /** Somebody has changed by hand what is set aside, and returned units cannot be moved out of it. */
    readonly _tag: "NotSetAside";
    readonly locationId: string;
    readonly sku: string;
    readonly requested: number;
    readonly setAside: number;
  };

export const isReturnEvent = <Event extends { readonly type: string }>(
  event: Event | ReturnEvent,
): event is ReturnEvent => event.type.startsWith("return.");

/** The actions on a return. */
export const returnActions = [
  "authorize",
  "decline",
  "ship",
  "receive",
  "inspect",
  "close",
  "cancel",
] as const;
export type ReturnAction = (typeof returnActions)[number];

/** From each status, by which action, to which statuses. Any other action is refused. */
export const returnTransitions: Readonly<
  Record<ReturnStatus, Readonly<Partial<Record<ReturnAction, readonly ReturnStatus[]>>>>
> = {
  // A claim that is authorized has nothing more to come.
  requested: {
    authorize: ["authorized", "closed"],
    decline: ["declined"],
    cancel: ["cancelled"],
  },
  authorized: {
    ship: ["in_transit"],
    receive: ["partially_received", "received"],
    cancel: ["cancelled"],
  },
  in_transit: {
    receive: ["partially_received", "received"],
    close: ["closed"],
  },
  partially_received: {
    receive: ["partially_received", "received"],
    inspect: ["partially_received"],
    close: ["received", "closed"],
  },
  received: { inspect: ["received", "closed"] },
  closed: {},
  declined: {},
  cancelled: {},
};

/** What may be done with a return now. */
export const supportedReturnActions = ({ status }: Pick<Return, "status">): ReturnAction[] =>
  returnActions.filter((action) => returnTransitions[status][action] !== undefined);
