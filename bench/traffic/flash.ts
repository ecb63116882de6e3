/** A flash sale: many buyers, few units, and clients that ask twice. */
import type { PlaceOrderRequest } from "../../src/order/request.ts";
import { orderStream, type StockPlan } from "./orders.ts";

export interface FlashSale {
  readonly buyers: number;
  readonly units: number;
}

export interface FlashRequest {
  readonly order: PlaceOrderRequest;
  readonly idempotencyKey?: string;
}

export const flashSkuPrefix = "bench-flash-";

/** Each sale has a SKU of its own: a store may see several. */
const flashSku = (run: string): string => flashSkuPrefix + run;

/** One buyer in so many sends his order twice; another one retries it under its idempotency key. */
const oneInDuplicates = 10;

/** A small generator of numbers below 1 that is the same for the same seed (Park and Miller, 1988). */
export const randomOf = (seed: number) => {
  let state = seed % 2_147_483_647 || 1;
  return (): number => {
    state = state * 48_271 % 2_147_483_647;
    return state / 2_147_483_647;
  };
};

export const shuffled = <A>(items: readonly A[], random: () => number): A[] => {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const [a, b] = [result[i], result[j]];
    if (a !== undefined && b !== undefined) [result[i], result[j]] = [b, a];
  }
  return result;
};

/** All requests of the sale, in the order in which they come. */
export const flashRequests = (
  { buyers }: FlashSale,
  run: string,
): readonly FlashRequest[] => {
  const { order } = orderStream("one-sku", run);
  const sku = flashSku(run);
  const requests = Array.from({ length: buyers }, (_, n): readonly FlashRequest[] => {
    const wanted = order(n);
    const own: FlashRequest = {
      order: { ...wanted, lines: wanted.lines.map((line) => ({ ...line, sku })) },
    };
    switch (n % oneInDuplicates) {
      case 0:
        return [own, own];
      case 1: {
        const keyed = { ...own, idempotencyKey: `${run}-${n}` };
        return [keyed, keyed];
      }
      default:
        return [own];
    }
  });
  return shuffled(requests.flat(), randomOf(buyers));
};

export const flashPlan = ({ units }: FlashSale, run: string): StockPlan => ({
  locations: [{ id: "bench-flash", latitude: 40, longitude: 0 }],
  stock: [{ locationId: "bench-flash", skus: [flashSku(run)], units }],
});
