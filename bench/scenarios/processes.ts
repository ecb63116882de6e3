/**
 * `processes`: several engines on one store file; and several engines over a store whose commits take as
 * long as a network makes them, all on one SKU.
 */
import { together } from "../load/outcome.ts";
import type { Context, Entrant, StoppedStore } from "../suite/context.ts";
import type { Plan } from "../suite/plan.ts";
import type { Worker } from "../suite/worker.ts";
import type { Measured } from "../worker/protocol.ts";

/** In all, however many engines share them. */
const clients = 256;

const measureTogether = async (workers: readonly Worker[], seconds: number): Promise<Measured> => {
  const each = Math.round(clients / workers.length);
  const measured = await Promise.all(
    workers.map((worker) => worker.measure({ clients: each, seconds })),
  );
  const sum = (fact: string) =>
    measured.reduce((total, { facts }) => total + (facts[fact] ?? 0), 0);
  const [commits, conflicts] = [sum("commits"), sum("conflicts")];
  return {
    ...together(measured),
    facts: { commits, conflicts, conflictsPerCommit: conflicts / Math.max(1, commits - conflicts) },
  };
};

const plural = (count: number): string => `${count} engine${count === 1 ? "" : "s"}`;

interface Lane {
  readonly entrant: Entrant;
  readonly store: StoppedStore;
}

const oneFile = async (context: Context, engines: number): Promise<Lane> => {
  const path = context.storePath(`engines-${engines}`);
  const workers: Worker[] = [];
  for (let i = 0; i < engines; i++) {
    workers.push(
      await context.worker({ kind: "engine", path, orders: "hot", prepare: i === 0 }),
    );
  }
  await measureTogether(workers, context.plan.engineWarmUpSeconds);
  return {
    entrant: {
      scenario: "processes",
      subject: "one file",
      setting: plural(engines),
      at: engines,
      measure: () => measureTogether(workers, context.plan.seconds),
    },
    store: { scenario: "processes", name: `${plural(engines)}, one file`, path },
  };
};

const distant = async (
  context: Context,
  { commitLatencyMs, rounds, lengths }: Plan["latencies"][number],
  engines: number,
): Promise<Lane> => {
  const path = context.storePath(`distant-${commitLatencyMs}-${engines}`);
  const worker = await context.worker({
    kind: "engine",
    path,
    orders: "one-sku",
    engines,
    commitLatencyMs,
  });
  const { warmUpSeconds, engineWarmUpSeconds } = context.plan;
  await worker.measure({ clients, seconds: rounds > 1 ? engineWarmUpSeconds : warmUpSeconds });
  return {
    entrant: {
      scenario: "processes",
      subject: `${commitLatencyMs} ms commits`,
      setting: plural(engines),
      at: engines,
      measure: () => worker.measure({ clients, seconds: context.plan.seconds * lengths }),
    },
    store: {
      scenario: "processes",
      name: `${plural(engines)}, ${commitLatencyMs} ms commits`,
      path,
    },
  };
};

const runLanes = async (
  context: Context,
  lanes: readonly Lane[],
  rounds: number,
): Promise<readonly StoppedStore[]> => {
  const rows = await context.alternate(lanes.map(({ entrant }) => entrant), rounds);
  for (const { subject, setting, facts } of rows) {
    const conflicts = (facts["conflictsPerCommit"] ?? 0).toFixed(2);
    context.say(`  processes  ${subject}, ${setting}: ${conflicts} conflicts per commit`);
  }
  await context.closeAll();
  return lanes.map(({ store }) => store);
};

export const runProcesses = async (context: Context): Promise<void> => {
  const stores: StoppedStore[] = [];
  const files: Lane[] = [];
  for (const engines of context.plan.processes) files.push(await oneFile(context, engines));
  stores.push(...await runLanes(context, files, context.plan.rounds));
  for (const latency of context.plan.latencies) {
    const lanes: Lane[] = [];
    for (const count of latency.engines) lanes.push(await distant(context, latency, count));
    stores.push(...await runLanes(context, lanes, latency.rounds));
  }
  await context.verify(stores);
};
