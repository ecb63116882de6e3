/**
 * Promises units that are on their way to lines that wait: each waiting unit is either pegged to a supply or
 * stands in the queue without a date. Pegged units are reserved of the supply's row, as stock is.
 */
import { Result } from "effect";
import { epochMsOf, instantOf } from "../kernel/instant.ts";
import { type Peg, pegsFor } from "../supply/peg.ts";
import { availableMsOf, type GoodsDates, readyMsOf, supplyDates } from "./goods-dates.ts";
import { pegLimits } from "./limits.ts";
import type {
  LineId,
  LinePromise,
  LinePromises,
  MovedPromise,
  Order,
  OrderEvent,
  OrderFacts,
  OrderLine,
} from "./order.ts";
import { servingLocations } from "./order-channel.ts";
import type { OrderDecision } from "./refusals.ts";
import { commitRoom, TakenRoom } from "./room.ts";

/** Units of a line. */
export const promisedUnits = ({ promises }: Pick<OrderLine, "promises">): number =>
  promises === undefined ? 0 : promises.reduce((sum, { quantity }) => sum + quantity, 0);

/** Units of a line that wait for a promise: those of kits do not, since nothing is promised to them. */
export const unpromisedUnits = (line: OrderLine): number =>
  line.backordered === 0 || line.components !== undefined
    ? 0
    : line.backordered - promisedUnits(line);

/** A supply that may be promised. */
export interface DatedSupply {
  readonly supplyId: string;
  readonly locationId: string;
  readonly dueMs: number;
}

/** The dates of a line's units of a supply; null where they can never leave. */
const datesOf = (
  order: Order,
  { method }: OrderLine,
  { locationId, dueMs }: Pick<DatedSupply, "locationId" | "dueMs">,
  facts: OrderFacts,
): { readonly dates?: GoodsDates | undefined; readonly readyMs: number } | null => {
  const availableMs = availableMsOf(locationId, dueMs, facts);
  if (availableMs === null) return null;
  const dates = supplyDates(order, { locationId, method }, availableMs, facts);
  return { dates, readyMs: readyMsOf(dates, availableMs) };
};

interface Offer extends DatedSupply {
  readonly free: number;
  /** When the customer has the units, as far as that is known. */
  readonly availableMs: number;
  readonly dates?: GoodsDates | undefined;
}

/** Supplies for one order: what a line takes, the next one does not find. */
class Offers {
  readonly #taken = new Map<string, number>();

  constructor(
    private readonly order: Order,
    private readonly facts: OrderFacts,
    private readonly without: string | undefined,
  ) {}

