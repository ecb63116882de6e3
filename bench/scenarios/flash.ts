/** `flash`: many buyers at once for few units, over HTTP, with duplicates and retries among them. */
import { rowOf } from "../report/report.ts";
import { Histogram } from "../load/histogram.ts";
import { flashSkuPrefix } from "../traffic/flash.ts";
import type { Context } from "../suite/context.ts";

const connections = 256;
const longestSeconds = 120;

export const runFlash = async (context: Context): Promise<void> => {
  const sale = context.plan.flash;
  const path = context.storePath("flash");
  const server = await context.server(path);
  const { url, key } = server;
  // Another load first, so that the sale does not meet cold code.
  const warming = await context.worker({
    kind: "http",
    url,
    key,
    traffic: { kind: "orders", orders: "hot" },
  });
  await warming.measure({ clients: connections, seconds: context.plan.warmUpSeconds });
  await warming.close();
  const worker = await context.worker({ kind: "http", url, key, traffic: { kind: "flash", sale } });
  context.progress(`flash: ${sale.buyers} buyers for ${sale.units} units`);
  const measured = await worker.measure({
    clients: connections,
    seconds: longestSeconds,
    keepCurve: true,
  });
  await worker.close();
  await server.stop();
  const { counts, seconds, acceptedAtMs } = measured;
  const refusals = Histogram.of(measured.refusalLatency).percentiles();
  const requests = counts.accepted + counts.refused + counts.repeated;
  const sellOutMs = acceptedAtMs.at(-1) ?? 0;
  context.sellOutMs = acceptedAtMs;
  const row = rowOf({
    scenario: "flash",
    subject: "over HTTP",
    setting: `${connections} connections`,
    at: connections,
  }, [measured]);
  context.add({
    ...row,
    facts: {
      sold: counts.accepted,
      refused: counts.refused,
      repeated: counts.repeated,
      sellOutMs,
      requestsPerSecond: requests / seconds,
      refusalP50Ms: refusals.p50,
      refusalP99Ms: refusals.p99,
      refusalP999Ms: refusals.p999,
    },
  });
  context.say(
    `  flash      ${counts.accepted} sold of ${sale.units} in ${sellOutMs.toFixed(0)} ms, ` +
      `${counts.refused} refused (p50 ${refusals.p50.toFixed(1)}, p99 ${
        refusals.p99.toFixed(1)
      } ms), ` +
      `${counts.repeated} repeated, ${Math.round(requests / seconds)} requests/s`,
  );
  await context.verify([
    { scenario: "flash", name: "the sale", path, skuPrefix: flashSkuPrefix },
  ]);
};
