/** The ratios by which a run is judged: always of figures taken in turns, in the same minutes. */
import { unfiltered } from "../traffic/lists.ts";
import type { Row } from "./report.ts";

export interface Ratio {
  readonly name: string;
  readonly value: number;
  readonly atLeast: number;
  readonly met: boolean;
  /** Of which figures, per second. */
  readonly of: readonly [number, number];
}

interface Wanted {
  readonly name: string;
  readonly atLeast: number;
  readonly over: (rows: readonly Row[]) => Row | undefined;
  readonly under: (rows: readonly Row[]) => Row | undefined;
  /** Rows differ by so many of something: the ratio is that of one more of it. */
  readonly apart?: (over: Row, under: Row) => number;
}

const subjects = {
  inProcess: "in process",
  http: "over HTTP",
  ceiling: "bare commits",
  hono: "bare Hono route",
  naive: "get, check, set",
  places: "50 locations, in process",
  skus: "1,000 SKUs, in process",
  redis: "Redis, Lua",
  transaction: "PostgreSQL, transaction",
  procedure: "PostgreSQL, procedure",
  dashboards: "with dashboards",
  untold: "orders, no endpoints",
  told: "orders, endpoints",
  unheard: "orders, a dead endpoint",
  oneLane: "one lane",
  unpaid: "requests of lives, without payments",
  paid: "requests of lives, paid",
  uncarted: "orders, without carts",
  carted: "orders of carts",
  atp: "availability by date, alone",
  plan: "a promise, alone",
  promised: "promises, over HTTP",
  placed: "orders, over HTTP",
} as const;
export { subjects };

/** The row of a subject at a place on the axis; without one, its best. */
const row = (scenario: Row["scenario"], subject: string, at?: number) => (rows: readonly Row[]) => {
  const own = rows.filter((each) =>
    each.scenario === scenario && each.subject === subject && (at === undefined || each.at === at)
  );
  return own.reduce<Row | undefined>(
    (best, each) => best === undefined || each.perSecond > best.perSecond ? each : best,
    undefined,
  );
};

const better = (...choices: readonly Wanted["over"][]) => (rows: readonly Row[]) =>
  choices.map((choice) => choice(rows)).filter((found) => found !== undefined)
    .sort((a, b) => b.perSecond - a.perSecond)[0];

/** The last of a scenario's rows of a subject: the largest setting that was measured. */
const last = (scenario: Row["scenario"], subject: string) => (rows: readonly Row[]) =>
  rows.filter((each) => each.scenario === scenario && each.subject === subject)
    .sort((a, b) => b.at - a.at)[0];

/** The slowest of a scenario's rows. */
const slowest = (scenario: Row["scenario"]) => (rows: readonly Row[]) =>
  rows.filter((each) => each.scenario === scenario)
    .sort((a, b) => a.perSecond - b.perSecond)[0];

const inProcess = row("hot", subjects.inProcess);
const http64 = row("hot", subjects.http, 64);

/** Events a second of one lane, to a sink that answers after a millisecond. */
const wantedOfLane = 1_500;

/** Milliseconds that the planner may take by itself. */
const atpMs = 5;
const planMs = 20;

/** The row with another figure, for what must reach a number. */
const number = (over: Wanted["over"], perSecond: number): Wanted["under"] => (rows) => {
  const found = over(rows);
  return found === undefined ? undefined : { ...found, perSecond };
};

