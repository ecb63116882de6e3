/** Which values are stored in another form than the engine has them in memory, by the first word of their key. */
import type { OrderDocument } from "./documents.ts";
import type { StoredLogEntry } from "./log.ts";
import { unpackRecord } from "./log-record.ts";
import { type Json, packDocument, unpackDocument } from "./order-document.ts";
import type { Key } from "./store.ts";

interface Layout {
  readonly pack: (value: unknown) => unknown;
  readonly unpack: (stored: unknown) => unknown;
}

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
      const entry = stored as Omit<StoredLogEntry, "records"> & {
        readonly records: readonly Json[];
      };
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
