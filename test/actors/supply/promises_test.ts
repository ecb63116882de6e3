import assert from "node:assert/strict";
import { Effect } from "effect";
import { References } from "../../../actors/reference/references.ts";
import { Inventory } from "../../../actors/stock/inventory.ts";
import { Orders } from "../../../actors/order/orders.ts";
import { type PromiseRequest, Promises } from "../../../actors/supply/promises.ts";
import { calendars } from "../../../src/calendar/references.ts";
import { locations } from "../../../src/catalog/references.ts";
import { channels } from "../../../src/channel/references.ts";
import { instantOf } from "../../../src/kernel/instant.ts";
import { Store } from "../../../src/store/store.ts";
import { encodeJson } from "../../../src/store/values.ts";
import { rowKey } from "../../../src/subject/balance.ts";
import { supplyBalance } from "../../../src/supply/balance.ts";
import { supplyKey } from "../../../src/supply/keys.ts";
import { promiseLimits } from "../../../src/supply/limits.ts";
import { bySystem, location, request, stockUp, withEngine } from "../../support/engine.ts";

const dayMs = 24 * 3_600_000;
/** A Sunday. */
const nowMs = Date.UTC(2026, 2, 1, 10);
const day = (n: number): string => instantOf(nowMs + n * dayMs).slice(0, 10);

/** Supply of SKUs at a location, as `[days, units, promised]`, written as its documents would. */
const supplied = Effect.fnUntraced(function* (
  locationId: string,
  sku: string,
  supplies: readonly (readonly [days: number, units: number, promised?: number])[],
) {
  const store = yield* Store;
  for (let n = 0; n < supplies.length; n += 100) {
    const mutations = supplies.slice(n, n + 100).flatMap(
      ([days, expected, reserved = 0], index) => {
        const dueMs = nowMs + days * dayMs;
        const link = { supplyId: `pol_${locationId}_${sku}_${n + index}`, sku, locationId, dueMs };
        const row = supplyBalance.delta(locationId, link.supplyId, { expected, reserved });
        return [
          { type: "set", key: supplyKey(link), value: encodeJson(link) } as const,
          {
            type: "set",
            key: rowKey(supplyBalance, locationId, link.supplyId),
            value: encodeJson(row),
          } as const,
        ];
      },
    );
    assert.ok((yield* store.commit({ checks: [], mutations })).ok);
  }
});

const availabilityOf = Effect.fnUntraced(function* (
  sku: string,
  locationIds?: readonly string[],
  asOfMs = nowMs,
) {
  const { skus } = yield* (yield* Promises).availability({ skus: [sku], locationIds, asOfMs });
  return skus[0] ?? assert.fail("no answer");
});

const stepsOf = (steps: readonly { fromMs: number; units: number }[]) =>
  steps.map(({ fromMs, units }) => [instantOf(fromMs).slice(0, 10), units]);

const promised = Effect.fnUntraced(function* (
  lines: PromiseRequest["lines"],
  mode: PromiseRequest["mode"],
) {
  const request = { channel: "web", lines, mode, asOfMs: nowMs };
  return (yield* (yield* Promises).promise(request)).plan;
});

Deno.test("what is available rises as supply comes, over locations or at one of them", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: { tea: 3 }, ber: { tea: 1 }, cph: {} });
    yield* supplied("ams", "tea", [[5, 10, 4], [9, 1]]);
    yield* supplied("cph", "tea", [[5, 2], [promiseLimits.horizonDays + 1, 50]]);
    const all = yield* availabilityOf("tea");
    assert.deepEqual(stepsOf(all.byDate), [[day(0), 4], [day(5), 12], [day(9), 13]]);
    assert.deepEqual(stepsOf((yield* availabilityOf("tea", ["ams"])).byDate), [
      [day(0), 3],
      [day(5), 9],
      [day(9), 10],
    ]);
    assert.deepEqual(stepsOf((yield* availabilityOf("mug")).byDate), [[day(0), 0]]);
  })));

Deno.test("what one location has promised too much hides nothing of another", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: { tea: 3 }, ber: { tea: 4 } });
    const inventory = yield* Inventory;
    const levels = [{ sku: "tea", safetyStock: 5 }];
    yield* inventory.setSafetyStock({ locationId: "ams", levels }, bySystem);
    yield* supplied("ams", "tea", [[3, 4]]);
    const { byDate } = yield* availabilityOf("tea");
    // Of what comes, two units are to be kept back.
    assert.deepEqual(stepsOf(byDate), [[day(0), 4], [day(3), 6]]);
  })));

Deno.test("an order takes from what is available, and a location that is not used adds nothing", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: { tea: 3 }, ber: { tea: 4 } });
    yield* (yield* Orders).place(request("1", { tea: 5 }), bySystem);
    assert.deepEqual(stepsOf((yield* availabilityOf("tea")).byDate), [[day(0), 2]]);
    const references = yield* References;
    yield* references.save(locations, { ...location("ber"), active: false }, bySystem);
    const { byDate } = yield* availabilityOf("tea");
    const atAms = yield* availabilityOf("tea", ["ams"]);
    assert.deepEqual(byDate, atAms.byDate);
  })));

