import assert from "node:assert/strict";
import { Result } from "effect";
import fc from "fast-check";
import type { TransitRow } from "../../src/calendar/carrier.ts";
import {
  availableDay,
  leavesByMs,
  localDateOf,
  openDay,
  shipDate,
} from "../../src/calendar/dates.ts";
import { type DateReferences, dateRules, dateRulesOf } from "../../src/calendar/rules.ts";
import type { WholeReference } from "../../src/subject/reference.ts";
import {
  aboutMs,
  calendarAbout,
  calendarOf,
  carrierOf,
  cutOff,
  locationOf,
  workdays,
  zones,
} from "./support.ts";

const msOf = (instant: string) => Date.parse(instant);

const some = {
  locations: [
    locationOf("ber", { timeZone: "Europe/Berlin", calendarId: "work", cutOff: "15:00" }),
    locationOf("nie", { calendarId: "never" }),
  ],
  calendars: [calendarOf(workdays), calendarOf([], [], "never"), calendarOf(["sat"], [], "weekly")],
  carriers: [],
} as const satisfies DateReferences;

const everywhere = (days: number): readonly TransitRow[] => [{ days }];

const delivered = (
  carriers: DateReferences["carriers"],
  destination: { readonly country: string; readonly postalCode?: string },
  service?: string,
  shipped = "2026-12-02",
) => dateRules({ ...some, carriers }).deliverBy(shipped, service, destination);

Deno.test("rules that are asked again and again answer as if they were asked once", () => {
  const locations = fc.record({
    timeZone: fc.constantFrom(...zones),
    cutOff,
    handlingDays: fc.integer({ min: 0, max: 3 }),
    receivingDays: fc.integer({ min: 0, max: 3 }),
    calendarId: fc.constant("work"),
  }, { requiredKeys: ["timeZone"] });
  const moments = aboutMs.chain((about) =>
    fc.record({
      calendar: calendarAbout(about),
      asked: fc.array(
        fc.integer({ min: -40, max: 40 }).map((hours) => about + hours * 1_800_000),
        { minLength: 1, maxLength: 30 },
      ),
    })
  );
  fc.assert(
    fc.property(locations, moments, (dates, { calendar, asked }) => {
      const location = locationOf("ams", dates as Parameters<typeof locationOf>[1]);
      const its = location.calendarId === undefined ? null : calendar;
      const rules = dateRules({ locations: [location], calendars: [calendar], carriers: [] });
      // Dates that are kept change at a cut-off.
      const moments = asked.flatMap((ms) => {
        const cutOffMs = leavesByMs(location, openDay(location, ms));
        return [ms, cutOffMs - 1, cutOffMs, cutOffMs + 1];
      });
      for (const ms of moments) {
        assert.deepEqual(rules.shipBy("ams", ms), Result.getOrThrow(shipDate(location, its, ms)));
        const due = localDateOf(ms, location.timeZone ?? "UTC");
        const { startMs } = Result.getOrThrow(availableDay(location, its, due));
        assert.equal(rules.availableMs("ams", ms), Math.max(ms, startMs));
      }
    }),
  );
});

Deno.test("rules know locations by their ids, and take one that nobody described for one in UTC", () => {
  const rules = dateRules(some);
  // Friday afternoon: until Monday, where work is done on weekdays.
  const friday = msOf("2026-12-04T14:30:00Z");
  assert.deepEqual(rules.shipBy("ber", friday), {
    date: "2026-12-07",
    at: "2026-12-07T14:00:00.000Z",
  });
  assert.equal(rules.shipBy("nowhere", friday)?.date, "2026-12-04");
  assert.equal(rules.availableMs("nowhere", friday), friday);
  assert.equal(
    rules.availableMs("ber", msOf("2026-12-05T10:00:00Z")),
    msOf("2026-12-06T23:00:00Z"),
  );
});

Deno.test("a location that never works has no dates, and rules say which calendar is why", () => {
  const rules = dateRules(some);
  const now = msOf("2026-12-04T14:30:00Z");
  assert.equal(rules.shipBy("nie", now), null);
  assert.equal(rules.availableMs("nie", now), null);
  assert.equal(rules.neverOpen("nie", now)?.calendarId, "never");
  assert.equal(rules.neverOpen("ber", now), null);
});

