/** `lists`: pages of the list of orders by filters of all kinds, on a store that holds many of several years. */
import type { Context, Entrant } from "../suite/context.ts";
import { listedHistory, listFilters } from "../traffic/lists.ts";

/** As an operator waits for a page, one at a time. */
const clients = 1;

export const runLists = async (context: Context): Promise<void> => {
  const { stored, seconds, warmUpSeconds } = context.plan;
  const orders = Math.max(...stored);
  const path = context.storePath("lists");
  context.progress(`lists: storing ${orders} orders`);
  const seed = await context.worker({ kind: "seed", path, orders, history: listedHistory });
  await seed.close();
  const { url, key } = await context.server(path);
  const entrants: Entrant[] = [];
  for (const { name } of listFilters) {
    const worker = await context.worker({
      kind: "http",
      url,
      key,
      traffic: { kind: "list", filter: name },
    });
    await worker.measure({ clients, seconds: warmUpSeconds });
    entrants.push({
      scenario: "lists",
      subject: name,
      setting: `${orders.toLocaleString("en-US")} orders stored`,
      at: orders,
      measure: () => worker.measure({ clients, seconds }),
    });
  }
  await context.alternate(entrants);
  await context.closeAll();
  await context.verify([{ scenario: "lists", name: `${orders} orders of a year`, path }]);
};
