/**
 * `deno task test:clients` makes clients from the OpenAPI document that an engine serves, in languages that the
 * engine is not written in, compiles them, and lets each place and ship an order. Generators come from the
 * registries of their languages, so it needs a network; what it makes is in a temporary folder and gone
 * afterwards, unless `--keep` is said. `--only go-ogen` runs one. Exit code 1 when a client failed; a language
 * whose tools the machine does not have is named as left out.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type EngineProcess, startProcess } from "../process/process.ts";
import { type Client, clients } from "./clients.ts";
import { isThere, ToolFailed } from "./tools.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: { keep: { type: "boolean", default: false }, only: { type: "string" } },
});

type Outcome = "done" | "left out" | "failed";

const missingOf = async ({ needs }: Client): Promise<readonly string[]> => {
  const there = await Promise.all(needs.map(isThere));
  return needs.filter((_, n) => !there[n]);
};

/** What the engine itself says of the order that a client says it has shipped. */
const assertShipped = async (engine: EngineProcess, printed: string): Promise<void> => {
  const orderId = /shipped (ord_\w+)/.exec(printed)?.[1];
  assert.ok(orderId !== undefined, `it did not say what it shipped: ${printed}`);
  const { status, body } = await engine.ask(`/v1/orders/${orderId}`);
  assert.equal(status, 200);
  assert.equal(body.status, "shipped");
};

const runClient = async (
  engine: EngineProcess,
  client: Client,
  folder: string,
): Promise<Outcome> => {
  const missing = await missingOf(client);
  if (missing.length > 0) {
    console.log(`${client.name}: left out, this machine has no ${missing.join(", ")}`);
    return "left out";
  }
  const startedMs = performance.now();
  const own = join(folder, client.name);
  await Deno.mkdir(own);
  try {
    await client.make({ folder: own, document: join(folder, "openapi.json") });
    const printed = await client.start({
      folder: own,
      env: { ALLOT_URL: engine.address, ALLOT_KEY: engine.key, ALLOT_RUN: client.name },
    });
    await assertShipped(engine, printed);
  } catch (error) {
    if (!(error instanceof ToolFailed || error instanceof assert.AssertionError)) throw error;
    console.error(`${client.name}: failed\n${error.message}`);
    return "failed";
  }
  const seconds = Math.round((performance.now() - startedMs) / 1_000);
  console.log(
    `${client.name}: made, compiled, and it placed and shipped an order, in ${seconds} s`,
  );
  return "done";
};

const folder = await Deno.makeTempDir({ prefix: "allot-clients-" });
const outcomes: Outcome[] = [];
try {
  await using engine = await startProcess({
    cwd: folder,
    env: { ALLOT_KV: join(folder, "store") },
  });
  const { text } = await engine.ask("/openapi.json");
  await Deno.writeTextFile(join(folder, "openapi.json"), text);
  for (const client of clients) {
    if (values.only !== undefined && values.only !== client.name) continue;
    outcomes.push(await runClient(engine, client, folder));
  }
  const { body } = await engine.ask("/v1/admin/verify", { method: "POST" });
  assert.equal(body.ok, true, JSON.stringify(body));
} finally {
  if (values.keep) console.log(`kept: ${folder}`);
  else await Deno.remove(folder, { recursive: true });
}
assert.ok(outcomes.length > 0, `there is no client ${values.only}`);
if (outcomes.includes("failed")) Deno.exit(1);
