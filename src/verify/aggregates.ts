/**
 * Aggregates of one kind, in windows: each window's documents, then the log entries that they came from. So
 * memory is bounded, however many there are.
 */
import { Effect } from "effect";
import { verifyLimits } from "./limits.ts";
import { keys } from "../store/keys.ts";
import type { Position } from "../store/log.ts";
import type { Entry, Store, StoreError } from "../store/store.ts";
import type { Aggregate, AggregateDocument } from "../subject/aggregate.ts";
import type { AggregateState } from "../subject/state.ts";
import type { SubjectList } from "../subject/subject.ts";
import { guarded } from "./guarded.ts";
import { hashOfParts } from "../kernel/hash.ts";
import type { Links } from "./links.ts";
import type { Lists } from "./lists.ts";
import { forEachLogEntryAt, forEachPage, readable } from "./read.ts";
import { Replay } from "./replay.ts";
import type { Findings } from "./report.ts";

/** The audits that documents of all kinds take part in. */
export interface Audits {
  readonly findings: Findings;
  readonly links: Links;
  readonly lists: Lists;
  /** Hashes of (id, log position), as the documents name them. */
  readonly named: Set<number>;
}

export class AggregateAudit {
  #replays: Replay[] = [];
  #bytes = 0;

  constructor(
    private readonly definition: Aggregate,
    private readonly subjects: SubjectList,
    private readonly audits: Audits,
  ) {}

  readonly run: Effect.Effect<void, StoreError, Store> = Effect.suspend(() =>
    Effect.andThen(
      forEachPage([String(this.definition.key("")[0])], verifyLimits.documentsPerRead, (entries) =>
        Effect.gen({ self: this }, function* () {
          for (const entry of entries) {
            yield* this.#readEntry(entry);
          }
          const isFull = this.#replays.length >= verifyLimits.windowDocuments ||
            this.#bytes >= verifyLimits.windowBytes;
          if (isFull) {
            yield* this.#replayWindow();
          }
        })),
      Effect.suspend(() =>
        this.#replayWindow()
      ),
    )
  );

  #readEntry(entry: Entry): Effect.Effect<void, StoreError, Store> {
    return Effect.gen({ self: this }, function* () {
      const { findings, links } = this.audits;
      const unpack = (stored: string) => this.definition.codec.unpack(stored);
      const stored = yield* readable(entry, findings, unpack);
      if (stored === null) return;
      this.#bytes += entry.value?.length ?? 0;
      let state: AggregateState | null = null;
      guarded(findings, entry.key, () => {
        state = this.#check(stored.value, stored.versionstamp, entry);
      });
      if (state !== null) yield* links.checkAggregate(this.definition, state);
    });
  }

  /** Null when the document is not the one that its key says. */
  #check(
    document: AggregateDocument<AggregateState, unknown>,
    versionstamp: Position,
    { key }: Entry,
  ): AggregateState | null {
    const { definition } = this;
    const { findings, lists, named } = this.audits;
    const { state } = document;
    if (state.id !== key.at(-1)) {
      findings.add("readable", [key], `The document is of ${definition.name} ${state.id}.`);
      return null;
    }
    findings.count(definition.plural);
    findings.countAll(definition.measuresOf(state));
    for (const { invariant, detail } of definition.faultsOf(state)) {
      findings.add(invariant, [key], `${definition.name} ${state.id}: ${detail}`);
    }
    const status = definition.statusOf(state);
    if (state.status !== status) {
      const detail = `${definition.name} ${state.id} is called ${state.status} and is ${status}.`;
      findings.add(`${definition.name}-status`, [key], detail);
    }
    const replay = new Replay(definition, this.subjects, document, versionstamp, findings);
    for (const position of replay.positions) named.add(hashOfParts(state.id, position));
    lists.addDocument(definition, state);
    this.#replays.push(replay);
    return state;
  }

  #replayWindow(): Effect.Effect<void, StoreError, Store> {
    const { definition, subjects } = this;
    const { findings, named } = this.audits;
    const open = new Map(this.#replays.map((replay) => [replay.id, replay]));
    const positions = new Set(this.#replays.flatMap((replay) => replay.positions));
    this.#replays = [];
    this.#bytes = 0;
    const finish = (replay: Replay): void => guarded(findings, replay.key, () => replay.finish());
    return Effect.map(
      forEachLogEntryAt(subjects, positions, findings, ({ position, records }) => {
        const finished = new Set<Replay>();
        for (const record of records) {
          const owner = subjects.kindOf(record).ownerOf(record);
          const replay = owner?.aggregate === definition.name ? open.get(owner.id) : undefined;
          if (replay === undefined || !named.has(hashOfParts(replay.id, position))) continue;
          guarded(findings, keys.log(position), () => replay.add(position, record));
          if (replay.last === position) finished.add(replay);
        }
        for (const replay of finished) {
          open.delete(replay.id);
          finish(replay);
        }
      }),
      () => open.forEach(finish),
    );
  }
}
