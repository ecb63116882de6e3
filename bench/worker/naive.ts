/**
 * What one writes first: get the stock, check it, set it, and again when somebody else was faster. One order
 * a commit, values as plain objects.
 */
import { closedLoop } from "../load/drive.ts";
import { orderStream, plenty } from "../traffic/orders.ts";
import type { Audit, Contender } from "./protocol.ts";

interface Row {
  readonly onHand: number;
  readonly reserved: number;
}

const stockKey = (sku: string) => ["stock", sku];

const auditOf = async (kv: Deno.Kv): Promise<Audit> => {
  let [orders, unitsSold, promised, excess] = [0, 0, 0, 0];
  for await (const { value } of kv.list<{ lines: { quantity: number }[] }>({ prefix: ["order"] })) {
    orders++;
    for (const { quantity } of value.lines) unitsSold += quantity;
  }
  for await (const { value } of kv.list<Row>({ prefix: ["stock"] })) {
    promised += value.reserved;
    excess += Math.max(0, value.reserved - value.onHand);
  }
  return { orders, unitsSold, oversold: excess + Math.abs(unitsSold - promised) };
};

export const openNaive = async (path: string, run: string): Promise<Contender> => {
  const kv = await Deno.openKv(path);
  const { plan, order } = orderStream("hot", run);
  for (const { skus } of plan.stock) {
    for (const sku of skus) await kv.set(stockKey(sku), { onHand: plenty, reserved: 0 });
  }
  let tries = 0;
  let sent = 0;
  const once = async (id: string, wanted: ReturnType<typeof order>) => {
    const rows = await Promise.all(wanted.lines.map(({ sku }) => kv.get<Row>(stockKey(sku))));
    const reference = ["reference", wanted.channel, wanted.externalId];
    let atomic = kv.atomic().check({ key: reference, versionstamp: null });
    for (const [index, row] of rows.entries()) {
      const { quantity } = wanted.lines[index] ?? { quantity: 0 };
      if (row.value === null || row.value.onHand - row.value.reserved < quantity) return "refused";
      atomic = atomic.check(row)
        .set(row.key, { ...row.value, reserved: row.value.reserved + quantity });
    }
    const { ok } = await atomic.set(["order", id], { id, ...wanted }).set(reference, id).commit();
    return ok ? "accepted" : "again";
  };
  return {
    measure: async ({ clients, seconds }) => {
      const triesBefore = tries;
      const endMs = performance.now() + seconds * 1_000;
      const outcome = await closedLoop({
        clients,
        seconds,
        send: async () => {
          const n = sent++;
          const id = `${run}-${n.toString().padStart(9, "0")}`;
          const wanted = order(n);
          while (true) {
            tries++;
            const result = await once(id, wanted);
            if (result !== "again") return { result };
            // Whoever is still losing when the time is over gives up.
            if (performance.now() > endMs) return { result: "overloaded" };
          }
        },
      });
      const { accepted } = outcome.counts;
      return {
        ...outcome,
        facts: { triesPerOrder: (tries - triesBefore) / Math.max(1, accepted) },
      };
    },
    audit: () => auditOf(kv),
    close: () => kv.close(),
  };
};