  /** A kit waits for stock of all its goods: none of them is promised to it alone. */
  of(line: OrderLine): readonly Offer[] {
    const { sku, locationId, method, components } = line;
    if (method === "digital" || components !== undefined) return [];
    const usable = new Set(
      servingLocations(this.facts).filter(({ active }) => active).map(({ id }) => id),
    );
    return this.facts.supply(sku).flatMap((supply) => {
      const { supplyId, locationId: target } = supply;
      const isFit = supplyId !== this.without && usable.has(target) &&
        (locationId === undefined || locationId === target);
      if (!isFit) return [];
      const free = this.facts.expected(target, supplyId) - (this.#taken.get(supplyId) ?? 0);
      if (free <= 0) return [];
      const dated = this.facts.dates === undefined
        ? { readyMs: supply.dueMs }
        : datesOf(this.order, line, supply, this.facts);
      return dated === null
        ? []
        : [{ ...supply, free, availableMs: dated.readyMs, dates: dated.dates }];
    });
  }

  take({ supplyId, quantity }: Peg): void {
    this.#taken.set(supplyId, (this.#taken.get(supplyId) ?? 0) + quantity);
  }
}

const promiseOf = (peg: Peg, offers: readonly Offer[]): LinePromise => {
  const offer = offers.find(({ supplyId }) => supplyId === peg.supplyId);
  return { ...peg, expectedAt: instantOf(offer?.dueMs ?? 0), ...offer?.dates };
};

const neededAtMs = ({ neededAt }: OrderLine): number | undefined =>
  neededAt === undefined ? undefined : epochMsOf(neededAt);

/** Units of lines that wait, or are going to. */
export interface WaitingUnits {
  readonly lineId: LineId;
  readonly quantity: number;
}

interface Turn {
  /** Whether all who came before have been asked: else nobody gets what another waits for. */
  readonly isNext: boolean;
  /** A supply that is not promised. */
  readonly without?: string;
}

/** New promises for units of lines. */
const newPromises = (
  order: Order,
  waiting: readonly WaitingUnits[],
  facts: OrderFacts,
  { isNext, without }: Turn,
): ReadonlyMap<LineId, readonly LinePromise[]> => {
  const offers = new Offers(order, facts, without);
  const made = new Map<LineId, readonly LinePromise[]>();
  const lines = new Map(order.lines.map((line) => [line.id, line]));
  for (const { lineId, quantity } of waiting) {
    const line = lines.get(lineId);
    if (line === undefined || !isNext && facts.isAwaited(line.sku, order.id)) continue;
    const found = offers.of(line);
    const { pegs } = pegsFor({ quantity, neededAtMs: neededAtMs(line), offers: found });
    if (pegs.length === 0) continue;
    for (const peg of pegs) offers.take(peg);
    made.set(lineId, pegs.map((peg) => promiseOf(peg, found)));
  }
  return made;
};

/** One that is not waiting yet: there may be others who are. */
const newcomer: Turn = { isNext: false };

/** Of units that are to wait, those of each line that supply could be promised for now. */
export const promisable = (
  order: Order,
  waiting: readonly WaitingUnits[],
  facts: OrderFacts,
): ReadonlyMap<LineId, number> =>
  new Map(
    [...newPromises(order, waiting, facts, newcomer)].map(([lineId, promises]) => [
      lineId,
      promisedUnits({ promises }),
    ]),
  );

const areAllOf = (
  waiting: readonly WaitingUnits[],
  made: ReadonlyMap<LineId, readonly LinePromise[]>,
): boolean =>
  waiting.every(({ lineId, quantity }) =>
    promisedUnits({ promises: made.get(lineId) ?? [] }) === quantity
  );

/** Promises of one supply joined. */
const joined = (promises: readonly LinePromise[]): readonly LinePromise[] => {
  const bySupply = new Map<string, LinePromise>();
  for (const promise of promises) {
    const { supplyId } = promise;
    const before = bySupply.get(supplyId);
    bySupply.set(
      supplyId,
      before === undefined ? promise : { ...promise, quantity: before.quantity + promise.quantity },
    );
  }
  return [...bySupply.values()];
};

/** As many of the promises as one commit has room for, and as a line may have. */
const fitting = (
  promises: readonly LinePromise[],
  before: readonly LinePromise[],
  room: TakenRoom,
): readonly LinePromise[] =>
  promises
    .filter(({ locationId, supplyId }) => room.row(locationId, supplyId))
    .slice(0, Math.max(0, pegLimits.promisesPerLine - before.length));

const promisedEvent = (
  lines: readonly LinePromises[],
  moved: readonly MovedPromise[],
): readonly OrderEvent[] =>
  lines.length === 0
    ? []
    : [{ type: "order.promised", lines, ...(moved.length === 0 ? {} : { moved }) }];

/**
 * The promises for units that are about to wait, within the room of the commit that is left. Without any supply,
 * there is no event.
 */
export const promiseWaiting = (
  order: Order,
  waiting: readonly WaitingUnits[],
  facts: OrderFacts,
  room: TakenRoom,
): readonly OrderEvent[] => {
  if (waiting.length === 0) return [];
  const made = newPromises(order, waiting, facts, newcomer);
  if (made.size === 0 || order.shipComplete === true && !areAllOf(waiting, made)) return [];
  const lines: LinePromises[] = [];
  for (const line of order.lines) {
    const before = line.promises ?? [];
    const fit = fitting(made.get(line.id) ?? [], before, room);
    if (fit.length > 0) lines.push({ lineId: line.id, promises: joined([...before, ...fit]) });
  }
  return promisedEvent(lines, []);
};

const waitingOf = (order: Order): readonly WaitingUnits[] =>
  order.lines.flatMap((line) => {
    const quantity = unpromisedUnits(line);
    return quantity > 0 ? [{ lineId: line.id, quantity }] : [];
  });

const roomOf = (order: Order, facts: OrderFacts): TakenRoom =>
  new TakenRoom(order, commitRoom(facts, true));

/** Whether an order may get promises: its goods are not kept from it, and nothing of it is under way. */
const mayPromise = ({ holds, allocating, closed }: Order): boolean =>
  !allocating && !closed && !holds.some(({ blocks }) => blocks === "all");

/** One list, so that a line which has none is known not to have changed. */
const noPromises: readonly LinePromise[] = [];

/** Promises of a line by the dates that their supply has now; the same list when none has another. */
const redated = (
  order: Order,
  line: OrderLine,
  facts: OrderFacts,
  moved: MovedPromise[],
): readonly LinePromise[] => {
  const { promises = noPromises } = line;
  if (promises.length === 0) return promises;
  const dueOf = new Map(facts.supply(line.sku).map(({ supplyId, dueMs }) => [supplyId, dueMs]));
  let changed = false;
  const next = promises.map((promise): LinePromise => {
    const dueMs = dueOf.get(promise.supplyId);
    if (dueMs === undefined || dueMs === epochMsOf(promise.expectedAt)) return promise;
    changed = true;
    const { shipBy: _, deliverBy: __, ...rest } = promise;
    const { locationId } = promise;
    const dates = datesOf(order, line, { locationId, dueMs }, facts)?.dates;
    const to: LinePromise = { ...rest, expectedAt: instantOf(dueMs), ...dates };
    moved.push({ lineId: line.id, quantity: promise.quantity, from: promise, to });
    return to;
  });
  return changed ? next : promises;
};

/**
 * Promises what supply there is to units that wait without a promise, in the turn of the order, and dates its
 * promises anew where their supply comes at another time.
 */
export const promise = (order: Order, facts: OrderFacts): OrderDecision => {
  if (order.closed) return Result.succeed([]);
  const moved: MovedPromise[] = [];
  const room = roomOf(order, facts);
  const made = mayPromise(order) && !isWhollyUnpromisable(order, facts)
    ? newPromises(order, waitingOf(order), facts, { isNext: true })
    : new Map<LineId, readonly LinePromise[]>();
  const lines: LinePromises[] = [];
  for (const line of order.lines) {
    const before = line.promises ?? noPromises;
    const kept = redated(order, line, facts, moved);
    const fit = fitting(made.get(line.id) ?? [], kept, room);
    if (kept === before && fit.length === 0) continue;
    lines.push({ lineId: line.id, promises: joined([...kept, ...fit]) });
  }
  return Result.succeed(promisedEvent(lines, moved));
};

/** An order that ships as a whole is promised all of its units, or none: so no two hold each other's half. */
const isWhollyUnpromisable = (order: Order, facts: OrderFacts): boolean => {
  if (order.shipComplete !== true) return false;
  const waiting = waitingOf(order);
  return !areAllOf(waiting, newPromises(order, waiting, facts, { isNext: true }));
};

/**
 * Takes promises of a supply back, the last line's first, since the supply will not come; units that lose theirs
 * are promised other supply at once where there is any.
 */
export const unpeg = (
  order: Order,
  { supplyId, quantity }: { readonly supplyId: string; readonly quantity: number },
  facts: OrderFacts,
): OrderDecision => {
  let left = quantity;
  const lost: WaitingUnits[] = [];
  const kept = new Map<LineId, readonly LinePromise[]>();
  const from = new Map<LineId, LinePromise>();
  for (const line of order.lines.toReversed()) {
    const pegged = line.promises?.find((each) => each.supplyId === supplyId);
    if (pegged === undefined || left === 0) continue;
    const units = Math.min(left, pegged.quantity);
    left -= units;
    lost.unshift({ lineId: line.id, quantity: units });
    from.set(line.id, pegged);
    kept.set(
      line.id,
      (line.promises ?? []).flatMap((each) =>
        each !== pegged
          ? [each]
          : units < each.quantity
          ? [{ ...each, quantity: each.quantity - units }]
          : []
      ),
    );
  }
  if (lost.length === 0) return Result.succeed([]);
  const mayMove = mayPromise(order) && order.shipComplete !== true;
  const made = mayMove
    ? newPromises(order, lost, facts, { isNext: false, without: supplyId })
    : new Map<LineId, readonly LinePromise[]>();
  const room = roomOf(order, facts);
  const moved: MovedPromise[] = [];
  const lines = lost.map(({ lineId, quantity: units }): LinePromises => {
    const before = kept.get(lineId) ?? [];
    const fit = fitting(made.get(lineId) ?? [], before, room);
    const was = from.get(lineId);
    if (was !== undefined) moved.push(...movesOf(lineId, units, was, fit));
    return { lineId, promises: joined([...before, ...fit]) };
  });
  return Result.succeed(promisedEvent(lines, moved));
};

/** Units that went from one promise to others, and those that have none any more. */
const movesOf = (
  lineId: LineId,
  quantity: number,
  from: LinePromise,
  to: readonly LinePromise[],
): readonly MovedPromise[] => {
  const moves: MovedPromise[] = to.map((each) => ({
    lineId,
    quantity: each.quantity,
    from,
    to: each,
  }));
  const rest = quantity - promisedUnits({ promises: to });
  return rest > 0 ? [...moves, { lineId, quantity: rest, from, to: null }] : moves;
};
