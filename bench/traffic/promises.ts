/** Questions for a promise: of the lines of an order over HTTP, and large ones for the planner alone. */
import { dateRules } from "../../src/calendar/rules.ts";
import type { Location } from "../../src/catalog/catalog.ts";
import type { Instant } from "../../src/kernel/instant.ts";
import {
  type DatedSupply,
  type Promisable,
  promisableOf,
  stepsOf,
  supplyEvents,
} from "../../src/supply/atp.ts";
import { type LocationDates, locationDates } from "../../src/supply/promise-dates.ts";
import { promiseLimits } from "../../src/supply/limits.ts";
import { promiseModes, promiseOf, type PromiseProblem } from "../../src/supply/promise.ts";
import type { HttpRequest } from "../load/connection.ts";
import { orderStream } from "./orders.ts";

export const planKinds = ["atp", "promise"] as const;
export type PlanKind = (typeof planKinds)[number];

const dayMs = 86_400_000;
const startMs = Date.UTC(2026, 0, 5, 9);
const start: Instant = new Date(startMs).toISOString();

/** The same for the same arguments, and without any order that could be seen. */
const scattered = (n: number, most: number): number => (n * 2_654_435_761 % 4_294_967_296) % most;

const supplies = (count: number, seed: number): readonly DatedSupply[] =>
  Array.from({ length: count }, (_, n) => {
    const dueMs = startMs + scattered(n + seed, 390) * dayMs;
    const expected = 1 + scattered(n * 7 + seed, 40);
    const promised = scattered(n * 3 + seed, expected + 1);
    return { supplyId: `pol_${n}`, dueMs, availableMs: dueMs, expected, promised };
  });

/** Availability by date of one SKU at one location with as much supply as is looked at. */
const atp = (): () => void => {
  const some = Array.from({ length: 16 }, (_, n) => supplies(promiseLimits.rowsPerLocation, n));
  let n = 0;
  return () => {
    const found = promisableOf(supplyEvents(startMs, -50, some[n++ % some.length] ?? []));
    if (stepsOf([found], startMs).length < 2) throw new Error("Nothing is available.");
  };
};

const locationCount = 50;
const lineCount = 20;

const place = (n: number): Location => ({
  id: `place-${n}`,
  name: `Place ${n}`,
  type: "warehouse",
  address: { country: "US" },
  active: true,
  ...{ timeZone: "America/New_York", calendarId: "office", cutOff: "15:00", handlingDays: n % 2 },
  ...{ createdAt: start, updatedAt: start, version: 1 },
});

const hours = [["09:00", "17:00"]] as const;
const office = {
  id: "office",
  week: { mon: hours, tue: hours, wed: hours, thu: hours, fri: hours },
  exceptions: [],
  ...{ createdAt: start, updatedAt: start, version: 1 },
};

const datesOf = (locations: readonly Location[]): LocationDates =>
  locationDates(dateRules({ locations, calendars: [office], carriers: [] }), locations);

/** Promises in all modes, of goods of which no location has enough alone. */
const promise = (): () => void => {
  const locations = Array.from({ length: locationCount }, (_, n) => place(n));
  const locationIds = locations.map(({ id }) => id);
  const dates = datesOf(locations);
  const shelves = new Map<string, Promisable>();
  for (const [n, id] of locationIds.entries()) {
    for (let sku = 0; sku < lineCount; sku++) {
      const some = supplies(10, n * lineCount + sku);
      const found = promisableOf(supplyEvents(startMs, scattered(n * 31 + sku, 4), some));
      shelves.set(`${id} sku-${sku}`, found);
    }
  }
  const problem: Omit<PromiseProblem, "mode"> = {
    lines: Array.from({ length: lineCount }, (_, n) => ({
      ...{ sku: `sku-${n}`, quantity: 6 + n % 3, method: "ship" },
    })),
    ...{ nowMs: startMs, locationIds },
    promisable: (locationId, sku) => shelves.get(`${locationId} ${sku}`) ?? [],
    dates: { shipBy: (id, fromMs) => dates.shipBy(id, fromMs), deliverBy: () => null },
  };
  let n = 0;
  return () => {
    const mode = promiseModes[n++ % promiseModes.length] ?? "earliest";
    if (!promiseOf({ ...problem, mode }).complete) throw new Error("Not all can be promised.");
  };
};

/** What is done once by a call; it throws when what comes out is not what must. */
export const planning = (kind: PlanKind): () => void => kind === "atp" ? atp() : promise();

/** For the lines of an order of `hot`. */
export const promiseRequests = (run: string) => {
  const { plan, order } = orderStream("hot", run);
  return {
    plan,
    request: (n: number): HttpRequest => {
      const { channel, lines } = order(n);
      const body = JSON.stringify({
        channel,
        lines: lines.map(({ sku, quantity }) => ({ sku, quantity })),
        mode: promiseModes[n % promiseModes.length],
      });
      return { method: "POST", path: "/v1/promises", body };
    },
  };
};
