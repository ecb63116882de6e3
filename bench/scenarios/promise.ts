/**
 * `promise`: how long availability by date and a large promise take by themselves, and questions for a promise over
 * HTTP beside orders of the same lines.
 */
import { subjects } from "../report/ratios.ts";
import type { Context, Entrant } from "../suite/context.ts";
import { type PlanKind, planKinds } from "../traffic/promises.ts";

const scenario = "promise";
const connections = 64;

const named: Readonly<Record<PlanKind, { readonly subject: string; readonly setting: string }>> = {
  atp: { subject: subjects.atp, setting: "500 supplies" },
  promise: { subject: subjects.plan, setting: "20 lines, 50 locations" },
};

const alone = async (context: Context): Promise<void> => {
  const { seconds, warmUpSeconds } = context.plan;
  const entrants: Entrant[] = [];
  for (const what of planKinds) {
    const worker = await context.worker({ kind: "plans", what });
    await worker.measure({ clients: 1, seconds: warmUpSeconds });
    const measure = () => worker.measure({ clients: 1, seconds });
    entrants.push({ scenario, ...named[what], at: 1, measure });
  }
  await context.alternate(entrants);
  await context.closeAll();
};

const overHttp = async (context: Context): Promise<void> => {
  const { seconds, engineWarmUpSeconds } = context.plan;
  const stores = [];
  const entrants: Entrant[] = [];
  for (const subject of [subjects.promised, subjects.placed]) {
    const path = context.storePath(subject === subjects.promised ? "promised" : "placed");
    const { url, key } = await context.server(path);
    const traffic = subject === subjects.promised
      ? { kind: "promise" } as const
      : { kind: "orders", orders: "hot" } as const;
    const worker = await context.worker({ kind: "http", url, key, traffic });
    await worker.measure({ clients: connections, seconds: engineWarmUpSeconds });
    entrants.push({
      ...{ scenario, subject, setting: `${connections} connections`, at: connections },
      measure: () => worker.measure({ clients: connections, seconds }),
    });
    stores.push({ scenario, name: subject, path } as const);
  }
  await context.alternate(entrants);
  await context.closeAll();
  await context.verify(stores);
};

export const runPromise = async (context: Context): Promise<void> => {
  await alone(context);
  await overHttp(context);
};
