/** `feed`: how many events one reader of the events feed gets through, page by page, from a store of orders. */
import type { Context } from "../suite/context.ts";

/** Each is an event when it is placed, and one when it is allocated. */
const orders = 100_000;
const ordersOfQuick = 20_000;

export const runFeed = async (context: Context): Promise<void> => {
  const { quick, seconds, rounds, engineWarmUpSeconds } = context.plan;
  const path = context.storePath("events");
  const seed = await context.worker({ kind: "seed", path, orders: quick ? ordersOfQuick : orders });
  await seed.close();
  const { url, key } = await context.server(path);
  const reader = await context.worker({ kind: "feed", url, key });
  await reader.measure({ clients: 1, seconds: engineWarmUpSeconds });
  await context.alternate([{
    scenario: "feed",
    subject: "events to one reader",
    setting: "pages of 1,000",
    at: 1,
    measure: () => reader.measure({ clients: 1, seconds }),
  }], rounds);
  await context.closeAll();
  await context.verify([{ scenario: "feed", name: "events", path }]);
};
