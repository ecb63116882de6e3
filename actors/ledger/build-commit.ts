/** Builds a commit: the units that it merges, the fences that it moves and its entry in the log. */
import { instantOf } from "../../src/kernel/instant.ts";
import { logLimits } from "../../src/store/limits.ts";
import { keys } from "../../src/store/keys.ts";
import { type EntryHead, entryPartKey, packEntry } from "../../src/store/log-entry.ts";
import type { Commit, Mutation, Store } from "../../src/store/store.ts";
import { encodeJson, packText, splitValue } from "../../src/store/values.ts";
import { rowKey } from "../../src/subject/balance.ts";
import type { WorkingRow } from "../balance/working-rows.ts";
import { correlationsOf, recordsOf, type WaitingUnit } from "./batch.ts";
import { fenceValue, type Partition } from "./fences.ts";

export interface CommitPlan {
  readonly commitId: string;
  /** Epoch milliseconds. */
  readonly atMs: number;
  readonly units: readonly WaitingUnit[];
  /** Partitions of the units, as the commit rests on them. */
  readonly touched: readonly Partition[];
  /** The rows of balances as the units leave them. */
  readonly rows: readonly WorkingRow[];
  /** Names of partitions where this process will look for parcels. */
  readonly serving: readonly string[];
}

const headOf = ({ commitId, atMs, units }: CommitPlan): EntryHead => {
  const correlations = correlationsOf(units);
  return {
    commitId,
    at: instantOf(atMs),
    ...(correlations === undefined ? {} : { correlations }),
  };
};

const logEntryOf = (
  { valueBytes }: Store["Service"]["limits"],
  plan: CommitPlan,
) => {
  const { commitId, units } = plan;
  const entry = packText(
    packEntry(headOf(plan), recordsOf(units)),
    logLimits.plainBytes,
  );
  return splitValue(entry, {
    valueBytes,
    stamp: commitId,
    previousParts: 0,
    partKey: entryPartKey,
  });
};

export const buildCommit = (
  { limits, canWatch }: Pick<Store["Service"], "limits" | "canWatch">,
  plan: CommitPlan,
): Commit => {
  const { commitId, units, touched, rows, serving } = plan;
  const log = logEntryOf(limits, plan);
  return {
    checks: [
      ...touched.map(({ name, version }) => ({ key: keys.fence(name), versionstamp: version })),
      ...units.flatMap(({ unit }) =>
        (unit.absent ?? []).map((key) => ({ key, versionstamp: null }))
      ),
      ...units.flatMap(({ claim }) => claim ?? []),
    ],
    mutations: [
      ...touched.map((partition): Mutation => ({
        type: "set",
        key: keys.fence(partition.name),
        value: fenceValue(partition, commitId, serving.includes(partition.name)),
      })),
      ...rows.map(({ book, space, row, value }): Mutation => ({
        type: "set",
        key: rowKey(book.balance, space, row),
        value: encodeJson(value),
      })),
      ...units.flatMap(({ unit }) => unit.writes),
      ...log.mutations,
      ...(canWatch
        ? [{ type: "set", key: keys.bell(), value: encodeJson(commitId) } as const]
        : []),
    ],
    log: log.head,
  };
};
