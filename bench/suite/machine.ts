/** Where and of what a run was: no figure means anything without it. */
import { cpus, totalmem } from "node:os";
import type { Machine } from "../report/report.ts";
import configuration from "../../deno.json" with { type: "json" };

export const machine = (): Machine => ({
  cpu: cpus()[0]?.model.trim() ?? "unknown",
  cores: navigator.hardwareConcurrency,
  memoryBytes: totalmem(),
  system: `${Deno.build.os} ${Deno.osRelease()} ${Deno.build.arch}`,
});

export const versions = (): Readonly<Record<string, string>> => ({
  allot: configuration.version,
  deno: Deno.version.deno,
  v8: Deno.version.v8,
  ...Object.fromEntries(
    ["effect", "hono", "@deno/kv"].map((name) => [
      name,
      (Object.entries(configuration.imports).find(([key]) => key === name)?.[1] ?? "")
        .split("@").at(-1) ?? "",
    ]),
  ),
});

const root = new URL("../../", import.meta.url).pathname;

const git = async (...args: readonly string[]): Promise<string | null> => {
  try {
    const { success, stdout } = await new Deno.Command("git", {
      args: ["-C", root, ...args],
      stderr: "null",
    }).output();
    return success ? new TextDecoder().decode(stdout).trim() : null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
};

/** The commit, with `+` when files of the engine or the suite differ from it. */
export const commitOf = async (): Promise<string | null> => {
  const commit = await git("rev-parse", "--short=12", "HEAD");
  if (commit === null) return null;
  const changed = await git("status", "--porcelain", "src", "actors", "api", "bench", "deno.json");
  return changed === "" ? commit : `${commit}+`;
};
