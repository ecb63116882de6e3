/**
 * `deno task soak [orders]`: places that many orders over HTTP in an engine of its own, and shows how much
 * memory the engine takes meanwhile and afterwards, and how soon it is ready again after a stop and after a
 * kill. Exit code 1 when a bound of `limits` is missed.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runArguments } from "./suite/runtime.ts";

const limits = {
  /** Resident memory of the idle engine after the last order. */
  idleRssMb: 350,
  readyMs: 2_000,
  /** How long the engine may take to give memory back. */
  idleMs: 120_000,
} as const;

const connections = 64;
const sampleEveryOrders = 20_000;
const locations = ["amsterdam", "berlin", "copenhagen"];
const skus = Array.from({ length: 100 }, (_, n) => `sku-${n}`);
const adminKey = "admin-key-of-the-soak";
const main = fileURLToPath(new URL("../api/main.ts", import.meta.url));

interface Engine {
  readonly address: string;
  readonly process: Deno.ChildProcess;
  /** From the start of the process until it is ready. */
  readonly readyMs: number;
}

const startEngine = async (path: string): Promise<Engine> => {
  const startedMs = performance.now();
  const process = new Deno.Command(Deno.execPath(), {
    args: runArguments(main),
    env: {
      PORT: "0",
      HOST: "127.0.0.1",
      ALLOT_KV: path,
      ALLOT_ADMIN_KEY: adminKey,
      LOG_LEVEL: "error",
    },
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let printed = "";
  for await (const text of process.stdout.pipeThrough(new TextDecoderStream())) {
    printed += text;
    const address = /listens on (\S+)\n/.exec(printed)?.[1];
    if (address === undefined) continue;
    const ready = await fetch(`${address}/readyz`);
    await ready.body?.cancel();
    if (ready.status !== 200) throw new Error(`not ready: ${ready.status}`);
    return { address, process, readyMs: performance.now() - startedMs };
  }
  throw new Error("the engine did not start");
};

const megabytes = (bytes: number): number => Math.round(bytes / 1024 / 1024);

/** Resident memory of a process, in megabytes. */
const rssMbOf = ({ pid }: Deno.ChildProcess): number => {
  const status = `/proc/${pid}/status`;
  const text = existsSync(status)
    ? /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(status, "utf8"))?.[1]
    : new TextDecoder().decode(
      new Deno.Command("ps", { args: ["-o", "rss=", "-p", String(pid)] }).outputSync().stdout,
    );
  return megabytes(Number(text) * 1024);
};

const client = Deno.createHttpClient({ poolMaxIdlePerHost: connections });

const ask = async ({ address }: Engine, method: string, path: string, body?: unknown) => {
  const response = await fetch(address + path, {
    client,
    method,
    headers: { authorization: `Bearer ${adminKey}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return JSON.parse(text);
};

const prepare = async (engine: Engine, orders: number): Promise<void> => {
  for (const [index, id] of locations.entries()) {
    await ask(engine, "PUT", `/v1/locations/${id}`, {
      name: id,
      type: "warehouse",
      address: { country: "NL" },
      latitude: 50 + index,
      longitude: 5 + index,
    });
    await ask(engine, "POST", "/v1/inventory/adjustments", {
      locationId: id,
      reason: "received",
      changes: skus.map((sku) => ({ sku, delta: orders * 4 })),
    });
  }
};

const orderOf = (n: number) => ({
  channel: "web",
  externalId: `soak-${n}`,
  currency: "EUR",
  customer: { id: `customer-${n % 10_000}`, name: "Ada Example", email: "ada@example.com" },
  shippingAddress: {
    line1: "Somewhere 1",
    city: "Utrecht",
    country: "NL",
    latitude: 50 + n % 3,
    longitude: 5 + n % 3,
  },
  lines: Array.from({ length: 1 + n % 3 }, (_, line) => ({
    sku: skus[(n * 7 + line) % skus.length],
    quantity: 1 + n % 2,
    unitPrice: { amount: "10.00", currency: "EUR" },
  })),
});

const place = async (engine: Engine, orders: number): Promise<void> => {
  const numbers = Array.from({ length: orders }, (_, n) => n).values();
  let placed = 0;
  let lastMs = performance.now();
  const connection = async () => {
    for (const n of numbers) {
      await ask(engine, "POST", "/v1/orders", orderOf(n));
      if (++placed % sampleEveryOrders > 0) continue;
      const nowMs = performance.now();
      const perSecond = Math.round(sampleEveryOrders / (nowMs - lastMs) * 1_000);
      lastMs = nowMs;
      console.log(`${placed} orders: ${rssMbOf(engine.process)} MB, ${perSecond} orders/s`);
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
};

/** Waits until the idle engine is small again; what it takes then, in megabytes. */
const settle = async ({ process }: Engine): Promise<number> => {
  const startedMs = performance.now();
  let rssMb = rssMbOf(process);
  while (performance.now() - startedMs < limits.idleMs) {
    const seconds = Math.round((performance.now() - startedMs) / 1_000);
    console.log(`idle for ${seconds} s: ${rssMb} MB`);
    if (rssMb < limits.idleRssMb) break;
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    rssMb = rssMbOf(process);
  }
  return rssMb;
};

const end = async ({ process }: Engine, signal: "SIGTERM" | "SIGKILL"): Promise<number> => {
  const startedMs = performance.now();
  process.kill(signal);
  await process.status;
  return Math.round(performance.now() - startedMs);
};

const soak = async (path: string, orders: number): Promise<boolean> => {
  const first = await startEngine(path);
  console.log(`empty: ready in ${Math.round(first.readyMs)} ms, ${rssMbOf(first.process)} MB`);
  await prepare(first, orders);
  await place(first, orders);
  const idleRssMb = await settle(first);
  console.log(`store: ${megabytes(Deno.statSync(path).size)} MB`);
  await end(first, "SIGKILL");
  const afterKill = await startEngine(path);
  console.log(`after a kill: ready in ${Math.round(afterKill.readyMs)} ms`);
  const { orders: counted } = await ask(afterKill, "GET", "/v1/status");
  console.log(`orders counted: ${counted.total}, ${rssMbOf(afterKill.process)} MB`);
  console.log(`stopped in ${await end(afterKill, "SIGTERM")} ms`);
  const afterStop = await startEngine(path);
  console.log(`after a stop: ready in ${Math.round(afterStop.readyMs)} ms`);
  await end(afterStop, "SIGTERM");
  return counted.total === orders && idleRssMb < limits.idleRssMb &&
    Math.max(afterKill.readyMs, afterStop.readyMs) < limits.readyMs;
};

const folder = await Deno.makeTempDir({ prefix: "allot-soak-" });
let holds = false;
try {
  holds = await soak(`${folder}/store.sqlite3`, Number(Deno.args[0] ?? 200_000));
} finally {
  await Deno.remove(folder, { recursive: true });
}
console.log(holds ? "every bound holds" : "A BOUND IS MISSED");
Deno.exit(holds ? 0 : 1);
