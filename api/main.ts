/**
 * The process: settings, store, server, signals. On Deno Deploy the same file runs; there it is also woken
 * each minute, so that timers and consumers go on when nobody calls.
 */
import "../src/store/plain-fibers.ts";
import { Result } from "effect";
import { shutdownLimits } from "./http/limits.ts";
import { KvStore } from "../src/store/kv.ts";
import { listen, type Listener } from "./http/listener.ts";
import { registerConnections } from "./http/metrics.ts";
import { routes } from "./routes.ts";
import { type Application, startApplication } from "./server.ts";
import { readSettings, type Settings } from "./settings.ts";

const fatal = (text: string): never => {
  console.error(text);
  Deno.exit(1);
};

const detailOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "detail" in error
    ? String(error.detail)
    : error instanceof Error
    ? error.message
    : String(error);

/** Settles with the work, or after the time when that comes first. */
const within = async (ms: number, work: Promise<unknown>): Promise<boolean> => {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), ms);
  try {
    return await Promise.race([promise, work.then(() => true)]);
  } finally {
    clearTimeout(timer);
  }
};

const start = async (settings: Settings): Promise<Application> => {
  const where = settings.kvPath ?? "the attached database";
  try {
    return await startApplication(settings, KvStore.layer({ path: settings.kvPath }));
  } catch (error) {
    return fatal(`The store cannot be opened (${where}): ${detailOf(error)}`);
  }
};

/** The key stands where no browser sends it, and the page fills it in. */
export const signInLink = (address: string, key: string): string =>
  `${address}/sign-in#${new URLSearchParams({ key })}`;

const announce = (
  { hostname, port }: Deno.NetAddr,
  settings: Settings,
  { adminKey, refusedAdminKey }: Application,
): void => {
  const host = hostname === "0.0.0.0" || hostname === "::" ? "localhost" : hostname;
  const address = `http://${host}:${port}`;
  const lines = [
    `Allot listens on ${address}`,
    `  dashboard  ${address}/`,
    ...["/docs", "/openapi.json"]
      .filter((page) => routes.some(({ path }) => path === page))
      .map((page) => `  ${(/\w+/.exec(page)?.[0] ?? "").padEnd(9)}  ${address}${page}`),
    `  store      ${settings.kvPath ?? "the attached database"}`,
    ...(adminKey === null ? [] : [
      `  admin key  ${adminKey}  (shown only now: keep it)`,
      `  sign in    ${signInLink(address, adminKey)}`,
    ]),
    ...(refusedAdminKey === null
      ? []
      : [`  admin key  ALLOT_ADMIN_KEY lets nobody in: ${refusedAdminKey}`]),
  ];
  console.log(lines.join("\n"));
};

const listenFor = (application: Application, settings: Settings): Listener => {
  try {
    const { port, host: hostname } = settings;
    const listener = listen({ port, hostname }, application.fetch);
    registerConnections(listener.connections, application.context);
    announce(listener.addr, settings, application);
    return listener;
  } catch (error) {
    return fatal(`Cannot listen on ${settings.host}:${settings.port}: ${detailOf(error)}`);
  }
};

/**
 * Stops accepting, finishes requests in flight, saves, closes: all within the five seconds that a process
 * gets.
 */
const stop = async (application: Application, server: Listener): Promise<never> => {
  application.stopStreams();
  await within(shutdownLimits.inFlightMs, server.shutdown());
  const closed = await within(shutdownLimits.closeMs, application.close());
  if (!closed) {
    console.error("Stopped before everything was closed; the store has all that was acknowledged.");
  }
  Deno.exit(closed ? 0 : 1);
};

const read = readSettings(Deno.env.toObject());
const settings = Result.isSuccess(read) ? read.success : fatal(read.failure);
const application = start(settings);

// Deno Deploy finds crons at the top level only, not within conditions. Where the process is always awake,
// this does again what its timers do anyway; where cron is not there, nothing.
Deno.cron?.("timers and consumers", "* * * * *", async () => {
  await (await application).catchUp();
});

const running = await application;
/** For programs that start the engine in their own process. */
export const server = listenFor(running, settings);

let stops = 0;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, () => {
    // A second signal asks to stop without a wait.
    if (++stops > 1) Deno.exit(1);
    stop(running, server);
  });
}
