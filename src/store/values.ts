/**
 * Values as bytes: UTF-8, most of it JSON; gzip when that is large; split over several keys when it is larger still.
 * (Bytes are twice as fast to store as structured objects, and can be measured before they are written.)
 */
import { gunzipSync, gzipSync } from "node:zlib";
import { Effect } from "effect";
import { keys } from "./keys.ts";
import { type Entry, type Mutation, Store, StoreError, type Versionstamp } from "./store.ts";
import type { Key } from "../kernel/key.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Buffers of this size are cut into values; longer texts have one of their own. In bytes. */
const slabBytes = 65_536;
/** UTF-8 needs at most this many bytes for a UTF-16 unit. */
const bytesPerUnit = 3;
let slab = new Uint8Array(slabBytes);
let slabUsed = 0;

/** A buffer for each small value would cost more than its content. No byte is handed out twice. */
const encodeText = (text: string): Uint8Array => {
  const mostBytes = text.length * bytesPerUnit;
  if (mostBytes > slabBytes / 2) return encoder.encode(text);
  if (slabUsed + mostBytes > slabBytes) {
    slab = new Uint8Array(slabBytes);
    slabUsed = 0;
  }
  const { written } = encoder.encodeInto(text, slab.subarray(slabUsed, slabUsed + mostBytes));
  const bytes = slab.subarray(slabUsed, slabUsed + written);
  slabUsed += written;
  return bytes;
};

export const encodeJson = (value: unknown): Uint8Array => encodeText(JSON.stringify(value));

export const decodeJson = <A>(bytes: Uint8Array): A => JSON.parse(decoder.decode(bytes)) as A;

/** First byte of a value that is not plain text. */
const gzipMark = 1;
const partsMark = 2;
/** A value of up to so many bytes stays plain: compressing costs more than writing. */
const compressAboveBytes = 60_000;
/** Room for the stamp of each part, in bytes. */
const stampBytes = 64;
/** Reads of a value whose parts are being replaced at that very time. */
const readTries = 8;

interface PartsHead {
  readonly stamp: string;
  readonly parts: number;
}

const withMark = (mark: number, bytes: Uint8Array): Uint8Array => {
  const marked = new Uint8Array(bytes.length + 1);
  marked[0] = mark;
  marked.set(bytes, 1);
  return marked;
};

/** Bytes of a value before it is split: JSON, compressed when large. */
export const packValue = (value: unknown): Uint8Array => packText(JSON.stringify(value));

/** Bytes of a text; `plainBytes` says above which size it is compressed. */
export const packText = (text: string, plainBytes: number = compressAboveBytes): Uint8Array => {
  const plain = encodeText(text);
  return plain.length <= plainBytes ? plain : withMark(gzipMark, gzipSync(plain, { level: 1 }));
};

const unpackText = (bytes: Uint8Array): string =>
  decoder.decode(bytes[0] === gzipMark ? gunzipSync(bytes.subarray(1)) : bytes);

export const unpackValue = <A>(bytes: Uint8Array): A => JSON.parse(unpackText(bytes)) as A;

/**
 * The writes of one value. `stamp` is new for each write of a key, so that a reader can tell parts of
 * different writes apart. Parts that an earlier, larger value left are deleted.
 */
export const splitValue = (
  packed: Uint8Array,
  options: {
    readonly valueBytes: number;
    readonly stamp: string;
    readonly previousParts: number;
    readonly partKey: (n: number, stamp: string) => Key;
  },
): { readonly head: Uint8Array; readonly mutations: readonly Mutation[] } => {
  const mutations: Mutation[] = [];
  let head = packed;
  let parts = 0;
  if (packed.length > options.valueBytes) {
    const stamp = encoder.encode(options.stamp.padEnd(stampBytes));
    const size = options.valueBytes - stampBytes;
    parts = Math.ceil(packed.length / size);
    for (let n = 0; n < parts; n++) {
      const slice = packed.subarray(n * size, (n + 1) * size);
      const value = new Uint8Array(stampBytes + slice.length);
      value.set(stamp);
      value.set(slice, stampBytes);
      mutations.push({ type: "set", key: options.partKey(n, options.stamp), value });
    }
    const partsHead: PartsHead = { stamp: options.stamp, parts };
    head = withMark(partsMark, encodeJson(partsHead));
  }
  for (let n = parts; n < options.previousParts; n++) {
    mutations.push({ type: "delete", key: options.partKey(n, options.stamp) });
  }
  return { head, mutations };
};

/** The beginning of a log entry that is neither compressed nor split. */
const plainEntryStart = encoder.encode('{"commitId":"');
const quote = 0x22;

/**
 * The id of the commit that wrote a log entry, without reading the rest of it; null where the value does not
 * show it.
 */
export const commitIdIn = (value: Uint8Array | null): string | null => {
  if (value === null) return null;
  // Parts of log entries are stamped with their commit.
  if (value[0] === partsMark) return decodeJson<PartsHead>(value.subarray(1)).stamp;
  const start = plainEntryStart.length;
  if (!plainEntryStart.every((byte, index) => value[index] === byte)) return null;
  return decoder.decode(value.subarray(start, value.indexOf(quote, start)));
};

export interface StoredValue<A> {
  readonly value: A;
  readonly versionstamp: Versionstamp;
  /** Keys beside its own that the value is spread over. */
  readonly parts: number;
}

const fromJson = <A>(stored: string): A => JSON.parse(stored) as A;

/**
 * A value out of an entry that was read already; its parts, where it has any, are read now. A value that is
 * not stored as JSON needs the function that unpacks it.
 */
export const valueOf = Effect.fnUntraced(function* <A>(
  first: Entry,
  unpack: (stored: string) => A = fromJson,
  partKey: (n: number, stamp: string) => Key = (n) => keys.part(first.key, n),
): Effect.fn.Return<StoredValue<A> | null, StoreError, Store> {
  let entry = first;
  for (let attempt = 0; attempt < readTries; attempt++) {
    if (entry.value === null || entry.versionstamp === null) return null;
    if (entry.value[0] !== partsMark) {
      const value = unpack(unpackText(entry.value));
      return { value, versionstamp: entry.versionstamp, parts: 0 };
    }
    const store = yield* Store;
    const { stamp, parts } = decodeJson<PartsHead>(entry.value.subarray(1));
    const entries = yield* store.getMany(
      Array.from({ length: parts }, (_, n) => partKey(n, stamp)),
    );
    const slices = entries.flatMap(({ value }) =>
      value !== null && decoder.decode(value.subarray(0, stampBytes)).trimEnd() === stamp
        ? [value.subarray(stampBytes)]
        : []
    );
    if (slices.length === parts) {
      const packed = new Uint8Array(slices.reduce((sum, slice) => sum + slice.length, 0));
      let offset = 0;
      for (const slice of slices) {
        packed.set(slice, offset);
        offset += slice.length;
      }
      const value = unpack(unpackText(packed));
      return { value, versionstamp: entry.versionstamp, parts };
    }
    entry = yield* store.get(first.key);
  }
  return yield* new StoreError({
    operation: "get",
    detail: `The parts of ${JSON.stringify(first.key)} do not belong together.`,
    cause: null,
  });
});

export const readValue = <A>(
  key: Key,
  unpack?: (stored: string) => A,
): Effect.Effect<StoredValue<A> | null, StoreError, Store> =>
  Effect.flatMap(
    Store,
    (store) => Effect.flatMap(store.get(key), (entry) => valueOf<A>(entry, unpack)),
  );
