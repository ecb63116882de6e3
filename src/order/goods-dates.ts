/**
 * By when goods of an order leave their location and arrive. Only goods of locations that count days have dates:
 * for all others nothing is looked up. Pure.
 */
import type { LocalDate, ShipBy } from "../calendar/dates.ts";
import { type DateRules, dateRulesOf } from "../calendar/rules.ts";
import type { Location } from "../catalog/catalog.ts";
import { epochMsOf, type Instant } from "../kernel/instant.ts";
import { at, given, json, type Packed, trimmed } from "../kernel/packed.ts";
import type { Look } from "../subject/aggregate.ts";
import type { FulfillmentOrder, Order, OrderFacts, OrderLine } from "./order.ts";

/** Absent where the location counts no days; fixed when they are promised. */
export interface GoodsDates {
  /** By when they leave. */
  readonly shipBy?: ShipBy;
  /** The day of delivery; absent where no carrier's table knows, and for what is not sent. */
  readonly deliverBy?: LocalDate;
}

/** Dates, where a location counts days. */
export interface OrderDates {
  readonly locationIds: ReadonlySet<string>;
  /** Looked up when they are asked for. */
  readonly rules: () => DateRules;
}

const countsDays = (
  { timeZone, calendarId, cutOff, handlingDays, receivingDays }: Location,
): boolean =>
  timeZone !== undefined || calendarId !== undefined || cutOff !== undefined ||
  handlingDays !== undefined || receivingDays !== undefined;

/** The list is another one when a location is. Null where none counts days. */
const known = new WeakMap<readonly Location[], ReadonlySet<string> | null>();

const datedIdsOf = (locations: readonly Location[]): ReadonlySet<string> | null => {
  const before = known.get(locations);
  if (before !== undefined) return before;
  const ids = new Set(locations.filter(countsDays).map(({ id }) => id));
  const found = ids.size === 0 ? null : ids;
  known.set(locations, found);
  return found;
};

/** Absent where no location counts days: most stores have none, and pay nothing. */
export const orderDatesOf = (
  look: Pick<Look, "references">,
  locations: readonly Location[],
): OrderDates | undefined => {
  const locationIds = datedIdsOf(locations);
  return locationIds === null ? undefined : { locationIds, rules: () => dateRulesOf(look) };
};

type DatedFacts = Pick<OrderFacts, "dates" | "now">;
type DatedOrder = Pick<Order, "destination" | "shippingService">;
/** Where goods leave from, and how. */
type Leaving = Pick<FulfillmentOrder, "locationId" | "method">;

/** The rules where the location counts days. */
const rulesFor = (locationId: string | null, { dates }: DatedFacts): DateRules | undefined =>
  dates !== undefined && locationId !== null && dates.locationIds.has(locationId)
    ? dates.rules()
    : undefined;

/** Dates of goods that may leave from a moment on. */
const goodsDates = (
  { destination, shippingService }: DatedOrder,
  { locationId, method }: Leaving,
  fromMs: number,
  facts: DatedFacts,
): GoodsDates | undefined => {
  const rules = rulesFor(locationId, facts);
  const shipBy = locationId === null ? undefined : rules?.shipBy(locationId, fromMs);
  if (rules === undefined || shipBy === undefined || shipBy === null) return undefined;
  const delivery = method === "ship" && destination !== undefined
    ? rules.deliverBy(shipBy.date, shippingService, destination)
    : null;
  return { shipBy, ...(delivery === null ? undefined : { deliverBy: delivery.date }) };
};

/**
 * When units can leave that are due at a moment, or are there now: a location needs its days to put away what it
 * receives. Null where it never works.
 */
export const availableMsOf = (
  locationId: string,
  dueMs: number,
  facts: DatedFacts,
): number | null => {
  const rules = rulesFor(locationId, facts);
  return rules === undefined
    ? dueMs
    : rules.availableMs(locationId, Math.max(dueMs, epochMsOf(facts.now)));
};

/** Dates of units of supply. */
export const supplyDates = (
  order: DatedOrder,
  leaving: Leaving,
  availableMs: number | null,
  facts: DatedFacts,
): GoodsDates | undefined =>
  availableMs === null ? undefined : goodsDates(order, leaving, availableMs, facts);

/**
 * The moment to compare with the one at which a customer needs units: that of the day of delivery where it is
 * known, else that by which they leave.
 */
export const readyMsOf = (dates: GoodsDates | undefined, availableMs: number): number => {
  const { shipBy, deliverBy } = dates ?? {};
  return deliverBy !== undefined
    ? epochMsOf(`${deliverBy}T00:00:00.000Z`)
    : shipBy !== undefined
    ? epochMsOf(shipBy.at)
    : availableMs;
};

/** New fulfillment orders with the dates of their goods. What is kept back has none, until it may leave. */
export const withDates = (
  order: DatedOrder,
  made: readonly FulfillmentOrder[],
  facts: DatedFacts,
  justArrived: boolean,
): readonly FulfillmentOrder[] =>
  made.map((each) => {
    const { locationId, status } = each;
    if (locationId === null || status === "waiting") return each;
    const nowMs = epochMsOf(facts.now);
    const fromMs = justArrived ? availableMsOf(locationId, nowMs, facts) : nowMs;
    const dates = supplyDates(order, each, fromMs, facts);
    return dates === undefined ? each : { ...each, ...dates };
  });

const isGivenUp = ({ status }: FulfillmentOrder): boolean =>
  status === "cancelled" || status === "rejected";

const nothing: GoodsDates = {};

export const isDated = ({ shipBy }: GoodsDates): boolean => shipBy !== undefined;
const isPromised = ({ promises }: OrderLine): boolean => promises !== undefined;

/**
 * By when all of an order leaves, and is delivered: the latest of its goods, where all of them have a date. Goods
 * without a place are there at once.
 */
export const latestDates = (
  { fulfillmentOrders, lines }: Pick<Order, "fulfillmentOrders" | "lines">,
  isAllPlanned: (line: OrderLine, index: number) => boolean,
): GoodsDates => {
  if (!fulfillmentOrders.some(isDated) && !lines.some(isPromised)) return nothing;
  let shipBy: ShipBy | undefined;
  let deliverBy: LocalDate | undefined;
  let isDelivered = true;
  const goods = [
    ...fulfillmentOrders.filter((each) => each.locationId !== null && !isGivenUp(each)),
    ...lines.flatMap(({ promises = [] }) => promises),
  ];
  for (const each of goods) {
    if (each.shipBy === undefined) return nothing;
    if (shipBy === undefined || shipBy.at < each.shipBy.at) shipBy = each.shipBy;
    if (each.deliverBy === undefined) isDelivered = false;
    else if (deliverBy === undefined || deliverBy < each.deliverBy) deliverBy = each.deliverBy;
  }
  if (shipBy === undefined || !lines.every(isAllPlanned)) return nothing;
  return { shipBy, ...(isDelivered ? given("deliverBy", deliverBy) : undefined) };
};

/** By position, and by milliseconds since another moment; null without dates. */
export const packDates = (origin: number, { shipBy, deliverBy }: GoodsDates): Packed | null =>
  shipBy === undefined
    ? null
    : trimmed([shipBy.date, epochMsOf(shipBy.at) - origin, json(deliverBy)]);

export const unpackDates = (
  packed: Packed | null | undefined,
  instant: (sinceOrigin: number | undefined) => Instant,
): GoodsDates | undefined =>
  packed === null || packed === undefined ? undefined : {
    shipBy: { date: at<string>(packed, 0), at: instant(at(packed, 1)) },
    ...given("deliverBy", at<string | undefined>(packed, 2)),
  };
