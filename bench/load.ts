/**
 * `deno task load`: load for any running engine, from a process of its own. Ends by asking the engine to
 * verify itself.
 */
import { Schema, SchemaParser } from "effect";
import { closedLoop, openLoop } from "./load/drive.ts";
import { Histogram } from "./load/histogram.ts";
import type { Outcome } from "./load/outcome.ts";
import { type LoadOptions, loadOptions, loadUsage, WrongUsage } from "./options.ts";
import { httpTraffic, type TrafficKind } from "./traffic/http.ts";
import { askOf, prepareOver } from "./traffic/prepare.ts";
import { oversoldUnits } from "./oversold.ts";

const flashSale = { buyers: 10_000, units: 500 };

const trafficOf = (scenario: LoadOptions["scenario"]): TrafficKind => {
  switch (scenario) {
    case "hot":
      return { kind: "orders", orders: "hot" };
    case "spread":
      return { kind: "orders", orders: "spread-locations" };
    case "large":
      return { kind: "orders", orders: "large" };
    case "flash":
      return { kind: "flash", sale: flashSale };
    case "life":
      return { kind: "life" };
  }
};

const Verified = SchemaParser.decodeUnknownSync(Schema.Struct({
  ok: Schema.Boolean,
  counts: Schema.Record(Schema.String, Schema.Finite),
  violationsFound: Schema.Finite,
  violations: Schema.Array(Schema.Struct({ invariant: Schema.String, detail: Schema.String })),
}));

const StockPage = SchemaParser.decodeUnknownSync(Schema.Struct({
  data: Schema.Array(Schema.Struct({
    locationId: Schema.String,
    sku: Schema.String,
    onHand: Schema.Finite,
    reserved: Schema.Finite,
    unavailable: Schema.Finite,
    safetyStock: Schema.Finite,
  })),
  nextCursor: Schema.NullOr(Schema.String),
}));

const rowsPerPage = 200;

/** Units promised beyond what is there, over all stock rows of the engine. */
const oversoldAt = async (options: LoadOptions): Promise<number> => {
  let oversold = 0;
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams({ limit: String(rowsPerPage) });
    if (cursor !== null) query.set("cursor", cursor);
    const page: ReturnType<typeof StockPage> = StockPage(
      await askOf(options, "GET", `/v1/inventory?${query}`),
    );
    oversold += oversoldUnits(page.data);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return oversold;
};

const run = async (options: LoadOptions): Promise<Outcome> => {
  const id = `${Date.now().toString(36)}-${Deno.pid.toString(36)}`;
  const traffic = httpTraffic(trafficOf(options.scenario), options, id);
  await prepareOver(options, traffic.plan);
  const { seconds, rate, connections: clients } = options;
  const { send, requests } = traffic;
  const enough = requests === undefined || rate === undefined ? seconds : requests / rate;
  const outcome = rate === undefined
    ? await closedLoop({ clients, seconds, requests, send })
    : await openLoop({
      clients,
      seconds: Math.min(seconds, enough),
      ratePerSecond: rate,
      send,
    });
  await traffic.finish();
  traffic.close();
  return outcome;
};

const linesOf = (options: LoadOptions, outcome: Outcome): readonly string[] => {
  const { counts, seconds } = outcome;
  const answers = counts.accepted + counts.repeated + counts.refused + counts.overloaded;
  const { p50, p90, p99, p999, max } = Histogram.of(outcome.latency).percentiles();
  const how = options.rate === undefined
    ? `${options.connections} connections`
    : `${options.rate} requests/s due, at most ${options.connections} at once`;
  return [
    `${options.scenario} at ${options.url.origin}: ${how}, ${seconds.toFixed(1)} s`,
    `rate       ${(answers / seconds).toFixed(0)} answers/s, ` +
    `${(counts.accepted / seconds).toFixed(0)} accepted/s`,
    `latency    p50 ${p50.toFixed(2)}  p90 ${p90.toFixed(2)}  p99 ${p99.toFixed(2)}  ` +
    `p99.9 ${p999.toFixed(2)}  max ${max.toFixed(2)} ms` +
    (options.rate === undefined ? "" : " (from when a request was due)"),
    `accepted   ${counts.accepted}`,
    `repeated   ${counts.repeated}`,
    `refused    ${counts.refused}`,
    `put off    ${counts.overloaded}`,
    `errors     ${counts.error}`,
    ...outcome.errors.map((error) => `           ${error}`),
  ];
};

const main = async (): Promise<number> => {
  const options = loadOptions(Deno.args, Deno.env.get("ALLOT_ADMIN_KEY"));
  if (options === "help") {
    console.log(loadUsage);
    return 0;
  }
  const outcome = await run(options);
  const verified = Verified(await askOf(options, "POST", "/v1/admin/verify", {}));
  const oversold = await oversoldAt(options);
  if (options.json) {
    const latencyMs = Histogram.of(outcome.latency).percentiles();
    const { counts, seconds, errors } = outcome;
    console.log(JSON.stringify({ counts, seconds, latencyMs, errors, oversold, verified }));
  } else {
    for (const line of linesOf(options, outcome)) console.log(line);
    console.log(`oversold   ${oversold}`);
    console.log(
      verified.ok
        ? `verified   sound: ${verified.counts["orders"]} orders, no violation`
        : `verified   ${verified.violationsFound} VIOLATIONS`,
    );
    for (const { invariant, detail } of verified.violations) {
      console.log(`           ${invariant}: ${detail}`);
    }
  }
  return verified.ok && oversold === 0 && outcome.counts.error === 0 ? 0 : 1;
};

try {
  Deno.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  if (error instanceof WrongUsage) console.error(`\n${loadUsage}`);
  Deno.exitCode = 2;
}