Deno.test("the row with the longest prefix counts, before that of the country, before that of everywhere", () => {
  const transit = [
    { days: 9 },
    { country: "NL", days: 2 },
    { country: "NL", postalPrefix: "99", days: 4 },
    { country: "NL", postalPrefix: "99 7-1a", days: 5 },
    { country: "DE", postalPrefix: "997", days: 7 },
  ];
  const carriers = [carrierOf("post", [{ service: "standard", transit }])];
  const days = (country: string, postalCode?: string) =>
    delivered(carriers, { country, ...(postalCode === undefined ? {} : { postalCode }) })
      ?.transitDays;
  assert.equal(days("NL"), 2);
  assert.equal(days("NL", "1075 PR"), 2);
  assert.equal(days("NL", "9912 aa"), 4);
  assert.equal(days("NL", "9971ab"), 5);
  assert.equal(days("DE", "99700"), 7);
  assert.equal(days("DE", "10115"), 9);
  assert.equal(days("US", "99700"), 9);
});

Deno.test("no table that knows the destination, or the service, is no day of delivery", () => {
  const carriers = [
    carrierOf("post", [{ service: "standard", transit: [{ country: "NL", days: 1 }] }]),
    carrierOf("new", []),
  ];
  assert.equal(delivered([], { country: "NL" }), null);
  assert.equal(delivered(carriers, { country: "DE" }), null);
  assert.equal(delivered(carriers, { country: "NL" }, "express"), null);
  assert.equal(delivered(carriers, { country: "NL" }, " Standard ")?.date, "2026-12-03");
});

Deno.test("of carriers with the service, the one that is there first delivers", () => {
  const carriers = [
    carrierOf("a", [{ service: "standard", transit: everywhere(3) }, {
      service: "express",
      transit: everywhere(1),
    }]),
    // It takes less, and works on Saturdays alone.
    carrierOf("b", [{ service: "standard", transit: everywhere(0) }], "weekly"),
    carrierOf("c", [{ service: "standard", transit: everywhere(3) }]),
  ];
  const nl = { country: "NL" };
  assert.deepEqual(delivered(carriers, nl, "standard"), {
    ...{ date: "2026-12-05", carrierId: "a", service: "standard", transitDays: 3 },
  });
  // Without a service, nobody has paid for the fast one.
  assert.deepEqual(delivered(carriers, nl), delivered(carriers, nl, "standard"));
  assert.equal(delivered(carriers, nl, "express")?.date, "2026-12-03");
  assert.equal(delivered(carriers, nl, "standard", "2026-12-04")?.carrierId, "b");
});

Deno.test("days under way are the carrier's working days, from its first one", () => {
  const carriers = [carrierOf("a", [{ service: "standard", transit: everywhere(1) }], "work")];
  const days = ["2026-12-04", "2026-12-05", "2026-12-07"].map((shipped) =>
    delivered(carriers, { country: "NL" }, undefined, shipped)?.date
  );
  assert.deepEqual(days, ["2026-12-07", "2026-12-08", "2026-12-08"]);
});

Deno.test("decisions share rules until a document changes", () => {
  const lookAt = (of: DateReferences) => ({
    references: <Document extends object>({ name }: WholeReference<Document>) =>
      ({ location: of.locations, calendar: of.calendars, carrier: of.carriers })[
        name
      ] as unknown as readonly Document[],
  });
  const rules = dateRulesOf(lookAt(some));
  assert.equal(dateRulesOf(lookAt({ ...some })), rules);
  const changed = dateRulesOf(lookAt({ ...some, calendars: [calendarOf(["sat"])] }));
  assert.equal(changed.shipBy("ber", msOf("2026-12-02T08:00:00Z"))?.date, "2026-12-05");
  assert.equal(rules.shipBy("ber", msOf("2026-12-02T08:00:00Z"))?.date, "2026-12-02");
});
