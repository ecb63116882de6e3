/** Plants a bug in a copy of the code, and lets the tests of that copy look for it. */
import { dirname, join } from "node:path";
import type { Canary } from "./canaries.ts";
import type { Find } from "./hunt.ts";

const root = new URL("../..", import.meta.url).pathname;
const copied = ["src", "actors", "test/sim", "test/crash", "test/canaries"];

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

/** What the tests find in a copy with the bug, or without any. */
export const huntFor = async (canary: Canary | null): Promise<Find> => {
  const folder = await Deno.makeTempDir({ prefix: "allot-canary-" });
  try {
    for (const name of copied) await copyFolder(join(root, name), join(folder, name));
    for (const name of ["deno.json", "deno.lock"]) {
      await Deno.copyFile(join(root, name), join(folder, name));
    }
    if (canary !== null) await plant(folder, canary);
    const hunt = join(folder, "test/canaries/hunt.ts");
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--allow-all", "--no-check", hunt],
        ...[canary?.flow ?? "", String(canary?.seed ?? 1)],
      ],
      cwd: dirname(hunt),
      stdout: "piped",
      stderr: "piped",
    }).output();
    const last = new TextDecoder().decode(stdout).trim().split("\n").at(-1) ?? "";
    // A bug that ends the process was noticed as well.
    return last.startsWith("{") ? JSON.parse(last) as Find : {
      by: "the end of the process",
      violation: new TextDecoder().decode(stderr).trim().split("\n").slice(0, 3).join(" "),
      seconds: 0,
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
};
