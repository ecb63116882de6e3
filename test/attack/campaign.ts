/**
 * All attacks, one after another, on an engine of its own process, while a bystander goes on asking. The
 * bystander is answered in time, memory stays within bounds, the engine goes on, and its store is sound.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { orderLimits } from "../../src/order/limits.ts";
import {
  type EngineProcess,
  eventually,
  runToEnd,
  startFlags,
  startProcess,
  withFolder,
} from "../process/process.ts";
import { orderFor } from "../support/server.ts";
import { type Attack, attacks, type Target } from "./attacks.ts";
import type { Report } from "./bystander.ts";
import { placeOf } from "./wire.ts";

export interface Plan {
  /** Files that the engine may open: connections, its store, all. */
  readonly openFiles: number | undefined;
  readonly connections: number;
  readonly holdMs: number;
  readonly rampMs: number;
  /** Orders of as many lines as there may be. */
  readonly hugeOrders: number;
  /** How long a bystander may wait; null where the machine has other work, and nothing can be said of time. */
  readonly answerMs: number | null;
  /** How far the clock of another engine on the same store is ahead; for 0 there is no other. */
  readonly daysAhead: number;
}

export interface Found {
  readonly attack: string;
  readonly report: Report;
  readonly peakMegabytes: number;
}

const memoryMegabytes = 600;
const wrongClock = fileURLToPath(new URL("../process/supervisor/wrong-clock.ts", import.meta.url));

/** The most that the process ever had in memory; 0 where the system does not tell. */
const peakMegabytes = ({ pid }: EngineProcess): number => {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Math.round(Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1_024);
  } catch {
    return 0;
  }
};

/** With a key of its own, as others have theirs. */
const startBystander = async (engine: EngineProcess) => {
  const json = { name: "bystander", role: "admin" };
  const made = await engine.ask("/v1/admin/keys", { json });
  const { address } = engine;
  const key = String(made.body.key);
  const worker = new Worker(new URL("./bystander.ts", import.meta.url), { type: "module" });
  worker.postMessage({ address, key });
  return {
    report: (): Promise<Report> =>
      new Promise((resolve, reject) => {
        worker.onmessage = ({ data }: MessageEvent<Report>) => resolve(data);
        worker.onerror = (event) => reject(new Error(event.message));
        worker.postMessage("report");
      }),
    [Symbol.dispose]: () => worker.terminate(),
  };
};

const placeHuge = async (engine: EngineProcess, orders: number): Promise<void> => {
  const { lines: [line], ...order } = orderFor("", { song: 1 }, { channel: "huge" });
  const lines = Array(orderLimits.lines).fill({ ...line, fulfillment: { method: "digital" } });
  for (let n = 0; n < orders; n++) {
    const placed = await engine.ask("/v1/orders", {
      json: { ...order, externalId: `${n}`, lines },
    });
    if (placed.status !== 201) throw new Error(placed.text.slice(0, 500));
  }
};

/** While nobody attacks: what the machine itself makes one wait for, which is no fault of the engine. */
const calm: Attack = {
  name: "nothing",
  run: ({ holdMs }) => new Promise((resolve) => setTimeout(resolve, holdMs)),
};

const problemsIn = (
  { attack, report: { slowestMs, wrong }, peakMegabytes }: Found,
  calmMs: number,
  answerMs: number | null,
): readonly string[] => [
  ...wrong.map((what) => `${attack}: a bystander got ${what}`),
  ...(answerMs === null || slowestMs <= answerMs + 2 * calmMs
    ? []
    : [`${attack}: a bystander waited ${slowestMs.toFixed(0)} ms`]),
  ...(peakMegabytes <= memoryMegabytes ? [] : [`${attack}: ${peakMegabytes} MB of memory`]),
];

/** Another process on the same file, whose clock is days ahead. */
const startAhead = (cwd: string, days: number): Promise<EngineProcess> =>
  startProcess({
    cwd,
    flags: [...startFlags, "--preload", wrongClock],
    env: { CLOCK_OFFSET_MS: String(days * 24 * 3_600_000) },
  });

/** While the file is elsewhere nothing is acknowledged; when it is back, the engine goes on by itself. */
const takeStoreAway = async (engine: EngineProcess, path: string): Promise<readonly string[]> => {
  const statuses = async () => {
    const { lines: [line], ...order } = orderFor("away", { song: 1 });
    const lines = [{ ...line, fulfillment: { method: "digital" } }];
    const { status: placed } = await engine.ask("/v1/orders", { json: { ...order, lines } });
    const { status: ready } = await engine.ask("/readyz");
    return `${placed} ${ready}`;
  };
  await Deno.rename(path, `${path}.away`);
  const away = await statuses();
  await Deno.rename(`${path}.away`, path);
  await eventually(
    "readiness after the store was back",
    async () => (await engine.ask("/readyz")).status === 200 || null,
  );
  return away === "503 503" ? [] : [`without its store it answered ${away}`];
};

/** What went wrong; nothing is as it should be. `tell` hears of each attack when it is over. */
export const runCampaign = async (
  plan: Plan,
  tell: (found: Found) => void = () => undefined,
): Promise<readonly string[]> => {
  const problems: string[] = [];
  await withFolder(async (cwd) => {
    {
      await using engine = await startProcess({ cwd, openFiles: plan.openFiles });
      const { address, key, ask: admin } = engine;
      const target: Target = { ...plan, place: placeOf(address), key, admin };
      await placeHuge(engine, plan.hugeOrders);
      {
        using bystander = await startBystander(engine);
        await using _ahead = plan.daysAhead === 0 ? null : await startAhead(cwd, plan.daysAhead);
        let calmMs = 0;
        for (const attack of [calm, ...attacks]) {
          await attack.run(target);
          const report = await bystander.report();
          const found = { attack: attack.name, report, peakMegabytes: peakMegabytes(engine) };
          if (attack === calm) calmMs = report.slowestMs;
          tell(found);
          problems.push(...problemsIn(found, calmMs, plan.answerMs));
        }
      }
      problems.push(...await takeStoreAway(engine, `${cwd}/allot.sqlite3`));
      engine.signal("SIGTERM");
      const code = await engine.ended;
      if (code !== 0) problems.push(`the engine ended with ${code}: ${engine.printed().error}`);
    }
    const proof = await runToEnd("src/verify/main.ts", { cwd });
    if (proof.code !== 0) problems.push(`the store is not sound: ${proof.out}${proof.error}`);
  });
  return problems;
};
