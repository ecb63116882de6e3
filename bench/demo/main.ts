/**
 * `deno task demo [orders per second]`: the engine on a store of its own, with a small business in it that
 * goes on until it is interrupted. Everything that happens is asked for over HTTP, as a client would.
 */
import { Effect, Fiber, Logger } from "effect";
import { nanoid } from "nanoid";
import { serveCards } from "./card.ts";
import { drive } from "./drive.ts";

const mostOrdersPerSecond = 20;

const ordersPerSecond = Number(Deno.args[0] ?? 2);
if (!(ordersPerSecond > 0 && ordersPerSecond <= mostOrdersPerSecond)) {
  console.error(`Orders per second must be above 0 and at most ${mostOrdersPerSecond}.`);
  Deno.exit(1);
}

const folder = Deno.makeTempDirSync({ prefix: "allot-demo-" });
// The engine ends the process by itself, after an interrupt or when it cannot start.
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

const adminKey = Deno.env.get("ALLOT_ADMIN_KEY") ?? `demo_${nanoid()}`;
Deno.env.set("ALLOT_ADMIN_KEY", adminKey);
Deno.env.set("ALLOT_KV", `${folder}/store.sqlite3`);
const card = serveCards();
const allowed = Deno.env.get("ALLOT_OUTBOUND_ALLOW");
Deno.env.set("ALLOT_OUTBOUND_ALLOW", [allowed, "127.0.0.1"].filter(Boolean).join(","));
const { server, signInLink } = await import("../../api/main.ts");
const { hostname, port } = server.addr;
console.log(`  admin key  ${adminKey}`);
console.log(`  sign in    ${signInLink(`http://localhost:${port}`, adminKey)}`);
console.log(`${ordersPerSecond} orders a second, in a store that is gone when this ends (Ctrl-C).`);

const host = hostname === "0.0.0.0" || hostname === "::" ? "127.0.0.1" : hostname;
const driving = Effect.runFork(
  drive({ address: `http://${host}:${port}`, adminKey, ordersPerSecond, cardUrl: card.url }).pipe(
    Effect.provide(Logger.layer([Logger.withConsoleError(Logger.formatLogFmt)])),
  ),
);
const stop = () => Effect.runFork(Fiber.interrupt(driving));
for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, stop);
driving.addObserver((exit) => {
  if (exit._tag === "Failure" && !exit.cause.reasons.some(({ _tag }) => _tag === "Interrupt")) {
    console.error(`The demo ended: ${exit.cause}`);
    Deno.exit(1);
  }
});
