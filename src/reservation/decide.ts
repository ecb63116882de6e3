/** The one switch: the events that a command makes of a reservation, or why it is refused. */
import { Result } from "effect";
import { fenceKeyBytes, keyBytesOf } from "../kernel/key.ts";
import { epochMsOf, type Instant, instantOf } from "../kernel/instant.ts";
import type { Shortage } from "../order/order.ts";
import { type Route, route, type RouteDemand } from "../order/route.ts";
import { locationPartition, stockKey } from "../stock/keys.ts";
import { claimChanges } from "./claims.ts";
import { reservationLimits } from "./limits.ts";
import {
  type Allocation,
  isActive,
  type Reservation,
  type ReservationCommand,
  type ReservationEvent,
  type ReservationFacts,
  type ReservationLine,
  type ReservationRejection,
  type Wanted,
} from "./reservation.ts";

type Decision = Result.Result<readonly ReservationEvent[], ReservationRejection>;
type Refusal = Result.Result<never, ReservationRejection>;

const done = (event: ReservationEvent): Decision => Result.succeed([event]);
const nothingToDo: Decision = Result.succeed([]);

const illegal = (action: string, { id, status }: Reservation): Refusal =>
  Result.fail({
    _tag: "IllegalTransition",
    ...{ action, status },
    detail: `The reservation ${id} is ${status}: it keeps nothing any more.`,
  });

const tooWide = (detail: string): Refusal => Result.fail({ _tag: "ReservationTooWide", detail });

/** When a reservation ends that is asked for now. */
export const expiryOf = (now: Instant, expiresInSeconds: number): Instant =>
  instantOf(epochMsOf(now) + expiresInSeconds * 1_000);

/** What is digital needs no place, whatever is asked for. */
const asDelivered = (line: ReservationLine, facts: ReservationFacts): ReservationLine => {
  const isDigital = line.method === "digital" || facts.item(line.sku)?.digital === true;
  if (!isDigital) return line;
  const { sku, quantity } = line;
  return { sku, quantity, method: "digital" };
};

const faultOfPlace = (
  { method, locationId }: ReservationLine,
  { locations }: ReservationFacts,
): string | null => {
  if (locationId === undefined) {
    return method === "pickup" ? "Pickup needs the location to pick up at." : null;
  }
  return locations.some(({ id }) => id === locationId)
    ? null
    : `There is no location ${locationId}.`;
};

/** What is wrong with lines, each with its place in the request. */
const faultsOfPlaces = (
  lines: readonly ReservationLine[],
  facts: ReservationFacts,
): readonly { readonly pointer: string; readonly detail: string }[] =>
  lines.flatMap((line, i) => {
    const detail = faultOfPlace(line, facts);
    return detail === null ? [] : [{ pointer: `/lines/${i}/locationId`, detail }];
  });

const demandOf = (
  { sku, quantity, method, locationId }: ReservationLine,
  index: number,
): RouteDemand => ({ lineId: String(index), sku, quantity, method, locationId });

/** The missing units by SKU: two lines of one count together. */
const shortagesOf = (
  demands: readonly RouteDemand[],
  { unfilled }: Route,
): readonly Shortage[] => {
  const missing = new Map<string, number>();
  for (const { lineId, quantity } of unfilled) {
    const sku = demands[Number(lineId)]?.sku ?? "";
    missing.set(sku, (missing.get(sku) ?? 0) + quantity);
  }
  return [...missing].map(([sku, units]) => {
    const requested = demands.reduce(
      (sum, each) => each.sku === sku ? sum + each.quantity : sum,
      0,
    );
    return { sku, requested, available: requested - units };
  });
};

/** One for each SKU at each location, in the order of the route. */
const allocationsOf = ({ allocations }: Route): readonly Allocation[] => {
  const rows = new Map<string, Allocation>();
  for (const { locationId, lines } of allocations) {
    if (locationId === null) continue;
    for (const { sku, quantity } of lines) {
      const row = JSON.stringify([locationId, sku]);
      const units = (rows.get(row)?.quantity ?? 0) + quantity;
      rows.set(row, { sku, locationId, quantity: units });
    }
  }
  return [...rows.values()];
};

/**
 * Whether the change is one commit, and what is kept then can be given to an order in one: in halves, others
 * could come between.
 */
