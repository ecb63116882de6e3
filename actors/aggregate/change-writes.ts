/**
 * The writes of a change of an aggregate: its document, the links that it adds and removes, its log record.
 */
import { type Instant, instantOf } from "../../src/kernel/instant.ts";
import type { Key } from "../../src/kernel/key.ts";
import type { Aggregate, AggregateDocument, SubjectSettings } from "../../src/subject/aggregate.ts";
import type { BalanceDeltas } from "../../src/subject/balance.ts";
import { type Link, linkChanges, noLinks, type TimerLink } from "../../src/subject/link.ts";
import type { LogRecord } from "../../src/subject/record.ts";
import type {
  AggregateCommand,
  AggregateEvent,
  AggregateRejection,
  AggregateState,
} from "../../src/subject/state.ts";
import type { TimerDocument } from "../../src/store/documents.ts";
import { keys } from "../../src/store/keys.ts";
import type { Mutation } from "../../src/store/store.ts";
import { encodeJson, packText, splitValue, type StoredValue } from "../../src/store/values.ts";

/** A change that is decided and not written. */
export interface DecidedChange<State, Event, Personal> {
  /** The stored document; null for a new aggregate. */
  readonly stored: StoredValue<AggregateDocument<State, Personal>> | null;
  readonly after: State;
  readonly personal: Personal;
  readonly events: readonly Event[];
  readonly balances: readonly BalanceDeltas[];
  readonly now: Instant;
  readonly by: string;
}

export interface ChangeWrites<State, Personal> {
  readonly document: AggregateDocument<State, Personal>;
  /** Keys beside its own that the document is spread over. */
  readonly parts: number;
  readonly writes: readonly Mutation[];
  readonly record: LogRecord;
  /** Keys that nobody else may have: the commit must find them absent, or read them absent before. */
  readonly unique: readonly Key[];
}

/** Ids name their kind, so a timer need not say it. */
const timerKey = (id: string, { dueMs, name }: TimerLink): Key =>
  keys.timer(dueMs, `${id}:${name}`);

const timerWrite = (id: string, timer: TimerLink): Mutation => {
  const value: TimerDocument = { id, command: timer.command, due: instantOf(timer.dueMs) };
  return { type: "set", key: timerKey(id, timer), value: encodeJson(value) };
};

const addition = (id: string, link: Link): Mutation =>
  link.type === "timer"
    ? timerWrite(id, link)
    : { type: "set", key: link.key, value: encodeJson(link.value) };

const removal = (id: string, link: Link): Mutation => ({
  type: "delete",
  key: link.type === "timer" ? timerKey(id, link) : link.key,
});

export const changeWrites = <
  State extends AggregateState,
  Event extends AggregateEvent,
  Personal,
>(
  definition: Pick<
    Aggregate<State, AggregateCommand, Event, unknown, AggregateRejection, Personal>,
    "key" | "linksOf" | "codec" | "recordOf"
  >,
  change: DecidedChange<State, Event, Personal>,
  options: { readonly valueBytes: number; readonly settings: SubjectSettings },
): ChangeWrites<State, Personal> => {
  const { stored, after, personal, events, balances, now, by } = change;
  const before = stored?.value.state ?? null;
  const document: AggregateDocument<State, Personal> = {
    state: after,
    personal,
    history: stored === null ? [] : [...stored.value.history, stored.versionstamp],
  };
  const key = definition.key(after.id);
  const split = splitValue(packText(definition.codec.pack(document)), {
    valueBytes: options.valueBytes,
    stamp: String(after.version),
    previousParts: stored?.parts ?? 0,
    partKey: (n) => keys.part(key, n),
  });
  const { added, removed } = linkChanges(
    before === null ? noLinks : definition.linksOf(before, options.settings),
    definition.linksOf(after, options.settings),
  );
  const writes: Mutation[] = [{ type: "set", key, value: split.head }, ...split.mutations];
  const unique: Key[] = [];
  for (const link of removed) writes.push(removal(after.id, link));
  for (const link of added) {
    writes.push(addition(after.id, link));
    if (link.type === "key" && link.unique) unique.push(link.key);
  }
  return {
    document,
    parts: split.mutations.filter(({ type }) => type === "set").length,
    writes,
    record: definition.recordOf({ before, after, events, balances, at: now, by }),
    unique,
  };
};
