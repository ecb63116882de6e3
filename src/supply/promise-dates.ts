/**
 * Dates of locations as promises ask for them: the same few moments for thousands of supplies. Working one out
 * costs far more than keeping it.
 */
import type { ShipBy } from "../calendar/dates.ts";
import type { DateRules } from "../calendar/rules.ts";
import type { Location } from "../catalog/catalog.ts";
import { promiseLimits } from "./limits.ts";

export type LocationDates = Pick<DateRules, "shipBy" | "availableMs">;

/** Locations of which this is the same have the same dates. */
const settingsOf = (
  { timeZone, calendarId, cutOff, handlingDays, receivingDays }: Location,
): string => JSON.stringify([timeZone, calendarId, cutOff, handlingDays, receivingDays]);

class Kept<Value> {
  readonly #values = new Map<string, Map<number, Value>>();
  #count = 0;

  constructor(private readonly compute: (locationId: string, atMs: number) => Value) {}

  of(settings: string, locationId: string, atMs: number): Value {
    let own = this.#values.get(settings);
    const before = own?.get(atMs);
    if (before !== undefined) return before;
    if (this.#count >= promiseLimits.keptDates) {
      this.#values.clear();
      this.#count = 0;
      own = undefined;
    }
    if (own === undefined) this.#values.set(settings, own = new Map());
    const value = this.compute(locationId, atMs);
    own.set(atMs, value);
    this.#count++;
    return value;
  }
}

class KeptDates implements LocationDates {
  readonly #settings: ReadonlyMap<string, string>;
  readonly #shipBy: Kept<ShipBy | null>;
  readonly #availableMs: Kept<number | null>;

  constructor(rules: DateRules, locations: readonly Location[]) {
    this.#settings = new Map(locations.map((each) => [each.id, settingsOf(each)]));
    this.#shipBy = new Kept((id, fromMs) => rules.shipBy(id, fromMs));
    this.#availableMs = new Kept((id, dueMs) => rules.availableMs(id, dueMs));
  }

  shipBy(locationId: string, fromMs: number): ShipBy | null {
    return this.#shipBy.of(this.#settings.get(locationId) ?? "", locationId, fromMs);
  }

  availableMs(locationId: string, dueMs: number): number | null {
    return this.#availableMs.of(this.#settings.get(locationId) ?? "", locationId, dueMs);
  }
}

/** The rules are others when any document is that they are made of. */
const known = new WeakMap<DateRules, LocationDates>();

export const locationDates = (rules: DateRules, locations: readonly Location[]): LocationDates => {
  let dates = known.get(rules);
  if (dates === undefined) known.set(rules, dates = new KeptDates(rules, locations));
  return dates;
};
