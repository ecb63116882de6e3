/**
 * A parcel: units of work that one process has decided and leaves in the store, where the process that holds
 * the fence commits them. It is two things: a small head that says what became of it, which is read again and
 * again, and a body in parts that is read once.
 *
 *     nothing -> offered -> done       committed; the head's versionstamp is that commit's
 *                        -> bounced    refused as a whole
 *                        -> nothing    taken back by its owner
 *     nothing -> withdrawn             in the way of an offer that may be late
 *
 * Each step checks the versionstamp of the one before, so that a parcel takes one of these ways and once.
 */
import type { Correlations } from "../kernel/correlation.ts";
import type { Key } from "../kernel/key.ts";
import { parcelLimits } from "./limits.ts";
import type { BalanceDeltas } from "../subject/balance.ts";
import { keys } from "./keys.ts";
import type { Entry, Mutation, Versionstamp } from "./store.ts";
import { decodeJson, encodeJson } from "./values.ts";

export type ParcelHead =
  | { readonly state: "offered"; readonly parts: number }
  | { readonly state: "done" }
  /** With the key that was not as the units took it to be, where one was; `isStale` when it was found too late. */
  | { readonly state: "bounced"; readonly key?: Key; readonly isStale?: boolean }
  | { readonly state: "withdrawn" };

/** The units of a parcel as one: all of them are committed, or none. */
export interface ParcelBody {
  readonly partitions: readonly string[];
  /** Keys as the units rest on them. */
  readonly reads: readonly { readonly key: Key; readonly versionstamp: Versionstamp | null }[];
  /** Whether the commit that left the parcel has checked them. */
  readonly checked: boolean;
  readonly balances: readonly BalanceDeltas[];
  readonly writes: readonly Mutation[];
  /** Log records as they are stored. */
  readonly records: string;
  /** The requests that they came of. */
  readonly correlations?: Correlations | undefined;
  /** How many units these were. */
  readonly units: number;
}

/** Numbers the form of the body, log records included: another form gets another number. */
const layout = 3;

/** The beginning of the body: values follow one after another, in the order of the writes. */
interface BodyTable {
  readonly layout: number;
  readonly partitions: readonly string[];
  readonly reads: readonly (readonly [Key, Versionstamp | null])[];
  readonly checked: boolean;
  readonly balances: readonly BalanceDeltas[];
  /** Key, bytes of the value (null: deleted) and, for some, how long it is kept. */
  readonly writes: readonly (readonly [Key, number | null, number?])[];
  readonly recordBytes: number;
  readonly correlations?: Correlations | undefined;
  readonly units: number;
}

const lengthBytes = 4;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const packBody = (body: ParcelBody): Uint8Array => {
  const records = encoder.encode(body.records);
  const table: BodyTable = {
    layout,
    partitions: body.partitions,
    reads: body.reads.map(({ key, versionstamp }) => [key, versionstamp]),
    checked: body.checked,
    balances: body.balances,
    writes: body.writes.map((write) =>
      write.type === "delete"
        ? [write.key, null]
        : write.expireInMs === undefined
        ? [write.key, write.value.length]
        : [write.key, write.value.length, write.expireInMs]
    ),
    recordBytes: records.length,
    ...(body.correlations === undefined ? {} : { correlations: body.correlations }),
    units: body.units,
  };
  const head = encodeJson(table);
  let length = lengthBytes + head.length + records.length;
  for (const write of body.writes) if (write.type === "set") length += write.value.length;
  const bytes = new Uint8Array(length);
  new DataView(bytes.buffer).setUint32(0, head.length);
  let offset = lengthBytes;
  const append = (more: Uint8Array): void => {
    bytes.set(more, offset);
    offset += more.length;
  };
  append(head);
  append(records);
  for (const write of body.writes) if (write.type === "set") append(write.value);
  return bytes;
};

/** Null when a process of another version has left it: its units are not ours to commit. */
export const unpackBody = (bytes: Uint8Array): ParcelBody | null => {
  const tableBytes = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  let offset = lengthBytes;
  const next = (length: number): Uint8Array => bytes.subarray(offset, offset += length);
  const table = decodeJson<BodyTable>(next(tableBytes));
  if (table.layout !== layout) return null;
  return {
    partitions: table.partitions,
    reads: table.reads.map(([key, versionstamp]) => ({ key, versionstamp })),
    checked: table.checked,
    balances: table.balances,
    records: decoder.decode(next(table.recordBytes)),
    ...(table.correlations === undefined ? {} : { correlations: table.correlations }),
    units: table.units,
    writes: table.writes.map(([key, length, expireInMs]): Mutation =>
      length === null ? { type: "delete", key } : {
        type: "set",
        key,
        value: next(length),
        ...(expireInMs === undefined ? {} : { expireInMs }),
      }
    ),
  };
};

const setHead = (key: Key, head: ParcelHead): Mutation => ({
  type: "set",
  key,
  value: encodeJson(head),
  expireInMs: parcelLimits.keptMs,
});

const withoutBody = (key: Key, parts: number): readonly Mutation[] =>
  Array.from({ length: parts }, (_, n) => ({ type: "delete", key: keys.part(key, n) }));

/** Leaves a parcel. The writes check that its key has no value. */
export const offerWrites = (
  key: Key,
  body: Uint8Array,
  valueBytes: number,
): { readonly parts: number; readonly mutations: readonly Mutation[] } => {
  const parts = Math.ceil(body.length / valueBytes);
  const mutations = Array.from({ length: parts }, (_, n): Mutation => ({
    type: "set",
    key: keys.part(key, n),
    value: body.subarray(n * valueBytes, (n + 1) * valueBytes),
    expireInMs: parcelLimits.keptMs,
  }));
  return { parts, mutations: [setHead(key, { state: "offered", parts }), ...mutations] };
};

/** Answers a parcel. */
export const answerWrites = (
  key: Key,
  parts: number,
  answer: Exclude<ParcelHead, { readonly state: "offered" }>,
): readonly Mutation[] => [setHead(key, answer), ...withoutBody(key, parts)];

/** Takes a parcel back. */
export const reclaimWrites = (key: Key, parts: number): readonly Mutation[] => [
  { type: "delete", key },
  ...withoutBody(key, parts),
];

export const headOf = ({ value }: Entry): ParcelHead | null =>
  value === null ? null : decodeJson<ParcelHead>(value);

/** The body out of its parts; null when one of them is not there any more. */
export const joinBody = (parts: readonly Entry[]): Uint8Array | null => {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first.value;
  const slices = parts.flatMap(({ value }) => value === null ? [] : [value]);
  if (slices.length < parts.length) return null;
  const bytes = new Uint8Array(slices.reduce((sum, slice) => sum + slice.length, 0));
  let offset = 0;
  for (const slice of slices) {
    bytes.set(slice, offset);
    offset += slice.length;
  }
  return bytes;
};
