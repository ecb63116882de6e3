/** Which values are stored in another form than the engine has them in memory, by the first word of their key. */
import type { OrderEvent } from "../order/order.ts";
import type { OrderDocument } from "./documents.ts";
import type { LogRecord, StoredLogEntry } from "./log.ts";
import { packDocument, packOrder, unpackDocument, unpackOrder } from "./order-document.ts";
import type { Key } from "./store.ts";

interface Layout {
  readonly pack: (value: unknown) => unknown;
  readonly unpack: (stored: unknown) => unknown;
}

type PackedOrder = Parameters<typeof unpackOrder>[0];

const mapPlaced = (
  record: LogRecord,
  change: (order: unknown) => unknown,
): LogRecord => {
  if (record.kind !== "order" || record.events[0]?.type !== "order.placed") return record;
  const [placed, ...events] = record.events;
  return {
    ...record,
    events: [{ ...placed, order: change(placed.order) } as OrderEvent, ...events],
  };
};

/** A log record as it is stored: with an order that is placed in the form of its document. */
export const packRecord = (record: LogRecord): LogRecord =>
  mapPlaced(record, (order) => packOrder(order as Parameters<typeof packOrder>[0]));

const unpackRecord = (record: LogRecord): LogRecord =>
  mapPlaced(record, (order) => Array.isArray(order) ? unpackOrder(order as PackedOrder) : order);

const layouts: Readonly<Record<string, Layout>> = {
  order: {
    pack: (value) => packDocument(value as OrderDocument),
    unpack: (stored) =>
      Array.isArray(stored)
        ? unpackDocument(stored as unknown as Parameters<typeof unpackDocument>[0])
        : stored,
  },
  log: {
    pack: (value) => value,
    unpack: (stored) => {
      const entry = stored as StoredLogEntry;
      return { ...entry, records: entry.records.map(unpackRecord) };
    },
  },
};

const layoutOf = (key: Key): Layout | undefined => layouts[String(key[0])];

export const toStored = (key: Key, value: unknown): unknown => layoutOf(key)?.pack(value) ?? value;

export const fromStored = (key: Key, stored: unknown): unknown => {
  const layout = layoutOf(key);
  return layout === undefined ? stored : layout.unpack(stored);
};
