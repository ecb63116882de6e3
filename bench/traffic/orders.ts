/** The orders of each kind of load, by number: the same run and number is always the same order. */
import type { PlaceOrderRequest } from "../../src/order/request.ts";

export const orderKinds = [
  "hot",
  "one-sku",
  "spread-skus",
  "spread-locations",
  "channels",
  "large",
] as const;
export type OrderKind = (typeof orderKinds)[number];

export interface PlannedLocation {
  readonly id: string;
  readonly latitude: number;
  readonly longitude: number;
}

/** What must be there before the orders come. */
export interface StockPlan {
  readonly locations: readonly PlannedLocation[];
  readonly stock: readonly {
    readonly locationId: string;
    readonly skus: readonly string[];
    /** On hand of each SKU, at least. */
    readonly units: number;
  }[];
}

export interface OrderStream {
  readonly plan: StockPlan;
  readonly order: (n: number) => PlaceOrderRequest;
}

/** More than any run sells. */
export const plenty = 100_000_000;
/** Channels of `channels`: as many as there are stream readers. */
export const channelCount = 1_000;
export const linesOfLargeOrder = 1_000;

const customers = 1_000;
const spreadSkus = 1_000;
const spreadLocations = 50;
const skusPerLocation = 100;

const names = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}-${i}`);

const place = (id: string, n = 0): PlannedLocation => ({
  id,
  latitude: 40 + (n % 10),
  longitude: Math.floor(n / 10) * 2,
});

const line = (sku: string) => ({
  sku,
  quantity: 1,
  unitPrice: { amount: "19.99", currency: "USD" },
});

const request = (
  externalId: string,
  n: number,
  skus: readonly string[],
  to: PlannedLocation = place("", 0),
): PlaceOrderRequest => ({
  channel: "bench",
  externalId,
  currency: "USD",
  customer: {
    id: `cus_${n % customers}`,
    name: "Ada Example",
    email: "ada@example.com",
  },
  shippingAddress: {
    line1: "Main Street 1",
    city: "Springfield",
    postalCode: "12345",
    country: "US",
    latitude: to.latitude,
    longitude: to.longitude,
  },
  lines: skus.map(line),
});

const oneLocation = (id: string, skus: readonly string[], units = plenty): StockPlan => ({
  locations: [place(id)],
  stock: [{ locationId: id, skus, units }],
});

/** Three different SKUs of many, another three for each order. */
const threeOf = (skus: readonly string[], n: number): readonly string[] =>
  [0, 1, 2].map((i) => skus[(n * 7 + i * 331) % skus.length] ?? "");

const spreadOverLocations = (run: string): OrderStream => {
  const skus = names("bench-wide", skusPerLocation);
  const locations = names("bench-place", spreadLocations).map(place);
  return {
    plan: {
      locations,
      stock: locations.map(({ id }) => ({ locationId: id, skus, units: plenty })),
    },
    // Each order goes to the place next to one of the locations, so that it is routed there.
    order: (n) => request(`${run}-${n}`, n, threeOf(skus, n), locations[n * 13 % spreadLocations]),
  };
};

/** Orders of a kind; `run` is part of each external id, so that runs on one store do not meet. */
export const orderStream = (kind: OrderKind, run: string): OrderStream => {
  const hot = names("bench-hot", 3);
  switch (kind) {
    case "hot":
      return {
        plan: oneLocation("bench-hot", hot),
        order: (n) => request(`${run}-${n}`, n, hot),
      };
    case "one-sku":
      return {
        plan: oneLocation("bench-one", ["bench-one"]),
        order: (n) => request(`${run}-${n}`, n, ["bench-one"]),
      };
    case "spread-skus": {
      const skus = names("bench-sku", spreadSkus);
      return {
        plan: oneLocation("bench-wide", skus),
        order: (n) => request(`${run}-${n}`, n, threeOf(skus, n)),
      };
    }
    case "spread-locations":
      return spreadOverLocations(run);
    case "channels":
      return {
        plan: oneLocation("bench-hot", hot),
        order: (n) => ({
          ...request(`${run}-${n}`, n, hot),
          channel: `bench-${n % channelCount}`,
        }),
      };
    case "large": {
      const skus = names("bench-large", linesOfLargeOrder);
      return {
        plan: oneLocation("bench-large", skus),
        order: (n) => request(`${run}-${n}`, n, skus),
      };
    }
  }
};
