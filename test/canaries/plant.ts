/** Plants a bug in a copy of the code, and lets the tests of that copy look for it. */
import { join } from "node:path";
import type { Canary } from "./canary.ts";
import type { Find } from "./hunt.ts";

const root = new URL("../..", import.meta.url).pathname;
const copied = [
  "src",
  "actors",
  "api",
  "test/actors",
  "test/api",
  "test/attack",
  "test/calendar",
  "test/catalog",
  "test/channel",
  "test/data/files",
  "test/import",
  "test/kernel",
  "test/message",
  "test/outbound",
  "test/process",
  "test/stock",
  "test/stock-feed",
  "test/supply",
  "test/support",
  "test/sim",
  "test/laws",
  "test/lot",
  "test/toy",
  "test/crash",
  "test/canaries",
  "test/money",
  "test/order",
  "test/reservation",
];

const copyFolder = async (from: string, to: string): Promise<void> => {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory, isFile } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(join(from, name), join(to, name));
    else if (isFile) await Deno.copyFile(join(from, name), join(to, name));
  }
};

const plant = async (folder: string, { name, file, find, replace }: Canary): Promise<void> => {
  const path = join(folder, file);
  const text = await Deno.readTextFile(path);
  const places = text.split(find).length - 1;
  if (places !== 1) {
    throw new Error(`The canary "${name}" fits ${places} places of ${file}: bring it up to date.`);
  }
  // As a function: the text may have signs that mean something in a replacement.
  await Deno.writeTextFile(path, text.replace(find, () => replace));
};

const decoder = new TextDecoder();

const deno = (folder: string, seed: number, ...args: readonly string[]) =>
  new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: folder,
    // The examples of a property are the same each time: a bug that it notices, it notices.
    env: { NO_COLOR: "1", TEST_SEED: String(seed) },
    stdout: "piped",
    stderr: "piped",
  }).output();

/** A test of a race may miss it on a busy machine. */
const attempts = 4;

/** Runs the one test that is to notice: it must fail, not merely be unable to run. */
const askOnce = async (
  folder: string,
  { file, name }: Required<Canary>["test"],
  seed: number,
): Promise<Find> => {
  const startedMs = performance.now();
  const { stdout, stderr } = await deno(
    folder,
    seed,
    ...["test", "--allow-all", "--no-check", "--preload", "test/support/seed.ts"],
    ...["--preload", "test/canaries/first-failure.ts"],
    ...["--filter", name, file],
  );
  const said = decoder.decode(stdout) + decoder.decode(stderr);
  const failed = /\d+ passed .*\| [1-9]\d* failed/.test(said);
  const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
  const violation = /^error: (.*)$/m.exec(said)?.[1] ?? "";
  // A test that lacks a file fails with the bug and without it.
  if (/NotFound: No such file/.test(violation) && violation.includes(folder)) {
    throw new Error(`The copy lacks what "${name}" reads: ${violation}`);
  }
  return { by: failed ? `the test "${name}"` : null, violation, seconds };
};

const askTest = async (folder: string, test: Required<Canary>["test"]): Promise<Find> => {
  let found = await askOnce(folder, test, 1);
  for (let n = 2; n <= attempts && found.by === null; n++) found = await askOnce(folder, test, n);
  return found;
};

/** What simulations and sweeps find. */
const huntIn = async (folder: string, canary: Canary | null): Promise<Find> => {
  const { stdout, stderr } = await deno(
    folder,
    1,
    ...["run", "--allow-all", "--no-check", "test/canaries/hunt.ts"],
    ...[canary?.flow ?? "", String(canary?.seed ?? 1)],
  );
  const last = decoder.decode(stdout).trim().split("\n").at(-1) ?? "";
  // A bug that ends the process was noticed as well.
  return last.startsWith("{") ? JSON.parse(last) as Find : {
    by: "the end of the process",
    violation: decoder.decode(stderr).trim().split("\n").slice(0, 3).join(" "),
    seconds: 0,
  };
};

/** What the tests find in a copy with the bug, or without any. */
export const huntFor = async (canary: Canary | null): Promise<Find> => {
  const folder = await Deno.makeTempDir({ prefix: "allot-canary-" });
  try {
    for (const name of copied) await copyFolder(join(root, name), join(folder, name));
    for (const name of ["deno.json", "deno.lock"]) {
      await Deno.copyFile(join(root, name), join(folder, name));
    }
    if (canary !== null) await plant(folder, canary);
    return canary?.test === undefined
      ? await huntIn(folder, canary)
      : await askTest(folder, canary.test);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
};
