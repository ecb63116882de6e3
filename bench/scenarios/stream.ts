/**
 * `stream`: readers of the status stream, each on a channel of its own, while orders of all those channels
 * come in: what the readers cost the orders, and how long after its commit a change gets to its reader.
 */
import { rowOf } from "../report/report.ts";
import type { Context } from "../suite/context.ts";
import type { Worker } from "../suite/worker.ts";
import type { Measured } from "../worker/protocol.ts";

const connections = 64;

const lane = async (context: Context, name: string) => {
  const path = context.storePath(name);
  const server = await context.server(path);
  const { url, key } = server;
  const worker = await context.worker({
    kind: "http",
    url,
    key,
    traffic: { kind: "orders", orders: "channels" },
  });
  await worker.measure({ clients: connections, seconds: context.plan.warmUpSeconds });
  return { path, server, worker };
};

export const runStream = async (context: Context): Promise<void> => {
  const { readers: count, seconds, rounds, warmUpSeconds } = context.plan;
  const without = await lane(context, "unwatched");
  const watched = await lane(context, "watched");
  const { url, key } = watched.server;
  const readers = await context.worker({ kind: "readers", url, key, readers: count });
  const seen: Measured[] = [];
  const load = (worker: Worker) => worker.measure({ clients: connections, seconds });
  await watched.worker.measure({ clients: connections, seconds: warmUpSeconds });
  await context.alternate([
    {
      scenario: "stream",
      subject: "without readers",
      setting: `${connections} connections`,
      at: 0,
      measure: () => load(without.worker),
    },
    {
      scenario: "stream",
      subject: "with readers",
      setting: `${count} readers`,
      at: count,
      measure: async () => {
        const [measured, delays] = await Promise.all([
          load(watched.worker),
          readers.measure({ clients: count, seconds }),
        ]);
        seen.push(delays);
        return measured;
      },
    },
  ], rounds);
  context.add(rowOf({
    scenario: "stream",
    subject: "changes to readers",
    setting: `${count} readers`,
    at: count,
  }, seen));
  const dropped = seen.at(-1)?.facts["dropped"] ?? 0;
  if (dropped > 0) context.note(`stream: ${dropped} of ${count} readers were dropped.`);
  await context.closeAll();
  await context.verify([
    { scenario: "stream", name: "orders without readers", path: without.path },
    { scenario: "stream", name: "orders with readers", path: watched.path },
  ]);
};
