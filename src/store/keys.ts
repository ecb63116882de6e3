/**
 * The keys of the machine itself, in one table; each subject has a table of its own. Values are UTF-8 JSON; a
 * comment beside each key says their content. Numbers that must sort as text are never padded: Deno KV sorts
 * numbers as numbers.
 */
import { Buffer } from "node:buffer";
import { fenceKey, type Key } from "../kernel/key.ts";

export const keys = {
  /** {shelves, createdAt}: facts that the store was made with and that never change. */
  meta: (): Key => ["meta"],
  /** {commits: [newest commit id, ...]}: guards a partition, see `actors/ledger/ledger.ts`. */
  fence: fenceKey,
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

  /** Further parts of a value that is too large for one. */
  part: (key: Key, n: number): Key => ["part", ...key, n],
  /** IdempotencyRecord. */
  idempotency: (principalId: string, key: string): Key => ["idempotency", principalId, key],
  /** Timer: due at epoch milliseconds. */
  timer: (dueMs: number, subject: string): Key => ["timer", dueMs, subject],

  /** LogEntry (`log.ts`); written by `Commit.log`. */
  log: (versionstamp: string): Key => ["log", versionstamp],
  /** Parts of a log entry too large for one value. */
  logPart: (commitId: string, n: number): Key => ["log_part", commitId, n],

  /** A consumer's {position, state}. */
  cursor: (consumer: string): Key => ["cursor", consumer],
  /** SetAside: a log entry that a consumer could not handle. */
  setAside: (consumer: string, position: string): Key => ["set_aside", consumer, position],
  /** A message of a lane that waits in the store, by its id; see `actors/outbound/lane-rows.ts`. */
  waitingMessage: (lane: string, id: string): Key => ["waiting_message", lane, id],
  /** One that nobody tries any more. */
  deadLetter: (lane: string, id: string): Key => ["dead_letter", lane, id],
  /** LaneRequest (`src/outbound/request.ts`): somebody asks the process that holds the lane for something. */
  laneRequest: (lane: string, request: string): Key => ["lane_request", lane, request],
  /** Attempts of a lane: a page of them, by its number; higher numbers are newer (`src/outbound/attempt.ts`). */
  attempts: (lane: string, page: number): Key => ["attempts", lane, page],
  /** A page of a posting list: ids in ascending order, none below the page's name (`postings.ts`). */
  posting: (dimension: string, value: string, firstId: string): Key => [
    "posting",
    dimension,
    value,
    firstId,
  ],
  /** {at}: the lists of a dimension that came later have all that the store had before. */
  filledLists: (dimension: string): Key => ["filled_lists", dimension],
} as const;

/** The first words of the machine's own keys. */
export const machineFamilies = [
  ...["meta", "fence", "parcel", "bell", "probe", "part", "idempotency", "timer"],
  ...["log", "log_part", "cursor", "set_aside", "posting", "filled_lists"],
  ...["waiting_message", "dead_letter", "lane_request", "attempts"],
] as const;

/** The partition of a shelf: aggregates, their links and idempotency keys are spread over them. */
export const shelfPartition = (n: number): string => `shelf:${n}`;

/**
 * Whether a text stands after another one in the store. Deno KV sorts texts by their UTF-8 bytes; JavaScript
 * compares them by UTF-16 code units, where half of a pair comes before the last characters of the first plane.
 */
export const isAfter = (text: string, other: string): boolean =>
  Buffer.compare(Buffer.from(text), Buffer.from(other)) > 0;