export const wantedRatios: readonly Wanted[] = [
  {
    name: "hot in process / ceiling",
    atLeast: 0.8,
    over: inProcess,
    under: row("ceiling", subjects.ceiling),
  },
  {
    name: "hot in process / Redis Lua fsync",
    atLeast: 1,
    over: inProcess,
    under: row("peers", subjects.redis),
  },
  {
    name: "hot in process / best PostgreSQL",
    atLeast: 8,
    over: inProcess,
    under: better(row("peers", subjects.transaction), row("peers", subjects.procedure)),
  },
  {
    name: "hot over HTTP, 64 / PostgreSQL transaction, 64",
    atLeast: 12,
    over: http64,
    under: row("peers", subjects.transaction, 64),
  },
  {
    name: "hot over HTTP, 64 / bare Hono route",
    atLeast: 0.15,
    over: http64,
    under: row("ceiling", subjects.hono),
  },
  {
    name: "hot in process / naive, 64 workers",
    atLeast: 40,
    over: inProcess,
    under: row("naive", subjects.naive),
  },
  {
    name: "spread 50 locations / hot, in process",
    atLeast: 0.4,
    over: row("spread", subjects.places),
    under: inProcess,
  },
  {
    name: "growth, most stored / 0 stored",
    atLeast: 0.8,
    over: last("growth", subjects.http),
    under: row("growth", subjects.http, 0),
  },
  {
    name: "slowest filtered page / page without a filter",
    atLeast: 0.02,
    over: slowest("lists"),
    under: row("lists", unfiltered),
  },
  {
    name: "4 engines / 1 engine, hot, one file",
    atLeast: 0.7,
    over: row("processes", "one file", 4),
    under: row("processes", "one file", 1),
  },
  {
    name: "8 engines / 1 engine at 10 ms, one hot SKU",
    atLeast: 1,
    over: row("processes", "10 ms commits", 8),
    under: row("processes", "10 ms commits", 1),
  },
  {
    name: "hot with stream readers / without",
    atLeast: 0.8,
    over: row("stream", "with readers"),
    under: row("stream", "without readers"),
  },
  {
    name: "orders with one more open dashboard / without",
    atLeast: 0.97,
    over: last("dashboard", subjects.dashboards),
    under: row("dashboard", subjects.dashboards, 0),
    apart: (over, under) => Math.max(1, over.at - under.at),
  },
  {
    name: "orders with three endpoints / without",
    atLeast: 0.85,
    over: row("webhooks", subjects.told),
    under: row("webhooks", subjects.untold),
  },
  {
    name: "orders with a dead endpoint / without",
    atLeast: 0.9,
    over: row("webhooks", subjects.unheard),
    under: row("webhooks", subjects.untold),
  },
  {
    name: "lives that are paid / without payments",
    atLeast: 0.6,
    over: row("paid", subjects.paid),
    under: row("paid", subjects.unpaid),
  },
  {
    name: "orders of carts / without carts",
    atLeast: 0.25,
    over: row("cart", subjects.carted),
    under: row("cart", subjects.uncarted),
  },
  {
    name: "events of one lane / 1,500 a second",
    atLeast: 1,
    over: row("webhooks", subjects.oneLane),
    under: number(row("webhooks", subjects.oneLane), wantedOfLane),
  },
  {
    name: `availability of 500 supplies / one in ${atpMs} ms`,
    atLeast: 1,
    over: row("promise", subjects.atp),
    under: number(row("promise", subjects.atp), 1_000 / atpMs),
  },
  {
    name: `a promise of 20 lines over 50 locations / one in ${planMs} ms`,
    atLeast: 1,
    over: row("promise", subjects.plan),
    under: number(row("promise", subjects.plan), 1_000 / planMs),
  },
  {
    name: "promises / orders of the same lines, over HTTP",
    atLeast: 0.3,
    over: row("promise", subjects.promised),
    under: row("promise", subjects.placed),
  },
];

/** Those ratios for which the run has both figures. */
export const ratiosOf = (rows: readonly Row[]): readonly Ratio[] =>
  wantedRatios.flatMap(({ name, atLeast, over, under, apart }) => {
    const [above, below] = [over(rows), under(rows)];
    if (above === undefined || below === undefined || below.perSecond === 0) return [];
    const value = (above.perSecond / below.perSecond) ** (1 / (apart?.(above, below) ?? 1));
    return [{
      name,
      value,
      atLeast,
      met: value >= atLeast,
      of: [above.perSecond, below.perSecond],
    }];
  });
