/** The parts that the ledger is made of, as `commit-batch.ts` and `refresh-balances.ts` work with them. */
import type { Position, StoredLogEntry } from "../../src/store/log.ts";
import type { Store } from "../../src/store/store.ts";
import type { BookList } from "../balance/books.ts";
import type { BusyPartitions } from "./busy-partitions.ts";
import type { CommitQueue } from "./commit-queue.ts";
import type { Identifiers } from "./identifiers.ts";
import type { Offering } from "./offering.ts";
import type { OwnWrites } from "./own-writes.ts";
import type { Looks } from "./parcel-looks.ts";
import type { Offers } from "./parcel-offers.ts";
import type { Partitions } from "./partitions.ts";

export interface LedgerParts {
  readonly store: Store["Service"];
  readonly identifiers: Identifiers["Service"];
  readonly books: BookList;
  readonly partitions: Partitions;
  readonly busy: BusyPartitions;
  readonly queue: CommitQueue;
  readonly ownWrites: OwnWrites;
  readonly looks: Looks;
  readonly offers: Offers;
  readonly offering: Offering;
  /** Called with the position of each commit with units of this process. */
  readonly committed: ((position: Position) => void)[];
  /** Called when nothing waits for a commit or is in flight any more. */
  readonly rested: (() => void)[];
  /** Called with the entry that a commit will write to the log. */
  readonly writing: ((entry: StoredLogEntry) => void)[];
}
