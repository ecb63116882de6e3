/** Puts a plan's locations and stock into an engine, over HTTP. What is there already stays. */
import { stockLimits } from "../../src/stock/limits.ts";
import type { Target } from "../load/connection.ts";
import type { PlannedLocation, StockPlan } from "./orders.ts";

/** The engine did not take what a load needs. */
export class NotPrepared extends Error {
  override readonly name = "NotPrepared";
}

export const planLocation = ({ id, latitude, longitude }: PlannedLocation) => ({
  name: `Benchmark ${id}`,
  type: "warehouse" as const,
  address: { country: "US" },
  latitude,
  longitude,
});

/** The receipts of a plan, each within what one adjustment may hold. */
export const receiptsOf = (plan: StockPlan) =>
  plan.stock.flatMap(({ locationId, skus, units }) =>
    Array.from({ length: Math.ceil(skus.length / stockLimits.changesPerRequest) }, (_, page) => ({
      locationId,
      reason: "received",
      changes: skus
        .slice(page * stockLimits.changesPerRequest, (page + 1) * stockLimits.changesPerRequest)
        .map((sku) => ({ sku, delta: units })),
    }))
  );

export const askOf = async (
  { url, key }: Target,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> => {
  const response = await fetch(new URL(path, url), {
    method,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) {
    throw new NotPrepared(`${method} ${path}: ${response.status} ${text.slice(0, 300)}`);
  }
  return JSON.parse(text);
};

export const prepareOver = async (target: Target, plan: StockPlan): Promise<void> => {
  for (const location of plan.locations) {
    const path = `/v1/locations/${location.id}`;
    await askOf(target, "PUT", path, planLocation(location));
  }
  for (const receipt of receiptsOf(plan)) {
    await askOf(target, "POST", "/v1/inventory/adjustments", receipt);
  }
};
