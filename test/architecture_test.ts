/** The shape of the code, as far as a program can see it. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const root = resolve(import.meta.dirname ?? ".", "..");
const code = ["src", "actors", "api"];
const mostLines = 500;

/** Written by a program, from what is looked at. */
const generated = ["api/client/openapi.ts"];

/** Decide and know, and do nothing. */
const pure = [
  "src/order",
  "src/reservation",
  "src/stock",
  "src/catalog",
  "src/calendar",
  "src/access",
  "src/stock-feed",
  "src/channel",
  "src/import",
  "src/kernel",
  "src/message",
  "src/money",
  "src/routing",
  "src/supply",
  "src/webhook",
];

/** The same, but for what the store says: what happened and when is told to them. */
const still = ["src/outbound", "src/subject"];

/** The only places that may open or name the database: its adapter and the composition root. */
const mayUseKv = ["src/store/", "api/main.ts"];

interface Source {
  readonly path: string;
  readonly text: string;
  /** The text without comments, and without what stands in quotes. */
  readonly code: string;
  /** Files of the project by their path, and packages by their name. */
  readonly imports: readonly string[];
}

const filesBelow = (folder: string): readonly string[] =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory()
        ? filesBelow(`${folder}/${entry.name}`)
        : /\.tsx?$/.test(entry.name)
        ? [`${folder}/${entry.name}`]
        : []
    )
    : [];

const importPattern = /(?:\bfrom\s*|\bimport\s*\(?\s*)"([^"]+)"/g;

const read = (path: string): Source => {
  const text = readFileSync(join(root, path), "utf8");
  const uncommented = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "$1");
  const imports = [...uncommented.matchAll(importPattern)].map(([, name = ""]) =>
    name.startsWith(".") ? relative(root, resolve(root, dirname(path), name)) : name
  );
  return { path, text, code: uncommented.replace(/"(?:[^"\\\n]|\\.)*"/g, '""'), imports };
};

const sources = code.flatMap(filesBelow).filter((path) => !generated.includes(path)).map(read);

const isBelow = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(`${folder}/`);

const folderOf = (path: string): string => dirname(path);

const offenders = (
  wrong: (source: Source) => boolean,
): readonly string[] => sources.filter(wrong).map(({ path }) => path);

Deno.test("there is code to look at", () => {
  assert.ok(sources.length > 20);
  for (const path of pure) assert.ok(sources.some((source) => isBelow(source.path, path)), path);
});

