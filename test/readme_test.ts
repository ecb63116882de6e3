/** README says what is so: its tables are the code's, its commands work in their order on an empty store. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { Schema } from "effect";
import { Environment } from "../api/settings.ts";
import { holdRules } from "../src/order/hold-codes.ts";
import { returnTransitions } from "../src/order/return.ts";
import { fulfillmentTransitions, orderTransitions } from "../src/order/status.ts";
import { eventually } from "./process/process.ts";
import { type Answer, type Json, startServer, type TestServer } from "./support/server.ts";
import project from "../deno.json" with { type: "json" };

const root = new URL("../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");

/** README, and the pages that it leads to. */
const readme = [
  "README.md",
  ...readdirSync(new URL("api/docs/", root)).sort().map((name) => `api/docs/${name}`),
].map(read).join("\n");

/** The cells of every table row, by the name in the first cell. A name may stand in several tables. */
const rowsNamed = (name: string): readonly (readonly string[])[] =>
  readme.split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()))
    .filter(([first]) => first === `\`${name}\``);

const listed = (names: readonly string[], between: string): string =>
  names.map((name) => `\`${name}\``).join(between) || "nothing";

Deno.test("README's table of order statuses is the one in the code", () => {
  for (const [status, { next }] of Object.entries(orderTransitions)) {
    const [row] = rowsNamed(status).filter(({ length }) => length === 3);
    assert.ok(row, status);
    assert.equal(row[2], listed(next, ", "), status);
  }
});

Deno.test("README's table of fulfillment orders is the one in the code", () => {
  for (const [status, steps] of Object.entries(fulfillmentTransitions)) {
    const said = Object.entries(steps)
      .map(([step, to]) => `${step} → ${listed(to, " or ")}`).join("; ") || "nothing";
    const rows = rowsNamed(status).filter(({ length }) => length === 2).map(([, text]) => text);
    assert.deepEqual(rows, [said], status);
  }
});

Deno.test("README's table of returns is the one in the code", () => {
  for (const [status, steps] of Object.entries(returnTransitions)) {
    const said = Object.entries(steps)
      .map(([step, to]) => `${step} → ${listed(to, " or ")}`).join("; ") || "nothing";
    const last = rowsNamed(status).filter(({ length }) => length === 3).at(-1);
    assert.equal(last?.[2], said, status);
  }
});

Deno.test("README's table of holds is the one in the code", () => {
  for (const [code, { blocks, placedBy, releasedBy }] of Object.entries(holdRules)) {
    const cells = [`\`${code}\``, blocks, placedBy.join(", "), releasedBy.join(", ")];
    assert.deepEqual(rowsNamed(code), [cells]);
  }
});

Deno.test("README has every setting with its meaning, and no other", () => {
  for (const [name, field] of Object.entries(Environment.fields)) {
    const description = Schema.resolveAnnotations(field)?.description;
    assert.deepEqual(rowsNamed(name), [[`\`${name}\``, description]]);
  }
  const known = new Set<string>(Object.keys(Environment.fields));
  const named = [...readme.matchAll(/`(ALLOT_\w+)\b/g)].map(([, name = ""]) => name);
  assert.deepEqual(named.filter((name) => !known.has(name)), []);
});

Deno.test("every task and file that README names is there", () => {
  const tasks = [...readme.matchAll(/(?:deno|deno@[\d.]+) task ([a-z:]+)/g)].map(([, name = ""]) =>
    name
  );
  assert.ok(tasks.length > 5);
  for (const task of tasks) assert.ok(Object.hasOwn(project.tasks, task), task);
  const paths = [...readme.matchAll(/`((?:src|actors|api|bench|test)\/[\w./-]*)`/g)];
  assert.ok(paths.length > 5);
  for (const [, path = ""] of paths) assert.ok(existsSync(new URL(path, root)), path);
});

const blocks = [...readme.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, text = ""]) => text);

interface Command {
  readonly method: string;
  readonly path: string;
  readonly json?: unknown;
  readonly expected: RegExp;
}

/** `allot METHOD PATH -d 'JSON'`; a comment above it names the problem that it is an example of. */
const commandPattern =
  /(?:^# (\d{3}) \S+\n)?\ballot (GET|PUT|POST) '?([^\s']+)'?(?: -d '([^']*)')?/gm;

const commandsOf = (text: string): readonly Command[] =>
  [...text.matchAll(commandPattern)].map(([, status, method = "", path = "", json]) => ({
    method,
    path,
    ...(json === undefined ? {} : { json: JSON.parse(json) }),
    expected: status === undefined ? /^2\d\d$/ : new RegExp(`^${status}$`),
  }));

/** Runs the commands in their order; the ids of the first and the last order stand for `${ID}` and `${SALE}`. */
const follow = async (server: TestServer, texts: readonly string[]) => {
  const answers: { readonly command: Command; readonly answer: Answer }[] = [];
  let [id, last] = ["", ""];
  for (const command of texts.flatMap(commandsOf)) {
    const { method, json } = command;
    const path = command.path.replaceAll("${ID}", id).replaceAll("${SALE}", last);
    const answer = await server.ask(path, { method, ...(json === undefined ? {} : { json }) });
    assert.match(String(answer.status), command.expected, `${method} ${path}: ${answer.text}`);
    if (path === "/v1/orders" && answer.status < 300) {
      last = String(answer.body["id"]).slice("ord_".length);
      if (id === "") id = last;
    }
    answers.push({ command, answer });
  }
  return answers;
};

Deno.test("README's commands take an order from an empty store to its delivery", async () => {
  await using server = await startServer();
  const answers = await follow(server, blocks);
  assert.ok(answers.length > 12);
  const [stock] = answers.filter(({ command }) => command.path === "/v1/inventory?sku=mug");
  const level = stock?.answer.body["data"]?.[0];
  assert.deepEqual([level?.["onHand"], level?.["reserved"]], [98, 0]);
  const [order] = answers.filter(({ command }) => command.path === "/v1/orders/ord_${ID}");
  assert.equal(order?.answer.body["status"], "delivered");
  const [proof] = answers.filter(({ command }) => command.path === "/v1/admin/verify");
  assert.equal(proof?.answer.body["ok"], true);
});

Deno.test("README's file is imported as README says", async () => {
  await using server = await startServer();
  await follow(server, blocks);
  const csv = /<<'CSV'\n(.*?)^CSV$/ms.exec(readme)?.[1];
  const path = /"\$ALLOT(\/v1\/imports\/[^"]+)"/.exec(readme)?.[1];
  assert.ok(csv !== undefined && path !== undefined);
  const outcomes = async (): Promise<readonly Json[]> => {
    const started = await server.ask(path, {
      method: "POST",
      body: csv,
      headers: { "content-type": "text/csv" },
    });
    assert.equal(started.status, 202, started.text);
    const job = String(started.headers.get("location"));
    const { body } = await eventually("the end of the import", async () => {
      const answer = await server.ask(job);
      return String(answer.body["status"]) === "running" ? null : answer;
    });
    assert.equal(String(body["status"]), "completed");
    return [...body["results"] ?? []].map((result) => result["outcome"] ?? result);
  };
  assert.deepEqual(await outcomes(), ["created", "created", "rejected"]);
  assert.deepEqual(await outcomes(), ["duplicate", "duplicate", "rejected"]);
});