const isOneCommit = (
  before: readonly Allocation[],
  after: readonly Allocation[],
  { locationsPerCommit, keyBytesPerCommit }: ReservationFacts,
): boolean => {
  const rows = [...claimChanges(before, after), ...after];
  const places = new Set(rows.map(({ locationId }) => locationId));
  let bytes = 0;
  for (const { locationId, sku } of rows) bytes += keyBytesOf(stockKey(locationId, sku));
  for (const locationId of places) bytes += fenceKeyBytes(locationPartition(locationId));
  return places.size <= locationsPerCommit - reservationLimits.fencesOfOrder &&
    bytes <= keyBytesPerCommit * reservationLimits.keyBytesShare;
};

/** Where everything that is wanted is kept, whole or not at all. `own`: what is kept already, and counts as free. */
const keep = (
  { lines, destination }: Wanted,
  own: readonly Allocation[],
  facts: ReservationFacts,
): Result.Result<
  { readonly lines: readonly ReservationLine[]; readonly allocations: readonly Allocation[] },
  ReservationRejection
> => {
  if (lines.length === 0 || lines.length > reservationLimits.lines) {
    const detail = `A reservation has 1 to ${reservationLimits.lines} lines.`;
    return Result.fail({ _tag: "InvalidReservation", errors: [{ pointer: "/lines", detail }] });
  }
  const delivered = lines.map((line) => asDelivered(line, facts));
  const errors = faultsOfPlaces(delivered, facts);
  if (errors.length > 0) return Result.fail({ _tag: "InvalidReservation", errors });
  const demands = delivered.map(demandOf);
  const keptAt = (locationId: string, sku: string): number =>
    own.find((each) => each.locationId === locationId && each.sku === sku)?.quantity ?? 0;
  const routed = route(
    demands,
    facts.locations,
    (locationId, sku) => facts.available(locationId, sku) + keptAt(locationId, sku),
    destination,
  );
  if (routed.unfilled.length > 0) {
    return Result.fail({ _tag: "InsufficientStock", shortages: shortagesOf(demands, routed) });
  }
  const allocations = allocationsOf(routed);
  return isOneCommit(own, allocations, facts)
    ? Result.succeed({ lines: delivered, allocations })
    : tooWide("Its units lie at more locations than can be kept at once. Ask for it in parts.");
};

const reserve = (reservation: Reservation, facts: ReservationFacts): Decision => {
  if (reservation.version > 0) return illegal("reserve", reservation);
  return Result.map(keep(reservation, [], facts), (kept) => [{
    type: "reservation.made",
    reservation: { ...reservation, ...kept },
  }]);
};

const isSameWish = (reservation: Reservation, lines: readonly ReservationLine[], wanted: Wanted) =>
  JSON.stringify([reservation.lines, reservation.destination]) ===
    JSON.stringify([lines, wanted.destination]);

const extended = (reservation: Reservation, expiresAt: Instant): Decision =>
  reservation.expiresAt === expiresAt
    ? nothingToDo
    : done({ type: "reservation.extended", expiresAt });

const replace = (
  reservation: Reservation,
  command: Extract<ReservationCommand, { type: "replace" }>,
  facts: ReservationFacts,
): Decision => {
  const expiresAt = expiryOf(facts.now, command.expiresInSeconds);
  // What is kept stays where it is: other stock may be nearer by now, and that is no reason to move a cart.
  const same = command.lines.map((line) => asDelivered(line, facts));
  if (isSameWish(reservation, same, command)) return extended(reservation, expiresAt);
  const { destination } = command;
  return Result.map(keep(command, reservation.allocations, facts), (kept) => [{
    type: "reservation.replaced",
    ...kept,
    ...(destination === undefined ? {} : { destination }),
    expiresAt,
  }]);
};

/** The events of a command. None: there is nothing to commit. */
export const decide = (
  reservation: Reservation,
  command: ReservationCommand,
  facts: ReservationFacts,
): Decision => {
  if (command.type === "reserve") return reserve(reservation, facts);
  if (command.type === "convert" && command.channel !== reservation.channel) {
    return Result.fail({ _tag: "OtherChannel" });
  }
  if (!isActive(reservation)) {
    const isLetGo = reservation.status !== "converted" && command.type === "release";
    // A timer may come twice, and after an order: there is nothing left that it could let go.
    return command.type === "expire" || isLetGo ? nothingToDo : illegal(command.type, reservation);
  }
  switch (command.type) {
    case "replace":
      return replace(reservation, command, facts);
    case "extend":
      return extended(reservation, expiryOf(facts.now, command.expiresInSeconds));
    case "convert":
      // Also after its time: as long as nobody has let the units go, nobody else can have them.
      return done({ type: "reservation.converted", orderId: command.orderId });
    case "release":
      return done({ type: "reservation.released" });
    case "expire":
      return facts.now < reservation.expiresAt
        ? nothingToDo
        : done({ type: "reservation.expired" });
  }
};
