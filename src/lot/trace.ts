/**
 * The trace of lots, for recalls: what of a lot came and went by hand, and the orders and shipments that got
 * units of it. A fold of the log, whatever the kind of a record.
 */
import type { Instant } from "../kernel/instant.ts";
import type { Key } from "../kernel/key.ts";
import { type Fold, fold } from "../subject/reactor.ts";
import type { LogRecord } from "../subject/record.ts";
import { lotDeltasIn } from "./balance.ts";
import { lotLimits } from "./limits.ts";
import { lotOfRow } from "./lot.ts";
import type { ChangesOthers } from "./record.ts";

export const traceFamily = "lot_trace";

/** What of a lot one order has, or what one change of stock did to it. */
export interface TraceRow {
  readonly locationId: string;
  readonly orderId?: string;
  /** The first of them, of an order. */
  readonly shipmentIds?: readonly string[];
  /** Of a change of stock. */
  readonly type?: string;
  readonly reason?: string;
  readonly reference?: string;
  readonly at: Instant;
  readonly onHand: number;
  readonly picked: number;
  readonly setAside: number;
}

interface TraceChange {
  readonly key: Key;
  readonly row: TraceRow;
}

/** Members that records of some kinds have: of orders, and of changes of stock. */
interface Traced extends ChangesOthers {
  readonly orderId?: string;
  readonly shipments?: readonly { readonly id: string; readonly from: string | null }[];
  readonly type?: string;
  readonly reason?: string;
  readonly reference?: string;
}

/** All rows of a lot. */
export const traceKey = (sku: string, lotId: string): Key => [traceFamily, sku, lotId];

const changesOf = (record: LogRecord): readonly TraceChange[] => {
  const { others, orderId, shipments = [], type, reason, reference } = record as LogRecord & Traced;
  if (others === undefined) return [];
  const made = shipments.flatMap(({ id, from }) => from === null ? [id] : []);
  return lotDeltasIn(others).map(({ space, row, onHand, picked, setAside }) => {
    const { sku, lotId } = lotOfRow(row);
    const counts = { locationId: space, at: record.at, onHand, picked, setAside };
    if (orderId !== undefined) {
      const shipmentIds = onHand < 0 ? made : [];
      return {
        key: [...traceKey(sku, lotId), "order", `${orderId} ${space}`],
        row: { ...counts, orderId, ...(shipmentIds.length === 0 ? {} : { shipmentIds }) },
      };
    }
    return {
      key: [...traceKey(sku, lotId), "stock", `${record.at} ${space}`],
      row: {
        ...counts,
        ...(type === undefined ? {} : { type }),
        ...(reason === undefined ? {} : { reason }),
        ...(reference === undefined ? {} : { reference }),
      },
    };
  });
};

/** Rows are sums, and times their latest: changes of one row commute. */
const apply = (before: TraceRow | null, { row }: TraceChange): TraceRow => {
  if (before === null) return row;
  const ids = new Set([...before.shipmentIds ?? [], ...row.shipmentIds ?? []]);
  return {
    ...before,
    ...(ids.size === 0 ? {} : { shipmentIds: [...ids].sort().slice(0, lotLimits.shipmentsTraced) }),
    at: before.at > row.at ? before.at : row.at,
    onHand: before.onHand + row.onHand,
    picked: before.picked + row.picked,
    setAside: before.setAside + row.setAside,
  };
};

export const lotTrace: Fold = fold<TraceChange, TraceRow>({
  type: "fold",
  name: "lot_trace",
  family: traceFamily,
  changesOf,
  keyOf: ({ key }) => key,
  apply,
});
