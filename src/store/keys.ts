/**
 * Every key of the store, in one table. Values are UTF-8 JSON; what they hold is said beside the key.
 * Numbers that must sort as text are never padded: Deno KV sorts numbers as numbers.
 */
import { Buffer } from "node:buffer";
import type { Key } from "./store.ts";

export const keys = {
  /** {shelves, createdAt}: what the store was made with and can never change. */
  meta: (): Key => ["meta"],
  /** {commits: [newest commit id, ...]}: guards a partition, see `actors/ledger/ledger.ts`. */
  fence: (partition: string): Key => ["fence", partition],
  /** ParcelHead (`parcel.ts`): units of work that another process is to commit; its body in parts. */
  parcel: (partition: string, offeredAtMs: number, parcelId: string): Key => [
    "parcel",
    partition,
    offeredAtMs,
    parcelId,
  ],
  /** Set by each commit where the store can be watched. */
  bell: (): Key => ["bell"],

  /** Written to see whether the store takes commits again; see `probe.ts`. */
  probe: (): Key => ["probe"],

  /** OrderDocument (`documents.ts`). */
  order: (orderId: string): Key => ["order", orderId],
  /** Further parts of a value that is too large for one. */
  part: (key: Key, n: number): Key => ["part", ...key, n],
  /** {orderId, fingerprint}: the capture reference, one order for each (channel, externalId). */
  reference: (channel: string, externalId: string): Key => ["reference", channel, externalId],
  /** IdempotencyRecord. */
  idempotency: (principalId: string, key: string): Key => ["idempotency", principalId, key],
  /** {orderId}: a line of this SKU waits for stock. Order ids sort by time: first come, first served. */
  backorder: (sku: string, orderId: string): Key => ["backorder", sku, orderId],
  /** Timer: due at epoch milliseconds. */
  timer: (dueMs: number, subject: string): Key => ["timer", dueMs, subject],

  /** StockRow. */
  stock: (locationId: string, sku: string): Key => ["stock", locationId, sku],

  /** Location. */
  location: (locationId: string): Key => ["location", locationId],
  /** Item. */
  item: (sku: string): Key => ["item", sku],

  /** ApiKey, by id; holds the hash, never the key. */
  apiKey: (keyId: string): Key => ["api_key", keyId],
  /** {keyId}: finds a key by its hash. */
  apiKeyHash: (hash: string): Key => ["api_key_hash", hash],

  /** ImportMapping. */
  importMapping: (name: string): Key => ["import_mapping", name],
  /** ImportJob, and its results in pages. */
  importJob: (importId: string): Key => ["import_job", importId],
  importResults: (importId: string, page: number): Key => ["import_results", importId, page],

  /** LogEntry (`log.ts`); written by `Commit.log`. */
  log: (versionstamp: string): Key => ["log", versionstamp],
  /** Parts of a log entry too large for one value. */
  logPart: (commitId: string, n: number): Key => ["log_part", commitId, n],

  /** A consumer's {position, state}. */
  cursor: (consumer: string): Key => ["cursor", consumer],
  /** SetAside: a log entry that a consumer could not handle. */
  setAside: (consumer: string, position: string): Key => ["set_aside", consumer, position],
  /** A page of a posting list: ids in ascending order, none below the page's name (`postings.ts`). */
  posting: (dimension: string, value: string, firstId: string): Key => [
    "posting",
    dimension,
    value,
    firstId,
  ],
} as const;

/** Equal for equal keys. */
export const keyText = (key: Key): string => JSON.stringify(key);

/** The range of all keys that begin with `prefix` and go on with a string. */
export const below = (prefix: Key): { readonly start: Key; readonly end: Key } => ({
  start: [...prefix, ""],
  // Strings sort before numbers in Deno KV; this ends after every string and number below the prefix.
  end: [...prefix, Number.POSITIVE_INFINITY],
});

/**
 * Whether a text stands after another one in the store. Deno KV sorts texts by their UTF-8 bytes; JavaScript
 * compares them by UTF-16 code units, where half of a pair comes before the last characters of the first plane.
 */
export const isAfter = (text: string, other: string): boolean =>
  Buffer.compare(Buffer.from(text), Buffer.from(other)) > 0;

/** The partitions that fences guard. */
export const partitions = {
  catalog: "catalog",
  location: (locationId: string): string => `location:${locationId}`,
  shelf: (n: number): string => `shelf:${n}`,
} as const;
