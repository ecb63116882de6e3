import assert from "node:assert/strict";
import fc from "fast-check";
import { type Instant, instantOf } from "../../src/kernel/instant.ts";
import { type Promisable, stockSource } from "../../src/supply/atp.ts";
import {
  type PromiseLine,
  promiseModes,
  promiseOf,
  type PromisePlan,
  type PromiseProblem,
} from "../../src/supply/promise.ts";

const dayMs = 24 * 3_600_000;
const nowMs = Date.UTC(2026, 2, 1, 10);

const places = ["north", "south", "west"];
const skus = ["cup", "tea"];

const dayOf = (atMs: number): string => instantOf(atMs).slice(0, 10);
const endOf = (date: string): Instant => `${date}T23:59:59.999Z`;
const day = (n: number): string => dayOf(nowMs + n * dayMs);

/** Each location needs its days, and some are closed on every third. */
const datesWith = (handlingDays: readonly number[]): PromiseProblem["dates"] => ({
  shipBy: (locationId, fromMs) => {
    const place = places.indexOf(locationId);
    const handling = handlingDays[place] ?? 0;
    let first = Math.floor((fromMs - nowMs) / dayMs) + handling;
    while (handling > 0 && (first + place) % 3 === 0) first++;
    return { date: day(first), at: endOf(day(first)) };
  },
  deliverBy: () => null,
});

const noDates = datesWith([]);

type Shelves = Readonly<Record<string, Promisable>>;

const problemOf = (
  lines: readonly PromiseLine[],
  shelves: Shelves,
  mode: PromiseProblem["mode"],
  dates = noDates,
): PromiseProblem => ({
  ...{ lines, mode, nowMs, dates },
  locationIds: places,
  promisable: (locationId, sku) => shelves[`${locationId} ${sku}`] ?? [],
});

const there = (units: number, days = 0, source = days === 0 ? stockSource : `pol_${days}`) => ({
  ...{ source, units },
  fromMs: nowMs + days * dayMs,
});

const line = (sku: string, quantity: number, more: Partial<PromiseLine> = {}): PromiseLine => ({
  ...{ sku, quantity },
  method: "ship",
  ...more,
});

const unitsOf = (lines: readonly { readonly quantity: number }[]): number =>
  lines.reduce((sum, { quantity }) => sum + quantity, 0);

const shelf = fc.uniqueArray(
  fc.record({ days: fc.integer({ min: 0, max: 3 }), units: fc.integer({ min: 1, max: 3 }) }),
  { maxLength: 2, selector: ({ days }) => days },
).map((all): Promisable =>
  all.map(({ days, units }) => there(units, days)).toSorted((a, b) => a.fromMs - b.fromMs)
);

const shelvesOf: fc.Arbitrary<Shelves> = fc.record(
  Object.fromEntries(places.flatMap((place) => skus.map((sku) => [`${place} ${sku}`, shelf]))),
);

const handling = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 3, maxLength: 3 });

const boundTo = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  fc.record({
    method: fc.constantFrom("ship" as const, "pickup" as const),
    locationId: fc.constantFrom(...places),
  }),
);

const lineOf = fc.tuple(fc.constantFrom(...skus), fc.integer({ min: 1, max: 3 }), boundTo)
  .map(([sku, quantity, more]) => line(sku, quantity, more));
const linesOf = fc.array(lineOf, { minLength: 1, maxLength: 3 });

const situations = fc.tuple(linesOf, shelvesOf, handling.map(datesWith));

/** A shipment that may be used: a place and a method. */
type Way = readonly [place: string, method: string];
const ways: readonly Way[] = places.flatMap((place) =>
  ["ship", "pickup"].map((method): Way => [place, method])
);

/** Units that a place can send until a day. */
const capacity = (
  { promisable, dates }: PromiseProblem,
  place: string,
  sku: string,
  until: string,
): number =>
  promisable(place, sku).reduce((sum, { fromMs, units }) => {
    const shipBy = dates.shipBy(place, fromMs);
    return shipBy !== null && shipBy.date <= until ? sum + units : sum;
  }, 0);

