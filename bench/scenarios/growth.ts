/** `growth`: the same load over HTTP on stores that hold more and more orders already. */
import type { Row } from "../report/report.ts";
import { subjects } from "../report/ratios.ts";
import type { Context, Entrant } from "../suite/context.ts";
import { memoryOf } from "../suite/server.ts";

const connections = 64;

const fileBytes = async (path: string): Promise<number> => {
  let bytes = 0;
  for (const suffix of ["", "-wal"]) {
    try {
      bytes += (await Deno.stat(path + suffix)).size;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return bytes;
};

const seed = async (context: Context, path: string, orders: number): Promise<void> => {
  if (orders === 0) return;
  const worker = await context.worker({ kind: "seed", path, orders });
  await worker.close();
};

const lane = async (context: Context, path: string, stored: number) => {
  const fileBytesBefore = await fileBytes(path);
  const server = await context.server(path);
  const { url, key } = server;
  const worker = await context.worker({
    kind: "http",
    url,
    key,
    traffic: { kind: "orders", orders: "hot" },
  });
  await worker.measure({ clients: connections, seconds: context.plan.engineWarmUpSeconds });
  const entrant: Entrant = {
    scenario: "growth",
    subject: subjects.http,
    setting: `${stored.toLocaleString("en-US")} orders stored`,
    at: stored,
    measure: async () => {
      const measured = await worker.measure({
        clients: connections,
        seconds: context.plan.seconds,
      });
      const memoryBytes = await memoryOf(server.pid) ?? 0;
      return {
        ...measured,
        facts: { memoryBytes, fileBytes: fileBytesBefore, startMs: server.startMs },
      };
    },
  };
  return entrant;
};

const megabytes = (bytes: number | undefined): string => `${Math.round((bytes ?? 0) / 1e6)} MB`;

const describe = ({ setting, facts }: Row): string =>
  `  growth     ${setting}: file ${megabytes(facts["fileBytes"])}, memory ` +
  `${megabytes(facts["memoryBytes"])}, ready after ${Math.round(facts["startMs"] ?? 0)} ms`;

export const runGrowth = async (context: Context): Promise<void> => {
  const stores = context.plan.stored.map((stored) => ({
    stored,
    path: context.storePath(`growth-${stored}`),
  }));
  context.progress(`growth: storing ${context.plan.stored.join(", ")} orders`);
  await Promise.all(stores.map(({ stored, path }) => seed(context, path, stored)));
  const entrants: Entrant[] = [];
  for (const { stored, path } of stores) entrants.push(await lane(context, path, stored));
  const rows = await context.alternate(entrants);
  for (const row of rows) context.say(describe(row));
  await context.closeAll();
  await context.verify(
    // The largest first: the others are read beside it.
    stores.toReversed().map(({ stored, path }) => ({
      scenario: "growth",
      name: `${stored} orders and the load`,
      path,
    })),
  );
};
