/** Builds a unit of work of a command's changes and of its idempotency claim. */
import { correlationOfAll } from "../../src/kernel/correlation.ts";
import type { BalanceDeltas, ExpectedValue } from "../../src/subject/balance.ts";
import { noDeltas } from "../../src/subject/balance.ts";
import type { Key } from "../../src/kernel/key.ts";
import type { LogRecord } from "../../src/subject/record.ts";
import type { Mutation } from "../../src/store/store.ts";
import type { Unit, UnitRead } from "../ledger/unit.ts";
import type { CommandContext } from "./command.ts";

/** The part that one thing adds to a unit of work. */
export interface UnitPart {
  readonly reads: readonly UnitRead[];
  /** Keys taken for absent without having been read: the commit checks them. */
  readonly absent: readonly Key[];
  /** Partitions written beside those of reads and balances. */
  readonly partitions: readonly string[];
  readonly balances: readonly BalanceDeltas[];
  readonly writes: readonly Mutation[];
  readonly records: readonly LogRecord[];
}

const nothing: readonly never[] = [];

/** A part that adds nothing; for parts that add little. */
export const emptyPart: UnitPart = {
  reads: nothing,
  absent: nothing,
  partitions: nothing,
  balances: noDeltas,
  writes: nothing,
  records: nothing,
};

/** Several parts as one. `merge` makes one delta for each row. */
export const joinParts = (
  parts: readonly UnitPart[],
  merge: (changes: readonly BalanceDeltas[]) => readonly BalanceDeltas[],
): UnitPart => {
  const [first = emptyPart] = parts;
  if (parts.length <= 1) return first;
  return {
    reads: parts.flatMap(({ reads }) => reads),
    absent: parts.flatMap(({ absent }) => absent),
    partitions: parts.flatMap(({ partitions }) => partitions),
    balances: merge(parts.flatMap(({ balances }) => balances)),
    writes: parts.flatMap(({ writes }) => writes),
    records: parts.flatMap(({ records }) => records),
  };
};

/**
 * The unit of a command: its changes, and the answer that is kept under its idempotency key. `onSettled`
 * drops the holds.
 */
export const unitOf = <Result>(
  part: UnitPart,
  { idempotency, correlation }: Pick<CommandContext<Result>, "idempotency" | "correlation">,
  result: Result,
  more: {
    readonly expected?: readonly ExpectedValue[];
    readonly onSettled?: (committed: boolean) => void;
  } = {},
): Unit => ({
  reads: idempotency === undefined ? part.reads : [...part.reads, idempotency.claim.read],
  ...(part.absent.length === 0 ? {} : { absent: part.absent }),
  partitions: part.partitions,
  balances: part.balances,
  writes: idempotency === undefined
    ? part.writes
    : [...part.writes, ...idempotency.claim.write(idempotency.respond(result))],
  records: part.records,
  ...(correlation === undefined
    ? {}
    : { correlations: correlationOfAll(correlation, part.records.length) }),
  ...more,
});