/** The most units of a SKU that can leave on some ways until a day: every division is tried. */
const most = (
  problem: PromiseProblem,
  sku: string,
  used: readonly Way[],
  until: string,
): number => {
  const lines = problem.lines.filter((each) => each.sku === sku);
  const left = new Map(places.map((place) => [place, capacity(problem, place, sku, until)]));
  const best = (n: number, wanted: number, way: number): number => {
    const current = lines[n];
    if (current === undefined) return 0;
    const next = used[way];
    if (next === undefined) return best(n + 1, lines[n + 1]?.quantity ?? 0, 0);
    const [place, method] = next;
    const fits = method === current.method &&
      (current.locationId === undefined || current.locationId === place);
    const there = left.get(place) ?? 0;
    let found = 0;
    for (let units = 0; units <= (fits ? Math.min(wanted, there) : 0); units++) {
      left.set(place, there - units);
      found = Math.max(found, units + best(n, wanted - units, way + 1));
    }
    left.set(place, there);
    return found;
  };
  return best(0, lines[0]?.quantity ?? 0, 0);
};

const allDays = Array.from({ length: 12 }, (_, n) => day(n));
const lastOfAll = allDays.at(-1) ?? "";

const subsetsOf = <A>(all: readonly A[]): readonly (readonly A[])[] =>
  all.reduce<readonly (readonly A[])[]>(
    (found, each) => [...found, ...found.map((some) => [...some, each])],
    [[]],
  );

const isAll = (problem: PromiseProblem, used: readonly Way[], until: string): boolean =>
  skus.every((sku) => most(problem, sku, used, until) === most(problem, sku, ways, lastOfAll));

/** The fewest ways that bring all that can be had, until a day. */
const fewestUntil = (problem: PromiseProblem, until: string): number =>
  subsetsOf(
    ways.filter(([place, method]) =>
      problem.lines.some((each) => each.method === method && (each.locationId ?? place) === place)
    ),
  ).reduce(
    (fewest, used) => used.length < fewest && isAll(problem, used, until) ? used.length : fewest,
    Number.POSITIVE_INFINITY,
  );

const promised = (plan: PromisePlan, sku: string): number =>
  unitsOf(plan.shipments.flatMap(({ lines }) => lines.filter((each) => each.sku === sku)));

/** No unit twice, none before it is there, none at another place than the one that was asked for. */
const assertPossible = (problem: PromiseProblem, plan: PromisePlan): void => {
  const drawn = new Map<string, number>();
  const byLine = new Map<number, number>();
  for (const { locationId, method, lines, supply, shipBy } of plan.shipments) {
    assert.ok(locationId !== null && lines.length > 0);
    for (const { line: n, sku, quantity } of lines) {
      const asked = problem.lines[n];
      assert.equal(sku, asked?.sku);
      assert.equal(method, asked?.method);
      assert.equal(asked?.locationId ?? locationId, locationId);
      assert.ok(quantity > 0);
      byLine.set(n, (byLine.get(n) ?? 0) + quantity);
    }
    for (const sku of skus) {
      const ofSku = (all: readonly { sku: string; quantity: number }[]) =>
        unitsOf(all.filter((each) => each.sku === sku));
      assert.equal(ofSku(lines), ofSku(supply));
    }
    for (const { supplyId, sku, quantity } of supply) {
      const source = problem.promisable(locationId, sku).find((each) => each.source === supplyId);
      assert.ok(source !== undefined);
      const name = `${locationId} ${sku} ${supplyId}`;
      drawn.set(name, (drawn.get(name) ?? 0) + quantity);
      assert.ok((drawn.get(name) ?? 0) <= source.units, `${name} is drawn twice`);
      const first = problem.dates.shipBy(locationId, source.fromMs);
      assert.ok(first !== null && first.date <= shipBy.date, "leaves before it is there");
    }
  }
  for (const [n, units] of byLine) assert.ok(units <= (problem.lines[n]?.quantity ?? 0));
};

