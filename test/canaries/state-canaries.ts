/** Bugs of stock states and of channels, each with the test that must find it. */
import type { Canary } from "./canary.ts";

const buckets = (name: string): Required<Canary>["test"] => ({
  file: "test/stock/buckets_test.ts",
  name,
});

const channel = (name: string): Required<Canary>["test"] => ({
  file: "test/channel/channel_test.ts",
  name,
});

const orderChannel = (name: string): Required<Canary>["test"] => ({
  file: "test/order/order_channel_test.ts",
  name,
});

export const stateCanaries: readonly Canary[] = [
  {
    name: "a channel may sell the clamp of a sum, not the sum of clamps",
    file: "src/stock/available-for.ts",
    find: "units + Math.max(0, each)",
    replace: "units + each",
    test: channel("a location that has promised too much does not hide what another has"),
  },
  {
    name: "a part of a unit that is kept back is not kept back",
    file: "src/stock/available-for.ts",
    find: "Math.ceil(sum * buffer.percent / 100)",
    replace: "Math.floor(sum * buffer.percent / 100)",
    test: channel("a percentage of a unit is kept back as a whole one"),
  },
  {
    name: "units are moved into a bucket, and it does not have them",
    file: "src/stock/change.ts",
    find: ": { unavailable: units, buckets: inBucket(place, units) };",
    replace: ": { unavailable: units };",
    test: buckets("moves are made when each place has as many as leave it"),
  },
  {
    name: "what is in a bucket is freed a second time, as if it were in none",
    file: "src/stock/change.ts",
    find: "return places.filter(({ change, there }) => there + change < 0)",
    replace:
      'return places.filter(({ bucket, change, there }) => bucket !== "unspecified" && there + change < 0)',
    test: buckets("adjusting without a bucket takes what is in none"),
  },
  {
    name: "buckets may have more than is set aside",
    file: "src/stock/stock.ts",
    find: "bucketUnits(buckets) <= unavailable",
    replace: "bucketUnits(buckets) <= unavailable + 1_000_000",
    test: buckets("verify finds buckets that have more than is set aside"),
  },
  {
    name: "verify does not look at buckets",
    file: "src/verify/balances.ts",
    find: ".filter(([, value, sum]) => value !== sum);",
    replace: ".filter(([, value, sum]) => value !== sum && sum > 1_000_000);",
    test: buckets("verify finds buckets that have more than is set aside"),
  },
  {
    name: "goods that came back are freed out of a bucket",
    file: "src/order/definition.ts",
    find: 'look.value(stockBalance.name, locationId, sku, "unspecified")',
    replace: 'look.value(stockBalance.name, locationId, sku, "unavailable")',
    test: {
      file: "test/api/stock_states_test.ts",
      name: "goods that came back are freed out of what is in no bucket",
    },
  },
  {
    name: "what waits is filled by locations that do not serve its channel",
    file: "src/order/allocate.ts",
    find: "const full = routeOf(order, demands, facts, excluded);",
    replace: "const full = routeOf(order, demands, { ...facts, channel: undefined }, excluded);",
    test: orderChannel("what waits is filled by the locations of its channel alone"),
  },
  {
    name: "an order takes what its channel keeps back",
    file: "src/order/allocate.ts",
    find: "withKeptApart(order, withinBuffer(routed, facts))",
    replace: "withKeptApart(order, withinBuffer(routed, { ...facts, channel: undefined }))",
    test: orderChannel("an order takes as much as its channel may sell"),
  },
  {
    name: "two lines of a SKU each take all that the channel may sell",
    file: "src/order/order-channel.ts",
    find: "left.set(line.sku, there - quantity);",
    replace: "left.set(line.sku, there);",
    test: orderChannel("an order takes as much as its channel may sell"),
  },
  {
    name: "orders that wait are not looked at when their channel may sell more",
    file: "actors/order/replenish.ts",
    find: "  changedChannels(record).length > 0 ||\n",
    replace: "",
    flow: "set stock aside, and let a channel sell less and more",
  },
];
