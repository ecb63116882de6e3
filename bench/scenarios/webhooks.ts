/**
 * `webhooks`: what telling endpoints costs the orders, how fast one lane is, and what it costs when nobody is at
 * its end. The other ends are programs of their own on the same machine.
 */
import { subjects } from "../report/ratios.ts";
import { rowOf } from "../report/report.ts";
import type { Context } from "../suite/context.ts";
import { Endpoints } from "../suite/endpoints.ts";
import { memoryOf, type Server } from "../suite/server.ts";
import type { Worker } from "../suite/worker.ts";
import type { Measured } from "../worker/protocol.ts";

const scenario = "webhooks";
const connections = 64;
const lanes = 3;
/** So many orders gather for the one lane; each is two events. */
const gathered = 5_000;
const gatheredOfQuick = 2_000;
const eventsOfOrder = 2;
/** Longer than anything here takes. */
const longSeconds = 120;
const mebibyte = 1024 * 1024;
/** Under load, one engine takes and gives back so much more than another. */
const flatMebibytes = 64;

interface Loaded {
  readonly path: string;
  readonly server: Server;
  readonly worker: Worker;
  readonly endpoints: Endpoints;
}

const engine = async (context: Context, name: string): Promise<Loaded> => {
  const path = context.storePath(name);
  const server = await context.server(path, { ALLOT_OUTBOUND_ALLOW: "127.0.0.1" });
  const { url, key } = server;
  const worker = await context.worker({
    kind: "http",
    url,
    key,
    traffic: { kind: "orders", orders: "hot" },
  });
  await worker.measure({ clients: connections, seconds: context.plan.engineWarmUpSeconds });
  return { path, server, worker, endpoints: new Endpoints(server) };
};

/** The load with lanes, and what they sent meanwhile; then they send the rest, while nobody measures. */
const told = async (
  { worker, endpoints }: Loaded,
  sink: Worker,
  seconds: number,
): Promise<readonly [orders: Measured, sent: Measured]> => {
  const both = await Promise.all([
    worker.measure({ clients: connections, seconds }),
    sink.measure({ clients: 1, seconds }),
  ]);
  await endpoints.drained();
  return both;
};

const growth = async (pid: number, before: number | null): Promise<number | null> => {
  const after = await memoryOf(pid);
  return before === null || after === null ? null : Math.round((after - before) / mebibyte);
};

/** Orders at full load, in turns: without endpoints, with some, and with one where nobody is. */
const atFullLoad = async (context: Context): Promise<readonly Loaded[]> => {
  const { seconds, rounds, warmUpSeconds } = context.plan;
  const alone = await engine(context, "alone");
  const watched = await engine(context, "watched");
  const unheard = await engine(context, "unheard");
  const sink = await context.worker({ kind: "sink", answerMs: 0 });
  await watched.endpoints.make(lanes, sink.opened["port"] ?? 0);
  const nobody = await context.worker({ kind: "sink", answerMs: 0 });
  await unheard.endpoints.make(1, nobody.opened["port"] ?? 0);
  await nobody.close();
  await told(watched, sink, warmUpSeconds);
  await unheard.worker.measure({ clients: connections, seconds: warmUpSeconds });
  const before = await memoryOf(unheard.server.pid);
  const beforeAlone = await memoryOf(alone.server.pid);
  const sent: Measured[] = [];
  const setting = `${connections} connections`;
  await context.alternate([
    {
      ...{ scenario, subject: subjects.untold, setting, at: 0 },
      measure: () => alone.worker.measure({ clients: connections, seconds }),
    },
    {
      ...{ scenario, subject: subjects.told, setting: `${lanes} endpoints`, at: lanes },
      measure: async () => {
        const [orders, meanwhile] = await told(watched, sink, seconds);
        sent.push(meanwhile);
        return orders;
      },
    },
    {
      ...{ scenario, subject: subjects.unheard, setting: "1 endpoint", at: 1 },
      measure: () => unheard.worker.measure({ clients: connections, seconds }),
    },
  ], rounds);
  const name = { scenario, subject: "sent meanwhile", setting: `${lanes} endpoints`, at: lanes };
  context.add(rowOf({ ...name, scenario }, sent));
  const grown = await growth(unheard.server.pid, before);
  const grownAlone = await growth(alone.server.pid, beforeAlone);
  if (grown !== null && grownAlone !== null) {
    context.say(
      `  webhooks   memory with nobody at the other end: ${grown} MiB more, ` +
        `${grownAlone} without endpoints`,
    );
    if (grown - grownAlone > flatMebibytes) {
      context.note(`webhooks: ${grown} MiB more while nobody is at the other end is not flat.`);
    }
  }
  return [alone, watched, unheard];
};

/** Events gather while the lane stands still; then it sends them as fast as it can. */
const oneLane = async (context: Context): Promise<Loaded> => {
  const { quick, rounds } = context.plan;
  const watched = await engine(context, "one-lane");
  const sink = await context.worker({ kind: "sink", answerMs: 1 });
  await watched.endpoints.make(1, sink.opened["port"] ?? 0);
  const orders = quick ? gatheredOfQuick : gathered;
  const measure = async (): Promise<Measured> => {
    await watched.endpoints.turn("disable");
    await watched.worker.measure({ clients: connections, seconds: longSeconds, requests: orders });
    const requests = eventsOfOrder * orders;
    const [sent] = await Promise.all([
      sink.measure({ clients: 1, seconds: longSeconds, requests }),
      watched.endpoints.turn("enable"),
    ]);
    await watched.endpoints.drained();
    return sent;
  };
  await measure();
  const [row] = await context.alternate([
    { ...{ scenario, subject: subjects.oneLane, setting: "a sink of 1 ms", at: 1 }, measure },
  ], rounds);
  const { disordered = 0 } = row?.facts ?? {};
  if (disordered > 0) {
    context.note(`webhooks: ${disordered} events came before others of their order.`);
  }
  return watched;
};

export const runWebhooks = async (context: Context): Promise<void> => {
  const one = await oneLane(context);
  await context.closeAll();
  const [alone, watched, unheard] = await atFullLoad(context);
  await context.closeAll();
  const named = { "one lane": one, "orders untold": alone, "orders told": watched, unheard };
  await context.verify(
    Object.entries(named).flatMap(([name, loaded]) =>
      loaded === undefined ? [] : [{ scenario, name, path: loaded.path } as const]
    ),
  );
};
