/**
 * Lanes to the outside: each row of a message that waits or died is of an outbox that there is, names the log
 * record or the event that it was made of, and counts in the cursor of its lane. That nothing was left out
 * cannot be seen here: a message that was delivered leaves nothing.
 */
import { Effect } from "effect";
import type { Key } from "../kernel/key.ts";
import { type Origin, parsedMessageId } from "../outbound/message.ts";
import { documentOfLane, type LanePlace, lanesOf, outboxOfLane } from "../outbound/place.ts";
import { unpackRow } from "../outbound/rows.ts";
import { keys } from "../store/keys.ts";
import type { LogEntry } from "../store/log.ts";
import { eventsOf } from "../subject/event.ts";
import { Store, type StoreError } from "../store/store.ts";
import type { SubjectList } from "../subject/subject.ts";
import { verifyLimits } from "./limits.ts";
import { forEachPage as forEachStoredPage } from "../store/pages.ts";
import { forEachPage, logEntryAt, readable, readAgain } from "./read.ts";
import type { Findings } from "./report.ts";

/** Families of rows, and the member of a lane's cursor that counts them. */
const families = { waiting_message: "waiting", dead_letter: "died" } as const;

class LaneAudit {
  constructor(
    private readonly subjects: SubjectList,
    private readonly findings: Findings,
  ) {}

  readonly run: Effect.Effect<void, StoreError, Store> = Effect.gen(
    { self: this },
    function* () {
      for (const family of Object.keys(families)) {
        yield* forEachPage(
          [family],
          verifyLimits.documentsPerRead,
          (entries) =>
            Effect.forEach(entries, (entry) =>
              Effect.gen({ self: this }, function* () {
                const stored = yield* readable(entry, this.findings, unpackRow);
                if (stored !== null) yield* this.#checkRow(entry.key, stored.value.id);
              }), { discard: true }),
        );
      }
      for (const reactor of this.subjects.reactors.values()) {
        if (reactor.type === "outbox") yield* this.#checkCounts(reactor.name);
        if (reactor.type !== "document outbox") continue;
        const { from, to } = lanesOf(reactor);
        const store = yield* Store;
        const range = { start: keys.cursor(from), end: keys.cursor(to) };
        yield* forEachStoredPage(
          store,
          { ...range, limit: verifyLimits.documentsPerRead },
          (entries) =>
            Effect.forEach(
              entries,
              ({ key }) => this.#checkCounts(String(key[1])),
              { discard: true },
            ),
        );
      }
    },
  );

  #isLane(lane: string): boolean {
    const type = this.subjects.reactors.get(outboxOfLane(lane))?.type;
    return type === (documentOfLane(lane) === null ? "outbox" : "document outbox");
  }

  #has({ records, position }: LogEntry, { of, index }: Origin): boolean {
    return of === "record"
      ? records[index] !== undefined
      : index < eventsOf({ position, records }, this.subjects).length;
  }

  #wrong(key: Key, detail: string): void {
    this.findings.add("lanes", [key], detail);
  }

  #checkRow(key: Key, id: unknown): Effect.Effect<void, StoreError, Store> {
    return Effect.gen({ self: this }, function* () {
      const [, lane, name] = key;
      if (!this.#isLane(String(lane))) {
        return this.#wrong(key, `Nobody sends messages of ${String(lane)}.`);
      }
      if (id !== name) return this.#wrong(key, `The row is of the message ${String(id)}.`);
      const origin = parsedMessageId(String(name));
      if (origin === null) return this.#wrong(key, "The message has no id of this form.");
      const entry = yield* logEntryAt(this.subjects, origin.position, this.findings);
      if (entry === null || !this.#has(entry, origin)) {
        this.#wrong(key, "The log does not have what the message was made of.");
      }
    });
  }

  #checkCounts(lane: string): Effect.Effect<void, StoreError, Store> {
    return Effect.forEach(
      Object.entries(families),
      ([family, counted]) => this.#checkCount(lane, family, counted),
      { discard: true },
    );
  }

  /**
   * Rows and cursor change in one commit: rows that differ are read until the cursor stays the same
   * meanwhile. A lane that begins anew does not count the rows that it is to forget.
   */
  #checkCount(
    lane: string,
    family: string,
    counted: "waiting" | "died",
  ): Effect.Effect<void, StoreError, Store> {
    return Effect.gen({ self: this }, function* () {
      const key = keys.cursor(lane);
      const read = readAgain<Partial<LanePlace>>(key);
      for (let look = 0; look < verifyLimits.secondLooks; look++) {
        const before = yield* read;
        // Cursors of earlier versions do not count those that died.
        if (before?.value.forgets !== undefined) return;
        if (counted === "died" && before?.value.died === undefined) return;
        let rows = 0;
        yield* forEachPage(
          [family, lane],
          verifyLimits.documentsPerRead,
          (entries) =>
            Effect.sync(() => {
              rows += entries.length;
            }),
        );
        const said = before?.value[counted] ?? 0;
        if (said === rows) return;
        const after = yield* read;
        if (before?.versionstamp !== after?.versionstamp) continue;
        const what = counted === "waiting" ? "messages wait" : "messages died";
        return this.#wrong(key, `${rows} ${what}, the cursor says ${said}.`);
      }
      this.findings.unsettled++;
    });
  }
}

export const checkLanes = (
  subjects: SubjectList,
  findings: Findings,
): Effect.Effect<void, StoreError, Store> => new LaneAudit(subjects, findings).run;
