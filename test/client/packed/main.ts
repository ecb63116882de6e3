/**
 * Packs the client, installs it in an empty folder, and places and ships an order with it as its README does:
 * compiled by strict TypeScript, under Node and Deno, and bundled in a browser where there is one. Needs npm.
 */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { findChromium } from "../../../bench/suite/chromium.ts";
import { type EngineProcess, startProcess, withFolder } from "../../process/process.ts";

const source = fileURLToPath(new URL("../../../api/client/", import.meta.url));
const strict = readFileSync(new URL("./strict.ts", import.meta.url), "utf8");
const tools = ["typescript@5.9.3", "@types/node@20.19.0", "esbuild@0.28.2"];

const run = async (cwd: string, program: string, ...args: readonly string[]): Promise<string> => {
  const command = new Deno.Command(program, { args: [...args], cwd, env: { NO_COLOR: "1" } });
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  const out = decoder.decode(stdout);
  assert.equal(code, 0, `${program} ${args.join(" ")}\n${out}${decoder.decode(stderr)}`);
  return out;
};

const quiet = ["--no-audit", "--no-fund", "--silent"];

/** The packed client's file, made where nothing else of the project is. */
const pack = async (folder: string): Promise<string> => {
  const built = join(folder, "client");
  const isSource = (path: string) => !["dist", "node_modules"].includes(basename(path));
  cpSync(source, built, { recursive: true, filter: isSource });
  await run(built, "npm", "install", ...quiet);
  return join(built, (await run(built, "npm", "pack", "--silent")).trim().split("\n").at(-1) ?? "");
};

/** The first program of the README. */
const firstProgram = (): string => {
  const code = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(source, "README.md"), "utf8"))?.[1];
  assert.ok(code !== undefined, "the README has a program");
  return code;
};

/** With where the engine is, its key, and an order of its own. */
const addressed = (program: string, { address, key }: EngineProcess, externalId: string): string =>
  program.replace("http://localhost:8000", address).replace("allot_...", key)
    .replace('"1001"', JSON.stringify(externalId));

const compilerOptions = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  // The package's types too.
  skipLibCheck: false,
  target: "ES2022",
};

/** As a program of Node has it, and as a page's bundler has it. */
const projects = {
  node: { module: "NodeNext", lib: ["ES2022"], types: ["node"], outDir: "." },
  page: {
    module: "ESNext",
    moduleResolution: "bundler",
    lib: ["ES2022", "DOM", "DOM.Iterable"],
    types: [],
    noEmit: true,
  },
};

const shipped = async (engine: EngineProcess, externalId: string): Promise<void> => {
  const { body } = await engine.ask(`/v1/orders?channel=web&externalId=${externalId}`);
  assert.equal(String(body.data?.[0]?.status), "shipped", `order ${externalId}`);
};

const inPage = async (executablePath: string, script: string, origin: string): Promise<void> => {
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage();
    await page.goto(origin);
    await page.evaluate(`import("data:text/javascript,${encodeURIComponent(script)}")`);
  } finally {
    await browser.close();
  }
};

/** A page of another origin than the engine's. */
const emptyPage = () =>
  Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    () => new Response("<title>A shop</title>", { headers: { "content-type": "text/html" } }),
  );

const bundle = async (folder: string): Promise<string> => {
  const args = ["--bundle", "--platform=browser", "--format=esm", "--minify"];
  // A built-in of Node does not resolve for browsers, and fails this.
  await run(folder, "npx", "esbuild", "page.ts", ...args, "--outfile=page.bundle.js");
  return readFileSync(join(folder, "page.bundle.js"), "utf8");
};

await withFolder(async (folder) => {
  const packed = await pack(folder);
  console.log(`packed ${basename(packed)}`);
  const empty = join(folder, "empty");
  mkdirSync(empty);
  const write = (name: string, text: string) => writeFileSync(join(empty, name), text);
  write("package.json", JSON.stringify({ private: true, type: "module" }));
  await run(empty, "npm", "install", ...quiet, packed, ...tools);

  await using engine = await startProcess({
    cwd: folder,
    env: { ALLOT_KV: join(folder, "allot.sqlite3"), ALLOT_CORS_ORIGINS: "*" },
  });
  const first = firstProgram();
  const importsPackage = strict.replace("../../../api/client/mod.ts", "@allot/client");
  write("first.ts", addressed(first, engine, "node-1"));
  write("strict.ts", addressed(importsPackage, engine, "node-1"));
  write("deno.ts", addressed(first, engine, "deno-1"));
  write("deno-strict.ts", addressed(importsPackage, engine, "deno-1"));
  write("page.ts", addressed(first, engine, "page-1"));

  const files = ["first.ts", "strict.ts"];
  for (const [name, options] of Object.entries(projects)) {
    const file = `tsconfig.${name}.json`;
    write(file, JSON.stringify({ compilerOptions: { ...compilerOptions, ...options }, files }));
    await run(empty, "npx", "tsc", "-p", file);
    console.log(`compiled for a ${name === "node" ? "program of Node" : "page"}, strictly`);
  }
  for (const name of ["first.js", "strict.js"]) await run(empty, "node", name);
  await shipped(engine, "node-1");
  console.log(`placed and shipped under Node ${(await run(empty, "node", "--version")).trim()}`);

  write("deno.json", "{}");
  const flags = ["--check", "--node-modules-dir=manual", "--allow-net"];
  for (const name of ["deno.ts", "deno-strict.ts"]) {
    await run(empty, Deno.execPath(), "run", ...flags, name);
  }
  await shipped(engine, "deno-1");
  console.log(
    `placed and shipped under Deno ${Deno.version.deno}, checked, with the network alone`,
  );

  const script = await bundle(empty);
  console.log(`bundled for browsers: ${script.length} characters`);
  const chromiumPath = findChromium();
  if (chromiumPath === null) return console.log("there is no Chromium: the bundle was not run");
  const site = emptyPage();
  await inPage(chromiumPath, script, `http://127.0.0.1:${site.addr.port}/`);
  await site.shutdown();
  await shipped(engine, "page-1");
  console.log("placed and shipped by a page in Chromium, from another origin");
});