const completeness = (problem: PromiseProblem, plan: PromisePlan): boolean => {
  for (const sku of skus) assert.equal(promised(plan, sku), most(problem, sku, ways, lastOfAll));
  const isComplete = unitsOf(problem.lines) === skus.reduce((n, sku) => n + promised(plan, sku), 0);
  assert.equal(plan.complete, isComplete);
  assert.equal(plan.completeAt === null, !isComplete);
  return isComplete;
};

const runs = { numRuns: 150 };

for (const mode of promiseModes) {
  Deno.test(`a promise is possible, and all that can be had, the same each time: ${mode}`, () => {
    const needed = fc.array(fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }), {
      minLength: 3,
      maxLength: 3,
    });
    fc.assert(fc.property(situations, needed, ([lines, shelves, dates], days) => {
      const dated = lines.map((each, n) => {
        const after = days[n];
        return after === undefined ? each : { ...each, neededAt: endOf(day(after)) };
      });
      const problem = problemOf(dated, shelves, mode, dates);
      const plan = promiseOf(problem);
      assertPossible(problem, plan);
      completeness(problem, plan);
      assert.equal(plan.method, "exact");
      assert.deepEqual(promiseOf(problem), plan);
    }));
  });
}

/** The first day on which it is so. */
const firstDay = (is: (date: string) => boolean): string => allDays.find(is) ?? "never";

Deno.test("in as few shipments as can be, and these as early as so few can be", () => {
  fc.assert(
    fc.property(situations, ([lines, shelves, dates]) => {
      const problem = problemOf(lines, shelves, "fewest", dates);
      const plan = promiseOf(problem);
      if (!completeness(problem, plan)) return;
      const fewest = fewestUntil(problem, lastOfAll);
      assert.equal(plan.shipments.length, fewest);
      assert.equal(
        plan.completeAt,
        endOf(firstDay((date) => fewestUntil(problem, date) === fewest)),
      );
    }),
    runs,
  );
});

Deno.test("all on the first day on which all can leave, in as few shipments as can be by then", () => {
  fc.assert(
    fc.property(situations, ([lines, shelves, dates]) => {
      const problem = problemOf(lines, shelves, "together", dates);
      const plan = promiseOf(problem);
      if (!completeness(problem, plan)) return;
      const first = firstDay((date) => isAll(problem, ways, date));
      assert.equal(plan.shipments.length, fewestUntil(problem, first));
      // Where it is closed on that day, a place sends its part on the next on which it works.
      for (const { locationId, shipBy } of plan.shipments) {
        const days = Array.from({ length: 12 }, (_, n) => nowMs + n * dayMs);
        const own = days.map((fromMs) => dates.shipBy(locationId ?? "", fromMs)?.date ?? "");
        assert.equal(shipBy.date, own.find((date) => date >= first));
      }
      assert.equal(plan.completeAt, plan.shipments.map(({ shipBy }) => shipBy.at).sort().at(-1));
    }),
    runs,
  );
});

Deno.test("each unit as early as any plan has it", () => {
  fc.assert(
    fc.property(situations, ([lines, shelves, dates]) => {
      const problem = problemOf(lines, shelves, "earliest", dates);
      const plan = promiseOf(problem);
      for (const date of allDays) {
        const until = plan.shipments.filter(({ shipBy }) => shipBy.date <= date);
        for (const sku of skus) {
          assert.equal(
            promised({ ...plan, shipments: until }, sku),
            most(problem, sku, ways, date),
          );
        }
      }
    }),
    runs,
  );
});

Deno.test("as early as it can be, and on each day from as few places as have what leaves", () => {
  fc.assert(
    fc.property(situations, ([some, shelves, dates]) => {
      const lines = some.map(({ sku, quantity }) => line(sku, quantity));
      const problem = problemOf(lines, shelves, "earliest", dates);
      const until = (sku: string, n: number) => most(problem, sku, ways, day(n));
      const onDay = (place: string, sku: string, n: number) =>
        capacity(problem, place, sku, day(n)) - capacity(problem, place, sku, day(n - 1));
      const fewest = allDays.reduce((sum, _, n) => {
        const enough = subsetsOf(places).filter((used) =>
          skus.every((sku) =>
            used.reduce((units, place) => units + onDay(place, sku, n), 0) >=
              until(sku, n) - until(sku, n - 1)
          )
        );
        return sum + Math.min(...enough.map(({ length }) => length));
      }, 0);
      assert.equal(promiseOf(problem).shipments.length, fewest);
    }),
    runs,
  );
});

