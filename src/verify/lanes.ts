/**
 * Lanes to the outside: each row of a message that waits or died is of an outbox that there is, names the log
 * record that it was made of, and counts in the cursor of its lane. That nothing was left out cannot be seen
 * here: a message that was delivered leaves nothing.
 */
import { Effect } from "effect";
import type { Key } from "../kernel/key.ts";
import { parsedMessageId } from "../outbound/message.ts";
import { unpackRow } from "../outbound/rows.ts";
import { keys } from "../store/keys.ts";
import { Store, type StoreError } from "../store/store.ts";
import type { SubjectList } from "../subject/subject.ts";
import { verifyLimits } from "./limits.ts";
import { forEachPage, logEntryAt, readable, readAgain } from "./read.ts";
import type { Findings } from "./report.ts";

const families = ["waiting_message", "dead_letter"] as const;

class LaneAudit {
  constructor(
    private readonly subjects: SubjectList,
    private readonly findings: Findings,
  ) {}

  readonly run: Effect.Effect<void, StoreError, Store> = Effect.gen(
    { self: this },
    function* () {
      for (const family of families) {
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
      for (const { type, name } of this.subjects.reactors.values()) {
        if (type === "outbox") yield* this.#checkCount(name);
      }
    },
  );

  #wrong(key: Key, detail: string): void {
    this.findings.add("lanes", [key], detail);
  }

  #checkRow(key: Key, id: unknown): Effect.Effect<void, StoreError, Store> {
    return Effect.gen({ self: this }, function* () {
      const [, lane, name] = key;
      if (this.subjects.reactors.get(String(lane))?.type !== "outbox") {
        return this.#wrong(key, `Nobody sends messages of ${String(lane)}.`);
      }
      if (id !== name) return this.#wrong(key, `The row is of the message ${String(id)}.`);
      const origin = parsedMessageId(String(name));
      if (origin === null) return this.#wrong(key, "The message has no id of this form.");
      const entry = yield* logEntryAt(this.subjects, origin.position, this.findings);
      if (entry?.records[origin.record] === undefined) {
        this.#wrong(key, "The log does not have what the message was made of.");
      }
    });
  }

  /**
   * Rows and cursor change in one commit: rows that differ are read until the cursor stays the same
   * meanwhile.
   */
  #checkCount(lane: string): Effect.Effect<void, StoreError, Store> {
    return Effect.gen({ self: this }, function* () {
      const key = keys.cursor(lane);
      const read = readAgain<{ readonly waiting?: number }>(key);
      for (let look = 0; look < verifyLimits.secondLooks; look++) {
        const before = yield* read;
        let rows = 0;
        yield* forEachPage(
          ["waiting_message", lane],
          verifyLimits.documentsPerRead,
          (entries) =>
            Effect.sync(() => {
              rows += entries.length;
            }),
        );
        const said = before?.value.waiting ?? 0;
        if (said === rows) return;
        const after = yield* read;
        if (before?.versionstamp !== after?.versionstamp) continue;
        return this.#wrong(key, `${rows} messages wait, the cursor says ${said}.`);
      }
      this.findings.unsettled++;
    });
  }
}

export const checkLanes = (
  subjects: SubjectList,
  findings: Findings,
): Effect.Effect<void, StoreError, Store> => new LaneAudit(subjects, findings).run;
