/** `cart`: orders whose units a cart keeps first, in a commit of its own, beside the same orders without. */
import { subjects } from "../report/ratios.ts";
import type { Context } from "../suite/context.ts";

const scenario = "cart";
const clients = 256;

export const runCart = async (context: Context): Promise<void> => {
  const { seconds, engineWarmUpSeconds } = context.plan;
  const engine = async (subject: string, carts: boolean) => {
    const path = context.storePath(carts ? "carts" : "no-carts");
    const worker = await context.worker({ kind: "engine", path, orders: "hot", carts });
    await worker.measure({ clients, seconds: engineWarmUpSeconds });
    const measure = () => worker.measure({ clients, seconds });
    return {
      entrant: { scenario, subject, setting: `${clients} clients`, at: 0, measure } as const,
      store: { scenario, name: subject, path } as const,
    };
  };
  const lanes = [await engine(subjects.uncarted, false), await engine(subjects.carted, true)];
  await context.alternate(lanes.map(({ entrant }) => entrant));
  await context.closeAll();
  await context.verify(lanes.map(({ store }) => store));
};
