/**
 * Proves the engine's invariants over a store by reading all of it, while others use it or not. Nothing
 * here writes, and memory is bounded: ids are kept as hashes, documents in windows.
 *
 * That a moving store gives no false alarm rests on three things. An order's document names the positions
 * of its own log records, which never change. A row's versionstamp says up to which position it shows the
 * log. Whatever links to an order changes in the order's own commits, so it can be looked at again.
 */
import { orderKeys } from "../order/keys.ts";
import { Effect } from "effect";
import type { StockRow } from "../stock/stock.ts";
import { verifyLimits } from "../kernel/limits.ts";
import type { IdempotencyRecord } from "../store/documents.ts";
import type { OrderDocument } from "../order/document.ts";
import { keys } from "../store/keys.ts";
import type { LogEntry, Position } from "../store/log.ts";
import type { LogRecord, RecordKinds } from "../subject/record.ts";
import { Subjects } from "../subject/subject.ts";
import { unpackOrderDocument } from "../order/order-codec.ts";
import { isOrderRecord } from "../order/record.ts";
import { stockDeltasOf } from "../stock/record.ts";
import type { Store, StoreError } from "../store/store.ts";
import { checkDocument } from "./document.ts";
import { linkHash, Links } from "./links.ts";
import {
  forEachLogEntry,
  forEachLogEntryAt,
  forEachPage,
  newestPosition,
  readable,
  readAgain,
} from "./read.ts";
import { OrderReplay } from "./replay.ts";
import { Findings, type VerifyReport } from "./report.ts";
import { StockAudit } from "./stock.ts";

/** Runs a check of a value that may have any shape: what it throws is a finding. */
const guarded = (findings: Findings, key: Parameters<Findings["add"]>[1][number]) =>
(
  check: () => void,
): void => {
  try {
    check();
  } catch (error) {
    findings.add("readable", [key], `The value has not the shape of its kind: ${error}.`);
  }
};

class Verification {
  constructor(private readonly kinds: RecordKinds) {}

  readonly findings = new Findings();
  readonly #links = new Links(this.findings);
  /** Hashes of (order id, log position), as the documents name them. */
  readonly #named = new Set<number>();
  /** Log positions, by order, of records that no document named. */
  readonly #unnamed = new Map<string, Position[]>();

  readonly run: Effect.Effect<VerifyReport, StoreError, Store> = Effect.gen(
    { self: this },
    function* () {
      yield* this.#links.list;
      yield* this.#readOrders();
      yield* this.#links.finish;
      yield* this.#readIdempotencyRecords();
      const position = yield* this.#readStockAndLog();
      yield* this.#lookAtUnnamedRecords();
      return this.findings.report(position);
    },
  );