Deno.test("a line that can wait for its date leaves what is earlier to others", () => {
  const shelves = { "north tea": [there(2, 1), there(2, 4), there(2, 8)] };
  const neededAt = endOf(day(5));
  const plan = promiseOf(problemOf([line("tea", 3, { neededAt })], shelves, "earliest"));
  assert.deepEqual(
    plan.shipments.map(({ supply, shipBy }) => [supply[0]?.supplyId, shipBy.date]),
    [["pol_1", day(1)], ["pol_4", day(4)]],
  );
  assert.deepEqual(plan.shipments.map(({ lines }) => unitsOf(lines)), [1, 2]);
  assert.deepEqual(plan.reasons, []);
  const late = promiseOf(problemOf([line("tea", 5, { neededAt })], shelves, "fewest"));
  assert.deepEqual(late.reasons, [{ code: "late", line: 0, quantity: 5 }]);
  assert.equal(late.complete, true);
});

Deno.test("together, what is there waits for what comes last", () => {
  const shelves = { "north tea": [there(5)], "south cup": [there(5, 6)] };
  const lines = [line("tea", 1), line("cup", 1)];
  const together = promiseOf(problemOf(lines, shelves, "together"));
  assert.deepEqual(together.shipments.map(({ shipBy }) => shipBy.date), [day(6), day(6)]);
  assert.equal(together.completeAt, endOf(day(6)));
  const earliest = promiseOf(problemOf(lines, shelves, "earliest"));
  assert.deepEqual(earliest.shipments.map(({ shipBy }) => shipBy.date), [day(0), day(6)]);
});

Deno.test("two lines of a SKU count together, also where one has a place of its own", () => {
  const shelves = { "north tea": [there(3)], "south tea": [there(1, 2)] };
  const lines = [line("tea", 2), line("tea", 2, { locationId: "north" })];
  const plan = promiseOf(problemOf(lines, shelves, "earliest"));
  assert.equal(plan.complete, true);
  assert.equal(plan.completeAt, endOf(day(2)));
  const short = promiseOf(problemOf([...lines, line("tea", 1)], shelves, "earliest"));
  assert.deepEqual(short.reasons, [{ code: "short", sku: "tea", requested: 5, promised: 4 }]);
  assert.equal(short.completeAt, null);
});

Deno.test("what is digital needs no place; a place that is not to be used gives nothing", () => {
  const lines = [line("song", 3, { method: "digital" }), line("tea", 1, { locationId: "moon" })];
  const plan = promiseOf(problemOf(lines, { "north tea": [there(3)] }, "earliest"));
  assert.deepEqual(
    plan.shipments.map(({ locationId, method, supply }) => ({ locationId, method, supply })),
    [
      { locationId: null, method: "digital", supply: [] },
    ],
  );
  assert.deepEqual(plan.reasons, [
    { code: "short", sku: "tea", requested: 1, promised: 0 },
    { code: "location_not_usable", line: 1, locationId: "moon" },
  ]);
});

Deno.test("a search that is too large ends, and says so", () => {
  const many = Array.from({ length: 60 }, (_, n) => `place ${n}`);
  const goods = Array.from({ length: 40 }, (_, n) => `sku ${n}`);
  const plan = promiseOf({
    lines: goods.map((sku) => line(sku, 5)),
    mode: "fewest",
    nowMs,
    locationIds: many,
    promisable: (place, sku) => {
      const units = (many.indexOf(place) * 7 + goods.indexOf(sku) * 11) % 5;
      return units === 0 ? [] : [there(units, units % 3)];
    },
    dates: noDates,
  });
  assert.equal(plan.method, "bounded");
  assert.equal(plan.complete, true);
});
