/** Which values are stored in another form than the engine has them in memory, by the first word of their key. */
import type { OrderDocument } from "../order/document.ts";
import type { StoredLogEntry } from "./log.ts";
import { packWholeEntry, unpackEntry, wholeEntry } from "./log-entry.ts";
import { packDocument, unpackDocument } from "../order/order-codec.ts";
import type { Key } from "../kernel/key.ts";

interface Layout {
  readonly pack: (value: unknown) => string;
  readonly unpack: (stored: string) => unknown;
}

const layouts: Readonly<Record<string, Layout>> = {
  order: {
    pack: (value) => JSON.stringify(packDocument(value as OrderDocument)),
    unpack: (stored) => unpackDocument(JSON.parse(stored)),
  },
  log: {
    pack: (value) => packWholeEntry(value as StoredLogEntry),
    unpack: (stored) => wholeEntry(unpackEntry(stored)),
  },
};

const layoutOf = (key: Key): Layout | undefined => layouts[String(key[0])];

export const toStored = (key: Key, value: unknown): string =>
  layoutOf(key)?.pack(value) ?? JSON.stringify(value);

export const fromStored = (key: Key, stored: string): unknown => {
  const layout = layoutOf(key);
  return layout === undefined ? JSON.parse(stored) : layout.unpack(stored);
};
