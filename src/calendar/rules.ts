/** Dates as decisions ask for them: by the ids of locations, of all calendars and carriers that there are. */
import { Result } from "effect";
import type { Location } from "../catalog/catalog.ts";
import { locations } from "../catalog/references.ts";
import type { Look } from "../subject/aggregate.ts";
import type { Calendar } from "./calendar.ts";
import { type Carrier, type Destination, serviceOf, transitDays } from "./carrier.ts";
import {
  availableDay,
  deliveryDate,
  leavesByMs,
  type LocalDate,
  localDateOf,
  type NeverOpen,
  openDay,
  type ShipBy,
  shipDateFrom,
  zoneOf,
} from "./dates.ts";
import { calendarLimits } from "./limits.ts";
import { calendars, carriers } from "./references.ts";

/** When a parcel is delivered, and by whose table. */
export interface DeliverBy {
  /** The day at the destination. */
  readonly date: LocalDate;
  readonly carrierId: string;
  readonly service: string;
  readonly transitDays: number;
}

export interface DateRules {
  /** By when something leaves that may leave from a moment on; null where the location never works. */
  shipBy(locationId: string, fromMs: number): ShipBy | null;
  /** Why there is no such date; null when there is one. */
  neverOpen(locationId: string, fromMs: number): NeverOpen | null;
  /** From when on units can leave that are due at a moment; null where the location never works. */
  availableMs(locationId: string, dueMs: number): number | null;
  /**
   * When a parcel is delivered that leaves on a day; null where no carrier's table knows. Of several carriers
   * that have the service, the one that is there first. Without a service, by the first that each has.
   */
  deliverBy(
    shipped: LocalDate,
    service: string | undefined,
    destination: Destination,
  ): DeliverBy | null;
}

/** What the rules are made of. */
export interface DateReferences {
  readonly locations: readonly Location[];
  readonly calendars: readonly Calendar[];
  readonly carriers: readonly Carrier[];
}

const byId = <Document extends { readonly id: string }>(documents: readonly Document[]) =>
  new Map(documents.map((each) => [each.id, each]));

type ShipResult = Result.Result<ShipBy, NeverOpen>;

/** The date of now stays the same until the cut-off of the day that it is counted from. */
interface KeptShipDate {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly result: ShipResult;
}

/** What is looked up again and again, up to a number of entries: then it begins anew. */
class Kept<Value> {
  readonly #values = new Map<string, Value>();

  get(key: string, make: () => Value): Value {
    const kept = this.#values.get(key);
    if (kept !== undefined) return kept;
    const made = make();
    if (this.#values.size >= calendarLimits.keptDates) this.#values.clear();
    this.#values.set(key, made);
    return made;
  }
}

/** A location that nobody described: UTC, open every day, without a cut-off, at once. */
const plainLocation = {};

class Rules implements DateRules {
  readonly #locations: ReadonlyMap<string, Location>;
  readonly #calendars: ReadonlyMap<string, Calendar>;
  readonly #carriers: readonly Carrier[];
  readonly #current = new Map<string, KeptShipDate>();
  readonly #shipDates = new Kept<ShipResult>();
  readonly #available = new Kept<Result.Result<number, NeverOpen>>();

  constructor({ locations, calendars, carriers }: DateReferences) {
    this.#locations = byId(locations);
    this.#calendars = byId(calendars);
    this.#carriers = carriers;
  }

  #calendar(id: string | undefined): Calendar | null {
    return id === undefined ? null : this.#calendars.get(id) ?? null;
  }

  #shipDate(locationId: string, fromMs: number): ShipResult {
    const kept = this.#current.get(locationId);
    if (kept !== undefined && kept.fromMs <= fromMs && fromMs < kept.untilMs) return kept.result;
    const location = this.#locations.get(locationId);
    const dates = location ?? plainLocation;
    const day = openDay(dates, fromMs);
    const result = this.#shipDates.get(
      `${day} ${locationId}`,
      () => shipDateFrom(dates, this.#calendar(location?.calendarId), day),
    );
    // There is no end of ids that are of no location.
    if (location !== undefined) {
      this.#current.set(locationId, { fromMs, untilMs: leavesByMs(dates, day), result });
    }
    return result;
  }

  shipBy(locationId: string, fromMs: number): ShipBy | null {
    return Result.getOrNull(this.#shipDate(locationId, fromMs));
  }

  neverOpen(locationId: string, fromMs: number): NeverOpen | null {
    const result = this.#shipDate(locationId, fromMs);
    return Result.isFailure(result) ? result.failure : null;
  }

  availableMs(locationId: string, dueMs: number): number | null {
    return Result.getOrNull(this.#available.get(`${dueMs} ${locationId}`, () => {
      const location = this.#locations.get(locationId);
      const dates = location ?? plainLocation;
      const due = localDateOf(dueMs, zoneOf(dates));
      return Result.map(
        availableDay(dates, this.#calendar(location?.calendarId), due),
        ({ startMs }) => Math.max(dueMs, startMs),
      );
    }));
  }

  deliverBy(
    shipped: LocalDate,
    service: string | undefined,
    destination: Destination,
  ): DeliverBy | null {
    let first: DeliverBy | null = null;
    for (const carrier of this.#carriers) {
      const found = serviceOf(carrier, service);
      const days = found === undefined ? null : transitDays(found, destination);
      if (found === undefined || days === null) continue;
      const date = deliveryDate(shipped, days, this.#calendar(carrier.calendarId));
      if (Result.isFailure(date) || (first !== null && first.date <= date.success)) continue;
      first = {
        date: date.success,
        carrierId: carrier.id,
        service: found.service,
        transitDays: days,
      };
    }
    return first;
  }
}

/** The rules that were made of a list of locations last: the list is another one when a location is. */
const known = new WeakMap<readonly Location[], DateReferences & { readonly rules: DateRules }>();

export const dateRules = (of: DateReferences): DateRules => {
  const before = known.get(of.locations);
  if (
    before !== undefined && before.calendars === of.calendars && before.carriers === of.carriers
  ) {
    return before.rules;
  }
  const rules = new Rules(of);
  known.set(of.locations, { ...of, rules });
  return rules;
};

/** The rules for a decision. They are looked for when this is called: call it where a date is needed. */
export const dateRulesOf = (look: Pick<Look, "references">): DateRules =>
  dateRules({
    locations: look.references(locations),
    calendars: look.references(calendars),
    carriers: look.references(carriers),
  });
