/** What a channel may sell: the locations that serve it, each for itself, less what it keeps back of their sum. */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  bufferOf,
  type Channel,
  channelAvailability,
  poolOf,
  servedOf,
} from "../../src/channel/channel.ts";
import type { Buffer } from "../../src/stock/available-for.ts";

const names = ["ams", "ber", "cdg", "dub"];

const settings = (more: Partial<Channel>): Channel => ({
  ...{ id: "web", exposes: "sum", version: 1 },
  ...{ createdAt: "2026-03-01T12:00:00.000Z", updatedAt: "2026-03-01T12:00:00.000Z" },
  ...more,
});

const anyBuffer: fc.Arbitrary<Buffer> = fc.oneof(
  fc.record({ units: fc.nat({ max: 12 }) }),
  fc.record({ percent: fc.nat({ max: 100 }) }),
);

const some = fc.subarray(names);

const anyChannel = fc.tuple(
  fc.oneof(
    fc.constant({}),
    some.map((locationIds) => ({ locationIds })),
    some.map((excludeLocationIds) => ({ excludeLocationIds })),
  ),
  fc.option(anyBuffer, { nil: undefined }),
  fc.option(anyBuffer, { nil: undefined }),
).map(([lists, buffer, ofMug]) =>
  settings({
    ...lists,
    ...(buffer === undefined ? {} : { buffer }),
    ...(ofMug === undefined
      ? {}
      : { buffers: [{ sku: "cup", units: 1 }, { sku: "mug", ...ofMug }] }),
  })
);

const anyLocations = fc.tuple(...names.map((id) =>
  fc.record({
    id: fc.constant(id),
    active: fc.boolean(),
    units: fc.oneof(fc.integer({ min: -9, max: 20 }), fc.integer({ min: -9, max: 100_000_000 })),
  })
));

/** How many of a hundred are no more than this much, counted up. */
const percentOf = (sum: number, percent: number): number => {
  let kept = BigInt(sum) * BigInt(percent);
  kept = kept % 100n === 0n ? kept / 100n : kept / 100n + 1n;
  return Number(kept);
};

Deno.test("a channel may sell the sum of what each location has, less what it keeps back", () => {
  fc.assert(fc.property(anyChannel, anyLocations, (channel, locations) => {
    let sum = 0;
    for (const { id, active, units } of locations) {
      const isOut = channel.excludeLocationIds?.includes(id) ?? false;
      const isIn = channel.locationIds?.includes(id) ?? true;
      if (active && isIn && !isOut && units > 0) sum += units;
    }
    const own = channel.buffers?.find(({ sku }) => sku === "mug") ?? channel.buffer ?? { units: 0 };
    const kept = "units" in own ? own.units : percentOf(sum, own.percent);
    const pool = poolOf([settings({ id: "other" }), channel], "web", locations) ?? assert.fail();
    const available = channelAvailability(
      pool,
      "mug",
      (at) => locations.find(({ id }) => id === at)?.units ?? assert.fail(at),
    );
    assert.equal(available, Math.max(0, sum - kept));
  }));
});

const twoPlaces = [{ id: "ams", active: true }, { id: "ber", active: true }];

const availableOf = (channel: Channel, units: Readonly<Record<string, number>>): number =>
  channelAvailability(
    poolOf([channel], "web", twoPlaces) ?? assert.fail(),
    "mug",
    (at) => units[at] ?? 0,
  );

Deno.test("a location that has promised too much does not hide what another has", () => {
  assert.equal(availableOf(settings({}), { ams: -4, ber: 6 }), 6);
  assert.equal(availableOf(settings({ buffer: { units: 2 } }), { ams: -4, ber: 6 }), 4);
});

Deno.test("a percentage of a unit is kept back as a whole one", () => {
  const channel = settings({ buffer: { percent: 10 } });
  assert.equal(availableOf(channel, { ams: 1 }), 0);
  assert.equal(availableOf(channel, { ams: 10, ber: 1 }), 9);
  assert.equal(availableOf(channel, { ams: 20 }), 18);
});

Deno.test("a SKU's own buffer is the only one that it has, also where that is nothing", () => {
  const channel = settings({ buffer: { units: 5 }, buffers: [{ sku: "mug", units: 0 }] });
  assert.equal(availableOf(channel, { ams: 7 }), 7);
  assert.deepEqual(bufferOf(channel, "cup"), { units: 5 });
});

Deno.test("without settings nothing is looked at, and with them the list is made once", () => {
  const channel = settings({ locationIds: ["ber"] });
  assert.equal(poolOf([], "web", twoPlaces), undefined);
  assert.equal(poolOf([channel], "shop", twoPlaces), undefined);
  const pool = poolOf([channel], "web", twoPlaces) ?? assert.fail();
  assert.equal(poolOf([channel], "web", twoPlaces), pool);
  assert.equal(servedOf(pool, twoPlaces), pool.locations);
  assert.deepEqual(servedOf(pool, twoPlaces.slice(0, 1)), []);
  assert.deepEqual(servedOf(pool, twoPlaces.slice(1)), [{ id: "ber", active: true }]);
  assert.notEqual(poolOf([channel], "web", [...twoPlaces]), pool, "another list has its own");
});
