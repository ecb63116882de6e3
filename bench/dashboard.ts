/**
 * `deno task bench:dashboard [minutes]`: keeps the dashboard open in a Chromium while 50,000 orders a minute
 * arrive, and shows how often its pages change, how soon they answer a key, and what memory they take after
 * a garbage collection. Exit code 1 when a bound of `limits` is missed.
 */
import { type Browser, type CDPSession, chromium, type Page } from "playwright-core";
import { median } from "./report/report.ts";
import { findChromium } from "./suite/chromium.ts";
import { memoryOf, startServer } from "./suite/server.ts";
import { Worker } from "./suite/worker.ts";

const ordersPerMinute = 50_000;
const connections = 64;
const sampleSeconds = 15;
/** What people keep open. */
const paths = ["/", "/orders"];

const limits = {
  /** A few times a second, and no more. */
  updatesPerSecond: 4,
  /** From a key's press until the page has drawn, in the median. */
  answerMs: 100,
  /** Of the last fifth of the samples over the second. */
  growth: 1.1,
} as const;

interface Sample {
  readonly heapBytes: number;
  readonly nodes: number;
  readonly listeners: number;
  readonly updates: number;
  readonly answerMs: number;
}

interface Watched {
  readonly path: string;
  readonly page: Page;
  readonly session: CDPSession;
  readonly samples: Sample[];
}

const count = `window.updates = 0;
document.addEventListener("htmx:after:swap", () => window.updates++);`;

/** How long the page takes from a key until the next two frames are drawn. */
const answerTime = `new Promise((resolve) => {
  const start = performance.now();
  document.dispatchEvent(new KeyboardEvent("keydown", { key: "Shift" }));
  requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - start)));
})`;

const watch = async (browser: Browser, url: string, key: string): Promise<readonly Watched[]> => {
  const watched: Watched[] = [];
  for (const path of paths) {
    // A context of its own, so that each page is a visible one and no browser slows it down.
    const context = await browser.newContext({ baseURL: url });
    const page = await context.newPage();
    await page.goto("/sign-in");
    await page.getByLabel("API key").fill(key);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
    await page.goto(path);
    await page.locator("#live-state[data-state=live]").waitFor();
    await page.evaluate(count);
    const session = await context.newCDPSession(page);
    await session.send("HeapProfiler.enable");
    watched.push({ path, page, session, samples: [] });
  }
  return watched;
};

const take = async ({ page, session, samples }: Watched): Promise<void> => {
  const answerMs = Number(await page.evaluate(answerTime));
  const updates = Number(await page.evaluate("window.updates"));
  if (!await page.locator("#live-state[data-state=live]").isVisible()) {
    throw new Error("A page is not live any more.");
  }
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize: heapBytes } = await session.send("Runtime.getHeapUsage");
  const { nodes, jsEventListeners: listeners } = await session.send("Memory.getDOMCounters");
  samples.push({ heapBytes, nodes, listeners, updates, answerMs });
};

/** How often one is as large as the other, in the medians of two fifths of all samples. */
const growthOf = (values: readonly number[]): number => {
  const fifth = Math.max(1, Math.floor(values.length / 5));
  return median(values.slice(-fifth)) / median(values.slice(fifth, 2 * fifth));
};

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** What was found of a page, in lines; false when a bound was missed. */
const judge = ({ path, samples }: Watched, seconds: number): boolean => {
  const of = (name: keyof Sample) => samples.map((sample) => sample[name]);
  const updatesPerSecond = Math.max(...of("updates")) / seconds;
  const answerMs = median(of("answerMs"));
  const growth = { heap: growthOf(of("heapBytes")), nodes: growthOf(of("nodes")) };
  console.log(
    `${path.padEnd(8)} ${updatesPerSecond.toFixed(1)} updates/s, answers after ` +
      `${answerMs.toFixed(0)} ms (at most ${Math.max(...of("answerMs")).toFixed(0)}), heap ` +
      `${megabytes(samples[0]?.heapBytes ?? 0)} at first and ` +
      `${megabytes(samples.at(-1)?.heapBytes ?? 0)} at last (x ${growth.heap.toFixed(2)}), ` +
      `${samples.at(-1)?.nodes} nodes (x ${growth.nodes.toFixed(2)}), ` +
      `${samples.at(-1)?.listeners} listeners`,
  );
  return updatesPerSecond > 0.2 && updatesPerSecond <= limits.updatesPerSecond &&
    answerMs <= limits.answerMs && growth.heap <= limits.growth && growth.nodes <= limits.growth;
};

const main = async (minutes: number, executablePath: string): Promise<boolean> => {
  const folder = await Deno.makeTempDir({ prefix: "allot-dashboard-" });
  await using stack = new AsyncDisposableStack();
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const server = await startServer(`${folder}/store.sqlite3`);
  stack.defer(server.stop);
  const { url, key, pid } = server;
  const traffic = { kind: "orders", orders: "spread-locations" } as const;
  const orders = await Worker.open({ kind: "http", url, key, traffic });
  stack.defer(() => orders.close());
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  stack.defer(() => browser.close());
  // Whatever the driver still waits for then, nothing more will come.
  const gone = new Promise<never>((_, reject) =>
    browser.on("disconnected", () => reject(new Error("The browser ended.")))
  );
  gone.catch(() => {});
  const pages = await watch(browser, url, key);

  const samples = Math.ceil(minutes * 60 / sampleSeconds);
  const startMs = performance.now();
  const load = orders.measure({
    clients: connections,
    seconds: samples * sampleSeconds,
    ratePerSecond: ordersPerMinute / 60,
  });
  for (let n = 1; n <= samples; n++) {
    const waitMs = startMs + n * sampleSeconds * 1_000 - performance.now();
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    for (const page of pages) await Promise.race([take(page), gone]);
    console.log([
      `${Math.round((performance.now() - startMs) / 1_000)} s`.padStart(6),
      ...pages.map(({ path, samples }) => `${path} ${megabytes(samples.at(-1)?.heapBytes ?? 0)}`),
      `engine ${megabytes(await memoryOf(pid) ?? 0)}`,
    ].join("   "));
  }
  const { counts, seconds, errors } = await load;
  console.log(
    `${counts.accepted} orders, ${Math.round(counts.accepted / seconds * 60)} a minute; ` +
      `${counts.error} errors, ${counts.overloaded} put off`,
  );
  for (const error of errors) console.log(`  ${error}`);
  const wholeSeconds = (performance.now() - startMs) / 1_000;
  return pages.map((page) => judge(page, wholeSeconds)).every((sound) => sound) &&
    counts.error === 0;
};

const minutes = Number(Deno.args[0] ?? 10);
const executablePath = findChromium();
if (!(minutes > 0)) {
  console.error("How many minutes? A number above 0.");
  Deno.exit(2);
}
if (executablePath === null) {
  console.error("There is no Chromium here (set CHROMIUM to one).");
  Deno.exit(2);
}
Deno.exit(await main(minutes, executablePath) ? 0 : 1);
