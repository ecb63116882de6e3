/**
 * `deno task verify [path]`: proves the invariants over a store, in use or not. Prints the counts and every
 * violation with its keys. Exit code 0: sound; 1: violations; 2: the store could not be read.
 */
import "../store/plain-fibers.ts";
import { existsSync } from "node:fs";
import process from "node:process";
import { Effect, Result } from "effect";
import { KvStore } from "../store/kv.ts";
import { kvPathOf } from "../store/path.ts";
import { Subjects } from "../subject/subject.ts";
import { subjects } from "../subjects.ts";
import type { VerifyReport } from "./report.ts";
import { verify } from "./verify.ts";

const isFile = (path: string | undefined): path is string =>
  path !== undefined && path !== ":memory:" && !/^https?:/.test(path);

const linesOf = (report: VerifyReport): readonly string[] => [
  ...Object.entries(report.counts).map(([name, count]) => `${name}: ${count}`),
  ...report.violations.map(({ invariant, keys, detail }) =>
    `VIOLATION ${invariant}: ${detail} ${keys.map((key) => JSON.stringify(key)).join(" ")}`
  ),
  ...(report.violationsFound > report.violations.length
    ? [`... and ${report.violationsFound - report.violations.length} more violations`]
    : []),
  ...(report.unsettled > 0
    ? [`unsettled: ${report.unsettled} keys changed each time they were looked at`]
    : []),
  report.ok ? "sound: no violation" : `NOT SOUND: ${report.violationsFound} violations`,
];

const main = async (): Promise<number> => {
  const path = process.argv[2] ?? kvPathOf(process.env);
  if (isFile(path) && !existsSync(path)) {
    // Opening it would make an empty store and find nothing wrong with that.
    console.error(`There is no store at ${path}. Name it as an argument or in ALLOT_KV.`);
    return 2;
  }
  const result = await Effect.runPromise(
    Effect.result(Effect.provide(
      Effect.provideService(verify(), Subjects, subjects),
      KvStore.layer({ path }),
    )),
  );
  if (Result.isFailure(result)) {
    console.error(`The store cannot be read: ${result.failure.detail}`);
    return 2;
  }
  for (const line of linesOf(result.success)) console.log(line);
  return result.success.ok ? 0 : 1;
};

// A call that a KV server never answers would keep the process.
process.exit(await main());
