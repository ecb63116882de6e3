/**
 * `deno task pictures [seconds]`: takes README's pictures of the dashboard anew, from a demo that has run for
 * so long.
 */
import { chromium } from "playwright-core";
import { findChromium } from "./suite/chromium.ts";
import { linesOf } from "./worker/protocol.ts";

const pictures = new URL("../api/dashboard/pictures/", import.meta.url).pathname;
const program = new URL("./demo/main.ts", import.meta.url).pathname;
const configuration = new URL("../deno.json", import.meta.url).pathname;
const adminKey = "admin-key-of-the-pictures";
const ordersPerSecond = "3";
const size = { width: 1360, height: 900 };

const startDemo = async () => {
  const demo = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--config", configuration, program, ordersPerSecond],
    env: { PORT: "0", HOST: "127.0.0.1", ALLOT_ADMIN_KEY: adminKey, LOG_LEVEL: "error" },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = linesOf(demo.stdout).getReader();
  while (true) {
    const { value, done } = await lines.read();
    if (done) throw new Error("The demo ended before it listened.");
    const origin = /listens on (\S+)/.exec(value)?.[1];
    if (origin === undefined) continue;
    // Reads on, so that the demo never waits for somebody to read what it prints.
    const drain = async () => {
      while (!(await lines.read()).done);
    };
    const drained = drain();
    const stop = async () => {
      demo.kill("SIGTERM");
      await Promise.all([demo.status, drained]);
    };
    return { origin, stop };
  }
};

/** Of the orders of which a part has left and another has not, the one with the longest history. */
const orderToShow = async (origin: string): Promise<string> => {
  for (const status of ["partially_shipped", "fulfilling", "allocated"]) {
    const response = await fetch(`${origin}/v1/orders?status=${status}&limit=50`, {
      headers: { authorization: `Bearer ${adminKey}` },
    });
    const orders: { readonly id: string; readonly version: number }[] =
      (await response.json()).data;
    const [order] = orders.sort((one, other) => other.version - one.version);
    if (order !== undefined) return order.id;
  }
  throw new Error("The demo has no order to show.");
};

const main = async (seconds: number, executablePath: string): Promise<void> => {
  await using stack = new AsyncDisposableStack();
  const { origin, stop } = await startDemo();
  stack.defer(stop);
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  stack.defer(() => browser.close());
  const context = await browser.newContext({
    baseURL: origin,
    locale: "en-GB",
    timezoneId: "Europe/Amsterdam",
    viewport: size,
  });
  const page = await context.newPage();
  const take = (name: string) => page.screenshot({ path: `${pictures}${name}.png` });
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  await page.goto("/sign-in");
  await page.getByLabel("API key").fill(adminKey);
  await page.keyboard.press("Enter");
  await page.locator("#live-state[data-state=live]").waitFor();
  await take("overview");
  await page.goto(`/orders/${await orderToShow(origin)}`);
  await page.locator("#live-state[data-state=live]").waitFor();
  await take("order");
};

const executablePath = findChromium();
if (executablePath === null) {
  console.error("There is no Chromium here (set CHROMIUM to one).");
  Deno.exit(2);
}
await main(Number(Deno.args[0] ?? 240), executablePath);
