/** Bugs of what may be promised when, each with the test that must find it. */
import type { Canary } from "./canary.ts";

const atp = (name: string): Required<Canary>["test"] => ({
  file: "test/supply/atp_test.ts",
  name,
});

const plan = (name: string): Required<Canary>["test"] => ({
  file: "test/supply/promise_test.ts",
  name,
});

const goods = (name: string): Required<Canary>["test"] => ({
  file: "test/order/goods_dates_test.ts",
  name,
});

export const promiseCanaries: readonly Canary[] = [
  {
    name: "what is needed later is promised now",
    file: "src/supply/atp.ts",
    find: "for (let last = left.at(-1); owed > 0 && last !== undefined; last = left.at(-1)) {",
    replace: "for (let last = left.at(-1); owed < 0 && last !== undefined; last = left.at(-1)) {",
    test: atp("what is needed later is not promised now"),
  },
  {
    name: "supply that was due counts for ever",
    file: "src/supply/atp.ts",
    find: "dueMs + promiseLimits.pastDueDays * dayMs < nowMs",
    replace: "dueMs + promiseLimits.horizonDays * dayMs < nowMs",
    test: atp("overdue supply counts for some days"),
  },
  {
    name: "what was promised of overdue supply is forgotten",
    file: "src/supply/atp.ts",
    find: "units: 0 - promised });",
    replace: "units: 0 });",
    test: atp("overdue supply counts for some days"),
  },
  {
    name: "together is the day of the first that is there",
    file: "src/supply/promise.ts",
    find: "const all = lastDay(draws.map(({ shipBy }) => shipBy));",
    replace: "const all = draws[0]?.shipBy;",
    test: plan("together, what is there waits for what comes last"),
  },
  {
    name: "two lines are promised the same units",
    file: "src/supply/promise-days.ts",
    find: "there[sku] = (there[sku] ?? 0) - units;\n    open.take",
    replace: "open.take",
    test: plan("two lines of a SKU count together"),
  },
  {
    name: "a line that can wait takes the earliest supply",
    file: "src/supply/peg.ts",
    find: "if (neededAtMs === undefined) return sorted;",
    replace: "if (neededAtMs !== undefined) return sorted;",
    test: {
      file: "test/supply/peg_test.ts",
      name: "the one who can wait leaves the early supply to the one who comes later",
    },
  },
  {
    name: "those without a date are served before those with one",
    file: "src/order/rank.ts",
    find: 'const noDate = "9"',
    replace: 'const noDate = "0"',
    test: {
      file: "test/order/rank_test.ts",
      name: "ranks have one length, and sort by priority, then by date",
    },
  },
  {
    name: "locations that need other days have the dates of each other",
    file: "src/supply/promise-dates.ts",
    find: "JSON.stringify([timeZone, calendarId, cutOff, handlingDays, receivingDays]);",
    replace: "JSON.stringify([timeZone, calendarId, cutOff, receivingDays, receivingDays]);",
    test: {
      file: "test/supply/promise_dates_test.ts",
      name: "dates that are kept are those of the rules",
    },
  },
  {
    name: "what is promised of supply leaves as if nobody had to receive it",
    file: "src/order/goods-dates.ts",
    find: ": rules.availableMs(locationId, Math.max(dueMs, epochMsOf(facts.now)));",
    replace: ": Math.max(dueMs, epochMsOf(facts.now));",
    test: goods("promised units leave after the days that the location needs"),
  },
  {
    name: "promises are chosen by when supply is due",
    file: "src/order/promise.ts",
    find: "availableMs: dated.readyMs, dates",
    replace: "availableMs: supply.dueMs, dates",
    test: goods("a line is promised the last supply that the customer has in time"),
  },
  {
    name: "supply that comes later leaves the dates of its promises",
    file: "src/order/promise.ts",
    find: "expectedAt: instantOf(dueMs), ...dates };",
    replace: "expectedAt: instantOf(dueMs), ...dates, shipBy: promise.shipBy };",
    test: goods("supply that comes at another time moves the dates of its promises"),
  },
  {
    name: "the log forgets by when goods leave",
    file: "src/order/record-codec.ts",
    find: "each.shipBy === undefined ? noDates",
    replace: "each.shipBy !== undefined ? noDates",
    test: { file: "test/laws/laws_test.ts", name: "the laws hold of every order" },
  },
  {
    name: "channels may ask as of another time",
    file: "api/supply/availability.ts",
    find: 'const mayAskAsOf: readonly Role[] = ["admin", "operations"];',
    replace: 'const mayAskAsOf: readonly Role[] = ["admin", "operations", "channel"];',
    test: {
      file: "test/api/promises_test.ts",
      name: "only those who run it may ask as of another time",
    },
  },
];
