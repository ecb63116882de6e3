/** The files to run Allot with agree with the code: its metrics, its start, its settings, its addresses. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { connectionLimits } from "../../api/http/limits.ts";
import { routes } from "../../api/routes.ts";
import { Environment } from "../../api/settings.ts";
import { importLimits } from "../../src/import/limits.ts";
import { readExposition } from "../support/exposition.ts";
import { orderFor, startServer, stockOver } from "../support/server.ts";
import {
  dashboardExpressions,
  deployFile,
  grafanaDashboard,
  instructionsOf,
  root,
  rulesIn,
  wordsOf,
} from "./files.ts";
import project from "../../deno.json" with { type: "json" };

const sources = ["src", "actors", "api"].flatMap((folder) =>
  readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
);

/** The names of samples that the code can make: metrics are made where it names them. */
const namesInCode = (): ReadonlySet<string> => {
  const made = /\b(?:Metric\.(counter|gauge|histogram)|gauge)\(\s*"([a-z_]+)"/g;
  const found = sources.flatMap((text) => [...text.matchAll(made)]);
  return new Set(
    found.flatMap(([, type, name = ""]) =>
      type === "histogram"
        ? ["bucket", "sum", "count"].map((suffix) => `${name}_${suffix}`)
        : [name]
    ),
  );
};

/** Prometheus's own, of each target. */
const ofPrometheus = ["up"];

const metricsIn = (expr: string): readonly string[] =>
  [...expr.replace(/"[^"]*"/g, "").matchAll(/\b(?:allot|process)_[a-z_]+\b|\bup\b/g)]
    .map(([name]) => name);

const expressions = (): readonly string[] => [
  ...rulesIn(deployFile("alerts.yml")).map(({ expr }) => expr),
  ...dashboardExpressions(),
];

Deno.test("every metric of an alert and of the dashboard is one that the code makes", () => {
  const known = namesInCode();
  assert.ok(known.size > 30, `${known.size}`);
  const rules = rulesIn(deployFile("alerts.yml"));
  assert.ok(rules.length > 15);
  for (const expr of expressions()) {
    const named = metricsIn(expr);
    assert.ok(named.length > 0, `no metric in ${expr}`);
    for (const name of named) {
      assert.ok(known.has(name) || ofPrometheus.includes(name), `${name} of ${expr}`);
    }
  }
});

Deno.test("every label that is asked of a metric is one that it has", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 2 } });
  await server.ask("/v1/orders", { json: orderFor("1", { mug: 1 }) });
  await server.ask("/v1/orders", { key: null });
  await server.ask("/v1/nothing");
  const families = readExposition((await server.ask("/metrics", { key: null })).text);
  const ofTarget = ["job", "instance"];
  const asked = /\b((?:allot|process)_[a-z_]+)\{([^}]*)\}/g;
  const found = expressions().flatMap((expr) => [...expr.matchAll(asked)]);
  assert.ok(found.length > 20);
  let checked = 0;
  for (const [, name = "", labels = ""] of found) {
    const samples = families.flatMap(({ samples }) => samples).filter((each) => each.name === name);
    const [sample] = samples;
    if (sample === undefined) continue;
    checked++;
    for (const [, label = ""] of labels.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)) {
      assert.ok(
        ofTarget.includes(label) || Object.hasOwn(sample.labels, label),
        `${name} ${label}`,
      );
    }
    const [, what] = /\b(?:what|file)="(\w+)"/.exec(labels) ?? [];
    const values = samples.flatMap(({ labels }) => Object.values(labels));
    if (what !== undefined) assert.ok(values.includes(what), `${name} ${what}`);
  }
  assert.ok(checked > 20, `${checked}`);
});

Deno.test("every alert says how bad it is, and what it is about", () => {
  const yaml = deployFile("alerts.yml");
  const texts = yaml.split(/^ +- alert: /m).slice(1);
  const names = rulesIn(yaml).map(({ alert }) => alert);
  assert.equal(new Set(names).size, names.length);
  for (const text of texts) {
    assert.match(text, /labels: \{ severity: (?:page|ticket) \}/, text);
    assert.match(text, /summary: "/, text);
  }
});

Deno.test("the dashboard's panels have their own ids, and lie beside each other", () => {
  const { panels, uid } = grafanaDashboard();
  assert.equal(uid, "allot");
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  const taken = new Set<string>();
  for (const { title, gridPos: { x, y, w, h } } of panels) {
    assert.ok(w > 0 && x >= 0 && x + w <= 24, title);
    for (let column = x; column < x + w; column++) {
      for (let line = y; line < y + h; line++) {
        assert.ok(!taken.has(`${column},${line}`), `${title} lies over another`);
        taken.add(`${column},${line}`);
      }
    }
  }
});

/** The way in which the engine is started, without what runs it. */
const startFlags = project.tasks.start.replace(/^deno run /, "").split(" ");

Deno.test("container and unit start the engine as `deno task start` does", () => {
  const cached = (words: readonly string[]) => words.filter((word) => word !== "--cached-only");
  const instructions = instructionsOf(deployFile("Dockerfile"));
  const [run, ...flags] = wordsOf(instructions, "CMD");
  assert.deepEqual(wordsOf(instructions, "ENTRYPOINT"), ["deno"]);
  assert.equal(run, "run");
  assert.deepEqual(cached(flags), startFlags);
  const [, command = ""] = /^ExecStart=\S+\/deno run (.*)$/m.exec(deployFile("allot.service")) ??
    [];
  assert.deepEqual(cached(command.split(" ")), startFlags);
});

Deno.test("container and unit set nothing that is no setting", () => {
  const known = [...Object.keys(Environment.fields), "DENO_DIR"];
  const settings = [
    ...deployFile("allot.service").matchAll(/^Environment=(\w+)=/gm),
    ...deployFile("Dockerfile").matchAll(/^ENV (\w+)=/gm),
  ].map(([, name = ""]) => name);
  assert.ok(settings.length >= 3);
  for (const name of settings) assert.ok(known.includes(name), name);
});

Deno.test("what the proxy is told is what the engine has", () => {
  const nginx = deployFile("nginx.conf");
  const paths = routes.map(({ path }) => String(path));
  for (const path of ["/v1/status/stream", "/v1/imports/orders", "/metrics"]) {
    assert.ok(paths.includes(path), path);
    assert.ok(nginx.includes(path.slice(1)), path);
  }
  const mebibytes = [...nginx.matchAll(/client_max_body_size (\d+)m;/g)].map(([, n]) => Number(n));
  assert.equal(Math.max(...mebibytes) * 1024 * 1024, importLimits.bodyBytes);
  const keptSeconds = Number(/keepalive_timeout (\d+)s;/.exec(nginx)?.[1]);
  assert.ok(keptSeconds * 1_000 < connectionLimits.idleMs, "the proxy closes first");
  const most = Number(/allot_http_connections > (\d+)/.exec(deployFile("alerts.yml"))?.[1]);
  assert.ok(most < connectionLimits.connections);
});
