/**
 * `paid`: whole lives of orders that are paid for, beside lives of the same orders that are not. Each is captured
 * at its shipment by a provider on the same machine; one in ten is cancelled and refunded, and one in ten comes back
 * and is refunded.
 */
import { subjects } from "../report/ratios.ts";
import type { Context } from "../suite/context.ts";
import { BenchProvider } from "../suite/provider.ts";
import type { Server } from "../suite/server.ts";
import type { Worker } from "../suite/worker.ts";

const scenario = "paid";
const connections = 64;

interface Loaded {
  readonly path: string;
  readonly server: Server;
  readonly worker: Worker;
}

const engine = async (context: Context, provider: BenchProvider, isPaid: boolean) => {
  const path = context.storePath(isPaid ? "paid" : "unpaid");
  const server = await context.server(path, { ALLOT_OUTBOUND_ALLOW: "127.0.0.1" });
  const { url, key } = server;
  await provider.introduce(server);
  const traffic = { kind: "life", isPaid } as const;
  const worker = await context.worker({ kind: "http", url, key, traffic });
  await worker.measure({ clients: connections, seconds: context.plan.engineWarmUpSeconds });
  const loaded: Loaded = { path, server, worker };
  return loaded;
};

export const runPaid = async (context: Context): Promise<void> => {
  const { seconds } = context.plan;
  const provider = new BenchProvider();
  try {
    const unpaid = await engine(context, provider, false);
    const paid = await engine(context, provider, true);
    const entrant = (subject: string, { worker }: Loaded) => ({
      ...{ scenario, subject, setting: `${connections} connections`, at: 0 } as const,
      measure: () => worker.measure({ clients: connections, seconds }),
    });
    await context.alternate([entrant(subjects.unpaid, unpaid), entrant(subjects.paid, paid)]);
    context.say(`  paid       the provider was called ${provider.calls} times`);
    for (const { worker, server } of [unpaid, paid]) {
      await worker.close();
      await server.stop();
    }
    await context.verify([
      { scenario, name: "lives without payments", path: unpaid.path },
      { scenario, name: "lives that are paid for", path: paid.path },
    ]);
  } finally {
    await provider.close();
  }
};