  /** Orders in windows: each window's documents, then the log entries that they came from. */
  #readOrders(): Effect.Effect<void, StoreError, Store> {
    return Effect.gen({ self: this }, function* () {
      let replays: OrderReplay[] = [];
      let lines = 0;
      yield* forEachPage(
        ["order"],
        verifyLimits.documentsPerRead,
        (entries) =>
          Effect.gen({ self: this }, function* () {
            for (const entry of entries) {
              const stored = yield* readable(entry, this.findings, unpackOrderDocument);
              if (stored === null) continue;
              const replay = yield* this.#readOrder(stored.value, stored.versionstamp, entry.key);
              if (replay === null) continue;
              replays.push(replay);
              lines += stored.value.order.lines.length;
            }
            if (
              replays.length < verifyLimits.windowOrders && lines < verifyLimits.windowLines
            ) return;
            yield* this.#replay(replays);
            replays = [];
            lines = 0;
          }),
      );
      yield* this.#replay(replays);
    });
  }

  #readOrder(
    document: OrderDocument,
    versionstamp: Position,
    key: readonly (string | number)[],
  ): Effect.Effect<OrderReplay | null, StoreError, Store> {
    return Effect.gen({ self: this }, function* () {
      const { counts } = this.findings;
      let replay: OrderReplay | null = null;
      guarded(this.findings, key)(() => {
        const { order } = document;
        if (order.id !== key[1]) {
          this.findings.add("readable", [key], `The document is of order ${order.id}.`);
          return;
        }
        counts.orders++;
        counts.orderLines += order.lines.length;
        checkDocument(order, this.findings);
        replay = new OrderReplay(document, versionstamp, this.findings);
        for (const position of replay.positions) this.#named.add(linkHash(order.id, position));
        for (const { lines } of order.fulfillmentOrders) {
          for (const { shipped } of lines) counts.unitsShipped += shipped;
        }
      });
      if (replay !== null) yield* this.#links.checkOrder(document.order);
      return replay;
    });
  }

  #replay(replays: readonly OrderReplay[]): Effect.Effect<void, StoreError, Store> {
    const open = new Map(replays.map((replay) => [replay.orderId, replay]));
    const positions = new Set(replays.flatMap((replay) => replay.positions));
    const finish = (replay: OrderReplay): void =>
      guarded(this.findings, orderKeys.order(replay.orderId))(() => replay.finish());
    return Effect.map(
      forEachLogEntryAt(this.kinds, positions, this.findings, ({ position, records }) => {
        const finished = new Set<OrderReplay>();
        for (const record of records) {
          if (!isOrderRecord(record)) continue;
          const replay = open.get(record.orderId);
          if (replay === undefined || !this.#named.has(linkHash(record.orderId, position))) {
            continue;
          }
          guarded(this.findings, keys.log(position))(() => replay.add(position, record));
          if (replay.last === position) finished.add(replay);
        }
        for (const replay of finished) {
          open.delete(replay.orderId);
          finish(replay);
        }
      }),
      () => open.forEach(finish),
    );
  }

  #readIdempotencyRecords(): Effect.Effect<void, StoreError, Store> {
    return forEachPage(
      ["idempotency"],
      verifyLimits.documentsPerRead,
      (entries) =>
        Effect.forEach(
          entries,
          (entry) =>
            Effect.map(readable<IdempotencyRecord>(entry, this.findings), (stored) => {
              if (stored === null) return;
              this.findings.counts.idempotencyRecords++;
              const { fingerprint, at, response } = stored.value;
              const whole = typeof fingerprint === "string" && !Number.isNaN(Date.parse(at)) &&
                Number.isInteger(response?.status) && typeof response.body === "string";
              if (!whole) {
                this.findings.add("idempotency", [entry.key], "The response is not whole.");
              }
            }),
          { discard: true },
        ),
    );
  }

  /** Rows first, then the log up to where it stood after the last row: no row shows more than that. */
  #readStockAndLog(): Effect.Effect<Position, StoreError, Store> {
    return Effect.gen({ self: this }, function* () {
      const audit = new StockAudit(yield* newestPosition, this.findings);
      yield* forEachPage(
        ["stock"],
        verifyLimits.entriesPerRead,
        (entries) =>
          Effect.forEach(
            entries,
            (entry) =>
              Effect.map(readable<StockRow>(entry, this.findings), (stored) => {
                if (stored === null) return;
                const [, locationId, sku] = entry.key;
                audit.addRow(String(locationId), String(sku), stored.value, stored.versionstamp);
              }),
            { discard: true },
          ),
      );
      const newest = yield* newestPosition;
      const commitIds = new Set<string>();
      yield* forEachLogEntry(this.kinds, newest, this.findings, (entry) => {
        this.#readLogEntry(entry, commitIds, audit);
      });
      audit.finish();
      return newest;
    });
  }

  #readLogEntry(entry: LogEntry, commitIds: Set<string>, audit: StockAudit): void {
    const { position, commitId, records } = entry;
    const { counts } = this.findings;
    const key = keys.log(position);
    const wrong = (detail: string) => this.findings.add("log-attributed", [key], detail);
    counts.logEntries++;
    counts.logRecords += records.length;
    if (typeof commitId !== "string" || commitId === "") wrong("The entry has no commit id.");
    else if (commitIds.has(commitId)) wrong(`Commit ${commitId} is in the log twice.`);
    commitIds.add(commitId);
    for (const record of records) {
      guarded(this.findings, key)(() => {
        this.#checkAttribution(record, wrong);
        for (const delta of stockDeltasOf(this.kinds.kindOf(record), record)) {
          audit.addDelta(position, delta);
        }
        if (isOrderRecord(record) && !this.#named.has(linkHash(record.orderId, position))) {
          const positions = this.#unnamed.get(record.orderId);
          if (positions === undefined) this.#unnamed.set(record.orderId, [position]);
          else positions.push(position);
        }
      });
    }
  }

  #checkAttribution(record: LogRecord, wrong: (detail: string) => void): void {
    if (typeof record.by !== "string" || record.by === "") wrong("A record does not say who.");
    if (Number.isNaN(Date.parse(record.at))) wrong("A record does not say when.");
    const missing = this.kinds.kindOf(record).unattributed?.(record) ?? null;
    if (missing !== null) wrong(missing);
  }

  /** Records that no document named: committed after the document was read, or the document is wrong. */
  #lookAtUnnamedRecords(): Effect.Effect<void, StoreError, Store> {
    return Effect.forEach(
      this.#unnamed,
      ([orderId, positions]) =>
        Effect.map(readAgain(orderKeys.order(orderId), unpackOrderDocument), (stored) => {
          const named = new Set([...stored?.value.history ?? [], stored?.versionstamp]);
          for (const position of positions) {
            if (named.has(position)) continue;
            const detail = stored === null
              ? `The log tells of order ${orderId}, which is not there.`
              : `Order ${orderId}: its history leaves out a log record.`;
            this.findings.add(
              "order-is-its-log",
              [orderKeys.order(orderId), keys.log(position)],
              detail,
            );
          }
        }),
      { discard: true },
    );
  }
}

/** Reads the whole store and reports every violation of what always holds. */
export const verify = (): Effect.Effect<VerifyReport, StoreError, Store | Subjects> =>
  Effect.flatMap(Subjects, (subjects) => new Verification(subjects).run);
