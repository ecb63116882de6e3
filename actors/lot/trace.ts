/** The trace of a lot, and of a serial, as the fold has it: read up to what was committed before. */
import { Effect } from "effect";
import { below } from "../../src/kernel/key.ts";
import { serialBalance, type SerialField, serialRow, serialSpace } from "../../src/lot/balance.ts";
import { lotLimits } from "../../src/lot/limits.ts";
import { lotTrace, traceKey, type TraceRow } from "../../src/lot/trace.ts";
import { rowKey } from "../../src/subject/balance.ts";
import { Store } from "../../src/store/store.ts";
import { decodeJson } from "../../src/store/values.ts";
import { Folds } from "../log/folds.ts";
import { LogTail } from "../log/log-tail.ts";

const upToDate = Effect.gen(function* () {
  const folds = yield* Folds;
  const tail = yield* LogTail;
  const running = folds.get(lotTrace.name);
  if (running === undefined) return;
  yield* Effect.timeoutOption(running.passed(tail.committedPosition()), lotLimits.traceWaitMs);
});

export interface TracePage {
  readonly rows: readonly TraceRow[];
  /** Where the next page begins; null for the last. */
  readonly next: readonly string[] | null;
}

/** A page of a lot's trace: what orders have of it, then what changes of stock did. */
export const traceOf = Effect.fnUntraced(function* (
  sku: string,
  lotId: string,
  { after, limit }: { readonly after?: readonly string[] | undefined; readonly limit: number },
) {
  yield* upToDate;
  const store = yield* Store;
  const range = below(traceKey(sku, lotId));
  const start = after === undefined ? range.start : [...traceKey(sku, lotId), ...after, ""];
  const entries = yield* store.list({ start, end: range.end, limit: limit + 1 });
  const some = entries.slice(0, limit);
  const rows = some.flatMap(({ value }) => value === null ? [] : [decodeJson<TraceRow>(value)]);
  const last = some.at(-1);
  const next = entries.length > limit && last !== undefined
    ? last.key.slice(traceKey(sku, lotId).length).map(String)
    : null;
  return { rows, next } satisfies TracePage;
});

/** Where the unit of a serial is, by its row; null where nobody has seen it. */
export const serialState = Effect.fnUntraced(function* (sku: string, serial: string) {
  const store = yield* Store;
  const { value } = yield* store.get(rowKey(serialBalance, serialSpace, serialRow(sku, serial)));
  return value === null ? null : decodeJson<Readonly<Record<SerialField, number>>>(value);
});
