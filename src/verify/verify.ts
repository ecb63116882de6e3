/**
 * Proves the engine's invariants over a store by reading all of it, while others use it or not. Nothing
 * here writes, and memory is bounded: ids are kept as hashes, documents in windows, lists as sums.
 *
 * That a moving store gives no false alarm rests on three things. A document names the positions of its own
 * log records, which never change. A row's versionstamp says up to which position it shows the log. What
 * links to an aggregate changes in the aggregate's own commits, so it can be looked at again.
 */
import { Effect } from "effect";
import { verifyLimits } from "./limits.ts";
import type { IdempotencyRecord } from "../store/documents.ts";
import { keys } from "../store/keys.ts";
import type { LogEntry, Position } from "../store/log.ts";
import type { Store, StoreError } from "../store/store.ts";
import { type BalanceDeltas, rowNameOf } from "../subject/balance.ts";
import type { LogRecord } from "../subject/record.ts";
import { type SubjectList, Subjects } from "../subject/subject.ts";
import { AggregateAudit } from "./aggregates.ts";
import { BalanceAudit } from "./balances.ts";
import { CounterAudit } from "./counters.ts";
import { checkCursors } from "./cursors.ts";
import { checkFamilies } from "./families.ts";
import { guarded } from "./guarded.ts";
import { hashOfParts } from "../kernel/hash.ts";
import { checkLanes } from "./lanes.ts";
import { Links, pluralOf } from "./links.ts";
import { Lists } from "./lists.ts";
import { checkPaged } from "./paged.ts";
import { forEachLogEntry, forEachPage, newestPosition, readable } from "./read.ts";
import { ReferenceAudit } from "./references.ts";
import { Findings, type VerifyReport } from "./report.ts";
import { lookAt } from "./settle.ts";
import { SumAudit } from "./sums.ts";

/** Names of counts that are shown as zero where there is nothing to count. */
const countedNames = (subjects: SubjectList): readonly string[] => [
  ...[...subjects.aggregates.values()].map(({ plural }) => plural),
  ...[...subjects.balances.values()].flatMap((balance) => [
    balance.rowsName,
    ...Object.keys(balance.measuresOf(balance.empty("", ""))),
  ]),
  ...[...subjects.references.values()].map(({ plural }) => plural),
  ...[...subjects.aggregates.values()].flatMap((definition) =>
    definition.linkFamilies.map((family) => pluralOf(definition, family))
  ),
  ...["timers", "logEntries", "logRecords", "idempotencyRecords"],
];

/** Takes the changes of balances that a record tells of. */
type AddChanges = (position: Position, changes: readonly BalanceDeltas[]) => void;

class Verification {
  readonly findings: Findings;
  readonly #links: Links;
  readonly #lists: Lists;
  readonly #counters: CounterAudit;
  readonly #references: ReferenceAudit;
  /** Hashes of (id, log position), as the documents name them. */
  readonly #named = new Set<number>();
  /** Log positions, by aggregate and id, of records that no document named. */
  readonly #unnamed = new Map<string, Position[]>();

  constructor(private readonly subjects: SubjectList) {
    this.findings = new Findings(countedNames(subjects));
    this.#links = new Links(subjects, this.findings);
    this.#lists = new Lists(subjects, this.findings);
    this.#counters = new CounterAudit(subjects, this.findings);
    this.#references = new ReferenceAudit(subjects, this.findings);
  }

  readonly run: Effect.Effect<VerifyReport, StoreError, Store> = Effect.gen(
    { self: this },
    function* () {
      const { findings, subjects } = this;
      yield* checkFamilies(subjects, findings);
      yield* this.#links.list;
      const audits = {
        ...{ findings, links: this.#links, lists: this.#lists, named: this.#named },
      };
      for (const definition of subjects.aggregates.values()) {
        yield* new AggregateAudit(definition, subjects, audits).run;
      }
      yield* this.#links.finish;
      yield* this.#lists.finish;
      yield* this.#readIdempotencyRecords();
      const position = yield* this.#readRowsAndLog();
      yield* this.#references.finish(position);
      yield* checkPaged(subjects, findings);
      yield* checkCursors(findings);
      yield* checkLanes(subjects, findings);
      yield* this.#lookAtUnnamedRecords();
      return findings.report(position);
    },
  );

  #readIdempotencyRecords(): Effect.Effect<void, StoreError, Store> {
    return forEachPage(
      ["idempotency"],
      verifyLimits.documentsPerRead,
      (entries) =>
        Effect.forEach(
          entries,
          (entry) =>
            Effect.map(readable<IdempotencyRecord>(entry, this.findings), (stored) => {
              if (stored === null) return;
              this.findings.count("idempotencyRecords");
              const { fingerprint, at, response } = stored.value;
              const whole = typeof fingerprint === "string" && !Number.isNaN(Date.parse(at)) &&
                Number.isInteger(response?.status) && typeof response.body === "string";
              if (!whole) {
                this.findings.add("idempotency", [entry.key], "The response is not whole.");
              }
            }),
          { discard: true },
        ),
    );
  }

