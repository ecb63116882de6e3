/**
 * A reference: a versioned document that people save and everybody reads from memory. Its definition gives
 * saving with entity tags, reading, listing, forgetting by the log, and its fence.
 */
import type { Instant } from "../kernel/instant.ts";
import type { Key } from "../kernel/key.ts";
import type { Link } from "./link.ts";

/** What every saved document has. */
export interface Saved {
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  readonly version: number;
}

/** How much of it a process keeps in memory: all of it as one list, or the most recently used. */
export type ReferenceMemory =
  | { readonly type: "all" }
  | { readonly type: "recent"; readonly capacity: number };

export interface Reference<Document extends object = object> {
  /** What it is called in log records (`location.saved`) and messages. */
  readonly name: string;
  /** The first word of its keys. */
  readonly family: string;
  key(id: string): Key;
  /** The id that a document has of itself: verify compares it with its key. */
  idOf(document: Document): string;
  /** The partition whose fence guards it. */
  readonly partition: string;
  /** How many there may be. */
  readonly limit: number;
  readonly memory: ReferenceMemory;
  /** The kind of its log records. */
  readonly recordKind: string;
  /** Keys by which it is found otherwise. */
  linksOf(document: Document): readonly Link[];
  readonly linkFamilies: readonly string[];
  /** Null when it has the shape of its kind; else what is wrong. */
  malformed(document: Document): string | null;
  /** Locations that hear of its changes. */
  locationIdsOf(id: string): readonly string[];
}

/** A definition as the machine handles it. */
export const eraseReference = <D extends object>(definition: Reference<D>): Reference =>
  definition as unknown as Reference;
