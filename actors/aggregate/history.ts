/** The history of one aggregate: the log entries of its commits. */
import { Effect } from "effect";
import { requestLimits } from "../../src/kernel/limits.ts";
import { keys } from "../../src/store/keys.ts";
import type { LogEntry } from "../../src/store/log.ts";
import { logEntryIn } from "../../src/store/log-entry.ts";
import { Store, type StoreError } from "../../src/store/store.ts";
import type { Aggregate } from "../../src/subject/aggregate.ts";
import { type EntryEvent, eventCountOf, eventsOfRecord } from "../../src/subject/event.ts";
import type { LogRecord, RecordKinds, RecordOwner } from "../../src/subject/record.ts";
import type { SubjectList } from "../../src/subject/subject.ts";
import { NotFound } from "../command/command.ts";
import { readDocument, type TurnServices } from "./turns.ts";

export interface HistoryPage {
  readonly after: number;
  readonly limit: number;
}

/** A log entry with the records of one aggregate only. */
export interface OwnEntry extends LogEntry {
  /** For each of them, the index of its first event among those of the whole entry. */
  readonly firstEvents: readonly number[];
}

/** The events of its records. */
export const ownEventsOf = (
  { position, records, firstEvents }: OwnEntry,
  kinds: RecordKinds,
): readonly EntryEvent[] =>
  records.flatMap((record, n) => eventsOfRecord(position, record, firstEvents[n] ?? 0, kinds));

const ownRecords = (
  records: readonly LogRecord[],
  kinds: RecordKinds,
  isOwn: (owner: RecordOwner) => boolean,
): Pick<OwnEntry, "records" | "firstEvents"> => {
  const own: LogRecord[] = [];
  const firstEvents: number[] = [];
  let first = 0;
  for (const record of records) {
    const owner = kinds.kindOf(record).ownerOf(record);
    if (owner !== null && isOwn(owner)) {
      own.push(record);
      firstEvents.push(first);
    }
    first += eventCountOf(record, kinds);
  }
  return { records: own, firstEvents };
};

/** Oldest first, only with its own records. */
export const historyOf = Effect.fnUntraced(function* (
  services: TurnServices & { readonly subjects: SubjectList },
  definition: Aggregate,
  id: string,
  page: HistoryPage,
): Effect.fn.Return<readonly OwnEntry[], NotFound | StoreError> {
  const { store, subjects } = services;
  const stored = yield* readDocument(services, definition, id);
  if (stored === null) return yield* new NotFound({ what: definition.name, id });
  const positions = [...stored.value.history, stored.versionstamp]
    .slice(page.after, page.after + Math.min(page.limit, requestLimits.pageSize));
  const entries = yield* store.getMany(positions.map(keys.log));
  return yield* Effect.forEach(entries, (entry, index) =>
    Effect.map(
      Effect.provideService(logEntryIn(subjects, entry), Store, store),
      (found): OwnEntry => ({
        position: positions[index] ?? "",
        commitId: found?.value.commitId ?? "",
        at: found?.value.at ?? "",
        ...ownRecords(
          found?.value.records ?? [],
          subjects,
          (owner) => owner.id === id && owner.aggregate === definition.name,
        ),
      }),
    ));
});
