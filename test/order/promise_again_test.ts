/** What is promised already is not promised once more: the log is followed again and again. */
import assert from "node:assert/strict";
import { line, request, World } from "./support.ts";

const dueMs = Date.parse("2026-05-01T00:00:00.000Z");

Deno.test("asking for promises again changes nothing, whether there were any or not", () => {
  const world = new World({
    supply: [{ supplyId: "pol_1", sku: "tea", locationId: "north", dueMs, units: 3 }],
  });
  const order = world.place(
    request([line("tea", 5), line("cup", 2)], { onShortage: "backorder" }),
  );
  const before = world.history.length;
  assert.deepEqual(
    order.lines.map(({ promises = [] }) => promises.map(({ quantity }) => quantity)),
    [
      [3],
      [],
    ],
  );
  world.do({ type: "promise" });
  assert.equal(world.history.length, before);
});