Deno.test("a channel promises of its own locations, and keeps some units back", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: { tea: 3 }, ber: { tea: 2 }, cph: { tea: 50 } });
    yield* supplied("ber", "tea", [[4, 6]]);
    const references = yield* References;
    const settings = { excludeLocationIds: ["cph"], buffer: { units: 4 } };
    yield* references.save(channels, { id: "web", ...settings, exposes: "locations" }, bySystem);
    const asked = { skus: ["tea"], asOfMs: nowMs };
    const promises = yield* Promises;
    const { skus: [web] } = yield* promises.availability({ ...asked, channel: "web" });
    assert.deepEqual(stepsOf(web?.byDate ?? []), [[day(0), 1], [day(4), 7]]);
    assert.deepEqual(web?.locations?.reduce((sum, { available }) => sum + available, 0), 1);
    const { skus: [pos] } = yield* promises.availability({ ...asked, channel: "pos" });
    assert.deepEqual(stepsOf(pos?.byDate ?? []), [[day(0), 55], [day(4), 61]]);
    const plan = yield* promised([{ sku: "tea", quantity: 8 }], "earliest");
    assert.deepEqual(plan.reasons, [{ code: "short", sku: "tea", requested: 8, promised: 7 }]);
  })));

Deno.test("overdue supply counts for some days, then not, and shows", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: {} });
    yield* supplied("ams", "tea", [[2, 7]]);
    const after = (days: number) => availabilityOf("tea", undefined, nowMs + days * dayMs);
    const late = yield* after(2 + promiseLimits.pastDueDays);
    assert.deepEqual(stepsOf(late.byDate).map(([, units]) => units), [7]);
    assert.deepEqual(late.overdue, []);
    const tooLate = yield* after(2.1 + promiseLimits.pastDueDays);
    assert.deepEqual(stepsOf(tooLate.byDate).map(([, units]) => units), [0]);
    assert.deepEqual(tooLate.overdue.map(({ locationId, units }) => [locationId, units]), [
      ["ams", 7],
    ]);
  })));

Deno.test("of a location that has very much supply, others do not suffer", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: {}, ber: {} });
    const many = Array.from({ length: promiseLimits.rowsPerLocation + 200 }, () => [4, 1] as const);
    yield* supplied("ams", "tea", many);
    yield* supplied("ber", "tea", [[6, 3]]);
    const { byDate, whole } = yield* availabilityOf("tea");
    const most = promiseLimits.rowsPerLocation;
    assert.deepEqual(stepsOf(byDate), [[day(0), 0], [day(4), most], [day(6), most + 3]]);
    assert.equal(whole, true);
  })));

Deno.test("a promise names where, when and out of what; days are those of the location", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: { tea: 3 } });
    const references = yield* References;
    const hours = [["09:00", "17:00"]] as const;
    const week = { mon: hours, tue: hours, wed: hours, thu: hours, fri: hours };
    yield* references.save(calendars, { id: "office", week, exceptions: [] }, bySystem);
    yield* references.save(locations, {
      ...location("ber"),
      ...{ timeZone: "Europe/Berlin", calendarId: "office", cutOff: "15:00", receivingDays: 1 },
    }, bySystem);
    yield* supplied("ber", "mug", [[5, 4]]);
    const lines = [
      { sku: "tea", quantity: 2 },
      { sku: "mug", quantity: 1 },
      { sku: "mug", quantity: 2, locationId: "ber" },
    ];
    // Friday is the day on which it is due, Monday that of receiving it.
    const monday = { date: day(8), at: instantOf(Date.UTC(2026, 2, 9, 14)) };
    const earliest = yield* promised(lines, "earliest");
    assert.deepEqual(earliest.shipments.map(({ locationId, shipBy }) => [locationId, shipBy]), [
      ["ams", { date: day(0), at: "2026-03-01T23:59:59.999Z" }],
      ["ber", monday],
    ]);
    assert.deepEqual(earliest.shipments[1]?.lines, [
      { line: 1, sku: "mug", quantity: 1 },
      { line: 2, sku: "mug", quantity: 2 },
    ]);
    assert.deepEqual(earliest.shipments[1]?.supply, [
      { supplyId: "pol_ber_mug_0", sku: "mug", quantity: 3 },
    ]);
    assert.equal(earliest.completeAt, monday.at);
    const together = yield* promised(lines, "together");
    assert.deepEqual(together.shipments.map(({ shipBy: { date } }) => date), [day(8), day(8)]);
    assert.equal(together.complete, true);
  })));

Deno.test("nothing is taken: a promise asked for twice is the same", () =>
  withEngine(Effect.gen(function* () {
    yield* stockUp({ ams: { tea: 3 } });
    yield* supplied("ams", "tea", [[1, 2]]);
    const lines = [{ sku: "tea", quantity: 5 }];
    const first = yield* promised(lines, "fewest");
    assert.equal(first.complete, true);
    assert.deepEqual(yield* promised(lines, "fewest"), first);
  })));
