/** The history of one aggregate: the log entries of its commits. */
import { Effect } from "effect";
import { requestLimits } from "../../src/kernel/limits.ts";
import { keys } from "../../src/store/keys.ts";
import type { LogEntry } from "../../src/store/log.ts";
import { logEntryIn } from "../../src/store/log-entry.ts";
import { Store, type StoreError } from "../../src/store/store.ts";
import type { Aggregate } from "../../src/subject/aggregate.ts";
import type { SubjectList } from "../../src/subject/subject.ts";
import { NotFound } from "../command/command.ts";
import { readDocument, type TurnServices } from "./turns.ts";

export interface HistoryPage {
  readonly after: number;
  readonly limit: number;
}

/** Oldest first, only with its own records. */
export const historyOf = Effect.fnUntraced(function* (
  services: TurnServices & { readonly subjects: SubjectList },
  definition: Aggregate,
  id: string,
  page: HistoryPage,
): Effect.fn.Return<readonly LogEntry[], NotFound | StoreError> {
  const { store, subjects } = services;
  const stored = yield* readDocument(services, definition, id);
  if (stored === null) return yield* new NotFound({ what: definition.name, id });
  const positions = [...stored.value.history, stored.versionstamp]
    .slice(page.after, page.after + Math.min(page.limit, requestLimits.pageSize));
  const entries = yield* store.getMany(positions.map(keys.log));
  return yield* Effect.forEach(entries, (entry, index) =>
    Effect.map(
      Effect.provideService(logEntryIn(subjects, entry), Store, store),
      (found): LogEntry => ({
        position: positions[index] ?? "",
        commitId: found?.value.commitId ?? "",
        at: found?.value.at ?? "",
        records: (found?.value.records ?? []).filter((record) => {
          const owner = subjects.kindOf(record).ownerOf(record);
          return owner?.id === id && owner.aggregate === definition.name;
        }),
      }),
    ));
});