Deno.test("pure code reads no clock, no randomness and nothing of its surroundings", () => {
  const effects =
    /\bDeno\b|\bprocess\.|\bDate\.now\b|\bnew Date\(\s*\)|\bMath\.random\b|\bperformance\b|\bcrypto\b|\bfetch\(|\bset(?:Timeout|Interval)\b|\bEffect\.(?:gen|fn|sync|promise)/;
  const isPure = ({ path }: Source) => pure.some((folder) => isBelow(path, folder));
  const isStill = (source: Source) =>
    isPure(source) || still.some((folder) => isBelow(source.path, folder));
  assert.deepEqual(offenders((source) => isStill(source) && effects.test(source.code)), []);
  const outside = (name: string) =>
    ["src/store", "actors", "api", "bench", "test"].some((folder) => isBelow(name, folder)) ||
    name.startsWith("node:") || name === "@deno/kv" || name === "hono" || name === "nanoid";
  assert.deepEqual(offenders((source) => isPure(source) && source.imports.some(outside)), []);
});

Deno.test("nothing but Effect's clock and randomness is used anywhere", () => {
  const hidden = /\bDate\.now\b|\bnew Date\(\s*\)|\bMath\.random\b/;
  assert.deepEqual(offenders((source) => hidden.test(source.code)), []);
});

Deno.test("only the store's adapter and the composition root know the database", () => {
  const knows = ({ code: text, imports }: Source) =>
    /\bDeno\.(?:Kv|openKv)|\bopenKv\s*\(/.test(text) || imports.includes("@deno/kv");
  const may = ({ path }: Source) => mayUseKv.some((place) => path.startsWith(place));
  assert.deepEqual(offenders((source) => knows(source) && !may(source)), []);
});

Deno.test("what decides knows nothing of actors, and actors know nothing of HTTP", () => {
  const layers = ["src", "actors", "api"];
  const above = ({ path, imports }: Source) => {
    const own = layers.findIndex((layer) => isBelow(path, layer));
    return own >= 0 &&
      imports.some((name) => layers.findIndex((layer) => isBelow(name, layer)) > own);
  };
  assert.deepEqual(offenders(above), []);
  const usesHono = ({ path, imports }: Source) =>
    !isBelow(path, "api") && imports.some((name) => name === "hono" || name.startsWith("hono/"));
  assert.deepEqual(offenders(usesHono), []);
});

Deno.test("nothing but a lane's holder calls the outside", () => {
  const calls =
    /\bfetch\(|\bnew (?:WebSocket|EventSource)\b|\bDeno\.(?:connect|connectTls|Command|resolveDns)\b/;
  const ways = /^node:(?:http|https|http2|net|tls|dgram|dns|child_process)\b/;
  const isEngine = ({ path }: Source) => isBelow(path, "src") || isBelow(path, "actors");
  const mayCall = ({ path }: Source) => isBelow(path, "actors/outbound");
  const reaches = (source: Source) =>
    calls.test(source.code) || source.imports.some((name) => ways.test(name));
  assert.deepEqual(
    offenders((source) => isEngine(source) && !mayCall(source) && reaches(source)),
    [],
  );
  // Whoever holds no lane has nothing to deliver from.
  const delivers = offenders((source) => /\bdeliverFrom\b/.test(source.code) && !mayCall(source));
  assert.deepEqual(delivers, []);
});

Deno.test("mail is sent from one place", () => {
  const mails = ({ path, imports }: Source) =>
    imports.includes("nodemailer") && path !== "actors/message/mail.ts";
  assert.deepEqual(offenders(mails), []);
});

Deno.test("the log is followed by reactors and by what observes it, in one place each", () => {
  const follows = ({ path, code: text }: Source) =>
    /\.follow\(/.test(text) &&
    !["actors/log", "actors/outbound", "actors/status"].some((room) => isBelow(path, room));
  assert.deepEqual(offenders(follows), []);
});

/** The first cycle that a walk along the edges meets, or null. */
const cycleIn = (edges: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] | null => {
  const done = new Set<string>();
  const walk = (node: string, way: readonly string[]): readonly string[] | null => {
    if (way.includes(node)) return [...way.slice(way.indexOf(node)), node];
    if (done.has(node)) return null;
    for (const next of edges.get(node) ?? []) {
      const found = walk(next, [...way, node]);
      if (found !== null) return found;
    }
    done.add(node);
    return null;
  };
  for (const node of edges.keys()) {
    const found = walk(node, []);
    if (found !== null) return found;
  }
  return null;
};

/** Imports that are there when the program runs: types alone make no dependence of modules. */
const runtimeImports = ({ path, text }: Source): readonly string[] => {
  const untyped = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(
    /\b(?:import|export)\s+type\s+[^;]*?from\s*"[^"]+";?/g,
    "",
  );
  return [...untyped.matchAll(importPattern)].flatMap(([, name = ""]) =>
    name.startsWith(".") ? [relative(root, resolve(root, dirname(path), name))] : []
  );
};

Deno.test("no import leads back to its own file", () => {
  const edges = new Map(sources.map((source) => [source.path, new Set(runtimeImports(source))]));
  assert.equal(cycleIn(edges)?.join(" -> ") ?? "none", "none");
});

/** Folders in which a type is a dependence like any other; the others follow. */
const typesCount = ["api"];

Deno.test("no folder depends on a folder that depends on it", () => {
  const edges = new Map<string, Set<string>>();
  for (const source of sources) {
    const from = folderOf(source.path);
    const to = edges.get(from) ?? new Set<string>();
    edges.set(from, to);
    const withTypes = typesCount.some((folder) => isBelow(source.path, folder));
    for (const name of withTypes ? source.imports : runtimeImports(source)) {
      if (name.includes("/") && folderOf(name) !== from) to.add(folderOf(name));
    }
  }
  assert.equal(cycleIn(edges)?.join(" -> ") ?? "none", "none");
});

/** The machine's rooms: what works for any subject, and names none. */
const rooms = [
  "src/kernel",
  "src/store",
  "src/subject",
  "src/outbound",
  "src/secrets",
  "src/verify",
  "src/status",
  "actors/ledger",
  "actors/log",
  "actors/aggregate",
  "actors/command",
  "actors/balance",
  "actors/reference",
  "actors/index",
  "actors/status",
  "actors/outbound",
  "actors/tracing",
  "actors/secrets",
  "api/http",
  "api/dashboard",
];

Deno.test("the machine's rooms import no subject, types counted", () => {
  const roomOf = (path: string) => rooms.find((room) => isBelow(path, room));
  const isOurs = (name: string) => code.some((folder) => isBelow(name, folder));
  const found = sources.flatMap(({ path, imports }) =>
    roomOf(path) === undefined
      ? []
      // Programs put the machine and the subjects together.
      : path === "src/verify/main.ts" || path === "actors/secrets/main.ts"
      ? []
      : imports.filter((name) => isOurs(name) && roomOf(name) === undefined)
        .map((name) => `${path} imports ${name}`)
  );
  assert.deepEqual(found, []);
});

Deno.test("pages reach the engine by its routes alone", () => {
  const isPage = ({ path }: Source) =>
    /^api\/[^/]+\/pages\//.test(path) || isBelow(path, "api/dashboard");
  // Who signed in, and how far the log is.
  const mayAsk = ({ path }: Source) => path === "api/dashboard/engine.ts";
  const engine = (name: string) =>
    (isBelow(name, "actors") || isBelow(name, "src/store")) && !name.endsWith("/limits.ts");
  const packages = /\bfrom "(?:effect|@deno\/kv)/;
  assert.ok(sources.filter(isPage).length > 20);
  assert.deepEqual(
    offenders((source) =>
      isPage(source) && !mayAsk(source) &&
      (runtimeImports(source).some(engine) || packages.test(source.text))
    ),
    [],
  );
});

Deno.test("a cycle is found where there is one", () => {
  const edges = new Map([["a", new Set(["b"])], ["b", new Set(["c"])], ["c", new Set(["b"])]]);
  assert.deepEqual(cycleIn(edges), ["b", "c", "b"]);
});

Deno.test(`no file is longer than ${mostLines} lines`, () => {
  const isLong = ({ path, text }: Source) =>
    code.some((folder) => isBelow(path, folder)) && text.split("\n").length > mostLines;
  assert.deepEqual(offenders(isLong), []);
});

Deno.test("every file says in its first sentence what it is for", () => {
  assert.deepEqual(offenders(({ text }) => !text.startsWith("/**")), []);
});

/** A function this long does more than one thing. Those that are left must become fewer: lower the numbers. */
const longLines = 70;
const mostLongFunctions = 34;
const longestFunction = 223;

const beginsFunction = (line: string): boolean =>
  line.endsWith("{") && !/^\s*(?:if|for|while|switch|\*|\/\/|\} else)/.test(line) &&
  (/=> \{$|\bfunction\b/.test(line) ||
    /^\s*(?:(?:async|override|static) )*[#\w]*\(?[^=]*\)(?:: [^{]*)? \{$/.test(line));

/** Functions with their lines: the code is formatted, so one ends where a brace stands as far in as its beginning. */
const functionsOf = ({ path, text }: Source): readonly { name: string; lines: number }[] => {
  const lines = text.split("\n");
  return lines.flatMap((line, first) => {
    if (!beginsFunction(line)) return [];
    const indent = /^ */.exec(line)?.[0] ?? "";
    const end = lines.findIndex((each, n) => n > first && each.startsWith(`${indent}}`));
    return [{ name: `${path}:${first + 1}`, lines: end - first + 1 }];
  });
};

Deno.test("functions do not grow long", () => {
  const long = sources.filter(({ path }) => code.some((folder) => isBelow(path, folder)))
    .flatMap(functionsOf)
    .filter(({ lines }) => lines > longLines)
    .toSorted((one, other) => other.lines - one.lines);
  const told = long.map(({ name, lines }) => `${name} has ${lines} lines`).join("\n");
  assert.ok(long.length > 0, "functions are found");
  assert.ok(long.length <= mostLongFunctions, `${long.length} are long:\n${told}`);
  assert.ok((long[0]?.lines ?? 0) <= longestFunction, told);
});
