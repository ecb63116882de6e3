/** `deno task bench`: the suite, its table on the screen, and its report in bench/results/<time>/. */
import { benchOptions, benchUsage, WrongUsage } from "./options.ts";
import { pageOf } from "./report/page.ts";
import { ratiosOf } from "./report/ratios.ts";
import { isSound, type Report } from "./report/report.ts";
import { runCore } from "./scenarios/core.ts";
import { runDashboard } from "./scenarios/dashboard.ts";
import { runFeed } from "./scenarios/feed.ts";
import { runFlash } from "./scenarios/flash.ts";
import { runGrowth } from "./scenarios/growth.ts";
import { runLarge } from "./scenarios/large.ts";
import { runLife } from "./scenarios/life.ts";
import { runLists } from "./scenarios/lists.ts";
import { runCart } from "./scenarios/cart.ts";
import { runPaid } from "./scenarios/paid.ts";
import { runPromise } from "./scenarios/promise.ts";
import { runProcesses } from "./scenarios/processes.ts";
import { runStream } from "./scenarios/stream.ts";
import { runWebhooks } from "./scenarios/webhooks.ts";
import { Context } from "./suite/context.ts";
import { commitOf, machine, versions } from "./suite/machine.ts";
import { type Plan, planOf, type ScenarioName } from "./suite/plan.ts";
import { screenOf } from "./suite/screen.ts";

interface Part {
  readonly title: string;
  readonly scenarios: readonly ScenarioName[];
  readonly run: (context: Context) => Promise<void>;
}

const parts: readonly Part[] = [
  {
    title: "hot, spread, ceiling, naive and peers, in turns",
    scenarios: ["hot", "spread", "ceiling", "naive"],
    run: runCore,
  },
  { title: "flash", scenarios: ["flash"], run: runFlash },
  { title: "life", scenarios: ["life"], run: runLife },
  { title: "large", scenarios: ["large"], run: runLarge },
  { title: "stream", scenarios: ["stream"], run: runStream },
  { title: "feed", scenarios: ["feed"], run: runFeed },
  { title: "webhooks", scenarios: ["webhooks"], run: runWebhooks },
  { title: "paid", scenarios: ["paid"], run: runPaid },
  { title: "cart", scenarios: ["cart"], run: runCart },
  { title: "promise", scenarios: ["promise"], run: runPromise },
  { title: "dashboard", scenarios: ["dashboard"], run: runDashboard },
  { title: "processes", scenarios: ["processes"], run: runProcesses },
  { title: "growth", scenarios: ["growth"], run: runGrowth },
  { title: "lists", scenarios: ["lists"], run: runLists },
];

const results = new URL("./results/", import.meta.url).pathname;

/** Runs what was asked for; a part that fails is told of, and the others go on. False when any failed. */
const runParts = async (context: Context): Promise<boolean> => {
  let whole = true;
  for (const { title, scenarios, run } of parts) {
    const peersToo = context.plan.peers && run === runCore;
    if (!peersToo && !scenarios.some((name) => context.plan.scenarios.includes(name))) continue;
    context.say(title);
    try {
      await run(context);
    } catch (error) {
      whole = false;
      context.note(`FAILED: ${title}: ${error instanceof Error ? error.message : error}`);
    } finally {
      await context.closeAll();
    }
  }
  return whole;
};

/** Whoever interrupts the suite finds nothing of it afterwards. */
const onInterrupt = (cleanUp: () => Promise<void>): void => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => {
      cleanUp().finally(() => Deno.exit(130));
    });
  }
};

const printRatios = (context: Context, ratios: Report["ratios"]): void => {
  if (ratios.length === 0) return;
  context.say("ratios");
  for (const { name, value, atLeast, met } of ratios) {
    context.say(
      `  ${name.padEnd(52)} ${value.toFixed(2).padStart(7)}   at least ${atLeast}` +
        (met ? "" : "   NOT MET"),
    );
  }
};

const save = async (report: Report): Promise<string> => {
  const folder = results + report.startedAt.replace(/[:.]/g, "-");
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/report.json`, `${JSON.stringify(report, null, 2)}\n`);
  await Deno.writeTextFile(`${folder}/report.html`, pageOf(report));
  return folder;
};

const runSuite = async (plan: Plan): Promise<boolean> => {
  const startedMs = performance.now();
  const startedAt = new Date().toISOString();
  const screen = screenOf(() => performance.now());
  const folder = await Deno.makeTempDir({ prefix: "allot-bench-" });
  const context = new Context(plan, folder, screen);
  const cleanUp = async () => {
    await context.closeAll();
    await Deno.remove(folder, { recursive: true });
  };
  onInterrupt(cleanUp);
  try {
    const { cpu, cores, system } = machine();
    context.say(`Allot benchmark: ${cores} x ${cpu}, ${system}, Deno ${Deno.version.deno}`);
    const whole = await runParts(context);
    const ratios = ratiosOf(context.rows);
    printRatios(context, ratios);
    const report: Report = {
      format: 1,
      startedAt,
      seconds: (performance.now() - startedMs) / 1_000,
      command: `deno task bench ${Deno.args.join(" ")}`.trim(),
      machine: machine(),
      versions: versions(),
      commit: await commitOf(),
      plan,
      rows: context.rows,
      ratios,
      stores: context.stores,
      sellOutMs: context.sellOutMs,
      notes: context.notes,
    };
    const where = await save(report);
    context.say(`${Math.round(report.seconds)} s; report in ${where}/report.html`);
    return whole && isSound(report);
  } finally {
    await cleanUp();
  }
};

try {
  const asked = benchOptions(Deno.args);
  if (asked === "help") console.log(benchUsage);
  // Signal listeners would keep the process alive.
  else Deno.exit(await runSuite(planOf(asked)) ? 0 : 1);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  if (error instanceof WrongUsage) console.error(`\n${benchUsage}`);
  Deno.exitCode = 2;
}
