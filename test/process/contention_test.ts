import assert from "node:assert/strict";
import {
  assertSound,
  placePatiently,
  startProcess,
  stockOf,
  stockUp,
  withFolder,
} from "./process.ts";
import { placeOrder } from "./process.ts";

const clients = 500;

const countsOf = (statuses: Iterable<number>): Readonly<Record<number, number>> => {
  const counts: Record<number, number> = {};
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

Deno.test("of 500 clients at once for 100 units, exactly 100 get one", () =>
  withFolder(async (cwd) => {
    const path = `${cwd}/store.sqlite3`;
    await using engine = await startProcess({ cwd, env: { ALLOT_KV: path } });
    await stockUp(engine, { ams: { mug: 100 } });
    const answers = await Promise.all(
      Array.from({ length: clients }, (_, n) => placeOrder(engine, `order-${n}`, { mug: 1 })),
    );
    assert.deepEqual(countsOf(answers.map(({ status }) => status)), { 201: 100, 409: 400 });
    for (const { status, body, headers } of answers) {
      if (status === 201) continue;
      assert.equal(headers.get("content-type"), "application/problem+json");
      assert.equal(body["type"], "/problems/insufficient-stock");
      assert.deepEqual(body["shortages"], [{ sku: "mug", requested: 1, available: 0 }]);
    }
    assert.deepEqual(await stockOf(engine), { mug: { onHand: 100, reserved: 100 } });
    assert.match(await assertSound(path, cwd), /^orders: 100$/m);
  }));

const locations = ["ams", "ber", "cph"];
const skus = Array.from({ length: 20 }, (_, n) => `sku-${n}`);
const unitsEach = 12;

/** The lines of the nth order: one to five SKUs, one or two units each. */
const linesOf = (n: number): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Array.from({ length: 1 + n % 5 }, (_, line) => [
      `sku-${(n * 7 + line * 3) % skus.length}`,
      1 + (n + line) % 2,
    ]),
  );

const sum = (numbers: Iterable<number>): number => {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
};

Deno.test("orders of several lines over several locations sell what there is and not one unit more", () =>
  withFolder(async (cwd) => {
    const path = `${cwd}/store.sqlite3`;
    await using engine = await startProcess({ cwd, env: { ALLOT_KV: path } });
    const units = Object.fromEntries(skus.map((sku) => [sku, unitsEach]));
    await stockUp(engine, Object.fromEntries(locations.map((id) => [id, units])));
    const answers = await Promise.all(
      Array.from({ length: clients }, async (_, n) => {
        const more = { onShortage: n % 2 === 0 ? "partial" : "reject" };
        return await placePatiently(engine, `order-${n}`, linesOf(n), more);
      }),
    );
    const ordered = sum(answers.flatMap((_, n) => Object.values(linesOf(n))));
    assert.ok(ordered > locations.length * skus.length * unitsEach, "there is not enough for all");
    const reserved: Record<string, number> = {};
    for (const { status, body } of answers) {
      if (status === 409) {
        assert.equal(body["type"], "/problems/insufficient-stock");
        continue;
      }
      assert.equal(status, 201, JSON.stringify(body));
      for (const { sku, allocated } of body["lines"]) {
        reserved[String(sku)] = (reserved[String(sku)] ?? 0) + Number(allocated);
      }
    }
    const total = locations.length * unitsEach;
    // One client after the other takes what is left, so that every last unit is sold.
    for (const sku of skus) {
      const rest = total - (reserved[sku] ?? 0);
      assert.ok(rest >= 0, `${sku} was oversold`);
      if (rest === 0) continue;
      const { status } = await placeOrder(engine, `rest-${sku}`, { [sku]: rest });
      assert.equal(status, 201, `${rest} of ${sku} are left, and can be had`);
    }
    const soldOut = { onHand: total, reserved: total };
    assert.deepEqual(
      await stockOf(engine),
      Object.fromEntries(skus.toSorted().map((sku) => [sku, soldOut])),
    );
    for (const sku of skus) {
      const refused = await placeOrder(engine, `late-${sku}`, { [sku]: 1 });
      assert.equal(refused.status, 409);
    }
    await assertSound(path, cwd);
  }));