  /** Rows first, then the log up to where it stood after the last row: no row shows more than that. */
  #readRowsAndLog(): Effect.Effect<Position, StoreError, Store> {
    return Effect.gen({ self: this }, function* () {
      const { findings, subjects } = this;
      const audit = new BalanceAudit(subjects, yield* newestPosition, findings);
      const sums = new SumAudit(subjects.sums, findings);
      for (const balance of subjects.balances.values()) {
        yield* forEachPage(
          [balance.family],
          verifyLimits.entriesPerRead,
          (entries) =>
            Effect.forEach(
              entries,
              (entry) =>
                Effect.map(readable<unknown>(entry, findings), (stored) => {
                  if (stored === null) return;
                  const { space, row } = rowNameOf(entry.key);
                  guarded(
                    findings,
                    entry.key,
                    () => audit.addRow(balance, space, row, stored.value, stored.versionstamp),
                  );
                }),
              { discard: true },
            ),
        );
      }
      yield* this.#counters.read(subjects);
      const newest = yield* newestPosition;
      const commitIds = new Set<string>();
      yield* forEachLogEntry(subjects, newest, findings, (entry) => {
        this.#readLogEntry(entry, commitIds, (position, changes) => {
          audit.add(position, changes);
          sums.add(changes);
        });
        sums.endEntry(entry.position);
        this.#counters.add(entry);
      });
      audit.finish();
      this.#counters.finish();
      return newest;
    });
  }

  #readLogEntry(entry: LogEntry, commitIds: Set<string>, add: AddChanges): void {
    const { position, commitId, records } = entry;
    const key = keys.log(position);
    const wrong = (detail: string) => this.findings.add("log-attributed", [key], detail);
    this.findings.count("logEntries");
    this.findings.count("logRecords", records.length);
    if (typeof commitId !== "string" || commitId === "") wrong("The entry has no commit id.");
    else if (commitIds.has(commitId)) wrong(`Commit ${commitId} is in the log twice.`);
    commitIds.add(commitId);
    for (const record of records) {
      guarded(this.findings, key, () => this.#readRecord(position, record, add, wrong));
    }
  }

  #readRecord(
    position: Position,
    record: LogRecord,
    add: AddChanges,
    wrong: (detail: string) => void,
  ): void {
    const kind = this.subjects.kindOf(record);
    if (typeof record.by !== "string" || record.by === "") wrong("A record does not say who.");
    if (Number.isNaN(Date.parse(record.at))) wrong("A record does not say when.");
    const missing = kind.unattributed?.(record) ?? null;
    if (missing !== null) wrong(missing);
    add(position, kind.deltasOf(record));
    const saved = kind.savedOf?.(record) ?? null;
    if (saved !== null) this.#references.add(position, saved);
    const owner = kind.ownerOf(record);
    if (owner === null || this.#named.has(hashOfParts(owner.id, position))) return;
    const name = JSON.stringify([owner.aggregate, owner.id]);
    const positions = this.#unnamed.get(name);
    if (positions === undefined) this.#unnamed.set(name, [position]);
    else positions.push(position);
  }

  /** Records that no document named: committed after the document was read, or the document is wrong. */
  #lookAtUnnamedRecords(): Effect.Effect<void, StoreError, Store> {
    return Effect.forEach(this.#unnamed, ([name, positions]) => {
      const [aggregate, id] = JSON.parse(name) as [string, string];
      const definition = this.subjects.aggregate(aggregate);
      return Effect.map(lookAt(definition, id), (looked) => {
        const named = new Set([...looked?.history ?? [], looked?.versionstamp]);
        for (const position of positions) {
          if (named.has(position)) continue;
          const detail = looked === null
            ? `The log tells of ${aggregate} ${id}, which is not there.`
            : `${aggregate} ${id}: its history leaves out a log record.`;
          const at = [definition.key(id), keys.log(position)];
          this.findings.add(`${aggregate}-is-its-log`, at, detail);
        }
      });
    }, { discard: true });
  }
}

/** Reads the whole store and reports every violation of an invariant. */
export const verify = (): Effect.Effect<VerifyReport, StoreError, Store | Subjects> =>
  Effect.flatMap(Subjects, (subjects) => new Verification(subjects).run);
