/** `large`: orders of 1,000 lines over HTTP. */
import type { Context } from "../suite/context.ts";
import { linesOfLargeOrder } from "../traffic/orders.ts";

const connections = 4;

export const runLarge = async (context: Context): Promise<void> => {
  const path = context.storePath("large");
  const server = await context.server(path);
  const { url, key } = server;
  const worker = await context.worker({
    kind: "http",
    url,
    key,
    traffic: { kind: "orders", orders: "large" },
  });
  await worker.measure({ clients: connections, seconds: context.plan.warmUpSeconds });
  const [row] = await context.alternate([{
    scenario: "large",
    subject: `${linesOfLargeOrder} lines, over HTTP`,
    setting: `${connections} connections`,
    at: connections,
    measure: () => worker.measure({ clients: connections, seconds: context.plan.seconds }),
  }]);
  const lines = Math.round((row?.perSecond ?? 0) * linesOfLargeOrder);
  context.say(`  large      ${lines.toLocaleString("en-US")} lines/s`);
  await worker.close();
  await server.stop();
  await context.verify([{ scenario: "large", name: "large orders", path }]);
};
