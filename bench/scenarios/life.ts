/**
 * `life`: whole lives of orders over HTTP at a fixed rate of requests, and the highest such rate at which 99
 * of 100 answers come within 50 ms of when the request was due.
 */
import { Histogram } from "../load/histogram.ts";
import { rowOf } from "../report/report.ts";
import type { Context } from "../suite/context.ts";
import type { Measured } from "../worker/protocol.ts";
import type { Worker } from "../suite/worker.ts";

const connections = 128;
const longestP99Ms = 50;
/** Below this, a percentile is of a handful of requests: nothing to look for. */
const lowestRate = 30;
/** Longer than a measurement elsewhere: a percentile needs its thousands. */
const secondsFactor = 2;

const p99Of = ({ latency }: Measured): number => Histogram.of(latency).percentile(99);

const holds = (measured: Measured): boolean => {
  const { error, overloaded } = measured.counts;
  return p99Of(measured) < longestP99Ms && error === 0 && overloaded === 0;
};

interface Found {
  readonly rate: number;
  readonly measured: Measured;
}

/** Doubles while it holds, then halves the distance between what held and what did not. */
const highestRate = async (context: Context, worker: Worker): Promise<Found | undefined> => {
  const seconds = context.plan.seconds * secondsFactor;
  let best: Found | undefined;
  let broken = Infinity;
  let rate = context.plan.lifeRate;
  for (let step = 0; step < context.plan.lifeSteps; step++) {
    context.progress(`life: ${Math.round(rate)} requests/s`);
    const measured = await worker.measure({ clients: connections, seconds, ratePerSecond: rate });
    const held = holds(measured);
    context.say(
      `  life       ${Math.round(rate).toString().padStart(6)} requests/s: p99 ` +
        `${p99Of(measured).toFixed(1)} ms${held ? "" : ", too slow"}`,
    );
    for (const error of measured.errors.slice(0, 1)) context.say(`             ${error}`);
    if (held) best = { rate, measured };
    else broken = rate;
    const lowest = best?.rate ?? 0;
    rate = broken === Infinity ? rate * 2 : (lowest + broken) / 2;
    if (rate < lowestRate) return best;
  }
  return best;
};

export const runLife = async (context: Context): Promise<void> => {
  const path = context.storePath("life");
  const server = await context.server(path);
  const { url, key } = server;
  const worker = await context.worker({ kind: "http", url, key, traffic: { kind: "life" } });
  await worker.measure({
    clients: connections,
    seconds: context.plan.warmUpSeconds,
    ratePerSecond: context.plan.lifeRate,
  });
  const best = await highestRate(context, worker);
  if (best === undefined) context.note("life: no rate held the 99th percentile under 50 ms.");
  else {
    context.add(rowOf({
      scenario: "life",
      subject: "requests of lives",
      setting: `${Math.round(best.rate)} requests/s due`,
      at: Math.round(best.rate),
    }, [best.measured]));
  }
  await worker.close();
  await server.stop();
  await context.verify([{ scenario: "life", name: "whole lives", path }]);
};
