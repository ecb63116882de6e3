/**
 * `dashboard`: what open dashboards cost. Over one engine, in turns: no page open, one, and many, while
 * orders come in as fast as they can.
 */
import { rowOf } from "../report/report.ts";
import { subjects } from "../report/ratios.ts";
import type { Context, Entrant } from "../suite/context.ts";
import { cpuSecondsOf } from "../suite/server.ts";
import type { Measured } from "../worker/protocol.ts";

const connections = 64;

export const runDashboard = async (context: Context): Promise<void> => {
  const { dashboards, seconds, rounds, warmUpSeconds } = context.plan;
  const path = context.storePath("dashboard");
  const { url, key, pid } = await context.server(path);
  const pages = await context.worker({ kind: "dashboards", url, key });
  const orders = await context.worker({
    kind: "http",
    url,
    key,
    traffic: { kind: "orders", orders: "hot" },
  });
  const looks: Measured[] = [];
  const measure = async (open: number, measuredSeconds: number): Promise<Measured> => {
    await pages.measure({ clients: open, seconds: 0 });
    const before = await cpuSecondsOf(pid);
    const [measured, looked] = await Promise.all([
      orders.measure({ clients: connections, seconds: measuredSeconds }),
      pages.measure({ clients: open, seconds: measuredSeconds }),
    ]);
    const cpuSeconds = await cpuSecondsOf(pid) - before;
    if (open === dashboards) looks.push(looked);
    const cpuMicrosPerOrder = cpuSeconds * 1e6 / Math.max(1, measured.counts.accepted);
    return { ...measured, facts: { cpuMicrosPerOrder } };
  };
  await measure(0, warmUpSeconds);
  await measure(dashboards, warmUpSeconds);
  looks.length = 0;
  const rows = await context.alternate(
    [0, 1, dashboards].map((open): Entrant => ({
      scenario: "dashboard",
      subject: subjects.dashboards,
      setting: `${open} open`,
      at: open,
      measure: () => measure(open, seconds),
    })),
    rounds,
  );
  context.add(rowOf({
    scenario: "dashboard",
    subject: "pages asked for again",
    setting: `${dashboards} open`,
    at: dashboards,
  }, looks));
  for (const { setting, facts } of rows) {
    const micros = (facts["cpuMicrosPerOrder"] ?? 0).toFixed(1);
    context.say(`  dashboard  ${setting}: the engine spends ${micros} µs of CPU on an order`);
  }
  await context.closeAll();
  await context.verify([{ scenario: "dashboard", name: "orders with dashboards", path }]);
};
