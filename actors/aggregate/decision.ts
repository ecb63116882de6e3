/**
 * One decision about one aggregate, with facts from this process's memory. A missing fact is noted and
 * loaded, and the decision is made again.
 */
import type { Instant } from "../../src/kernel/instant.ts";
import type { Key } from "../../src/kernel/key.ts";
import type { Json } from "../../src/kernel/packed.ts";
import type { Aggregate, Look } from "../../src/subject/aggregate.ts";
import { type BalanceDeltas, noDeltas } from "../../src/subject/balance.ts";
import type { AggregateCommand, AggregateEvent, AggregateState } from "../../src/subject/state.ts";
import type { Reference, WholeReference } from "../../src/subject/reference.ts";
import type { BalanceRow, BookList } from "../balance/books.ts";
import type { References } from "../reference/references.ts";

export interface Decision<State = AggregateState, Event = AggregateEvent> {
  /** Its version counts the commit that is to come. */
  readonly after: State;
  readonly events: readonly Event[];
  readonly balances: readonly BalanceDeltas[];
}

/** Availability that a unit of work brings along or has used up already, beside the books. */
export type Overlay = (balance: string, space: string, row: string) => number;

/** The time, the author and the room of a decision. */
export interface DecisionMoment {
  readonly now: Instant;
  readonly by: string;
  /** Commits of the store may touch this many fences of balances. */
  readonly spacesPerCommit: number;
  /** Bytes of keys that they have for these, their rows, and links. */
  readonly keyBytesPerCommit: number;
}

/** A document that a decision asked for; null stands for all of them. */
export interface WantedReference {
  readonly of: Reference;
  readonly id: string | null;
}

/** Links that a decision asked for. */
export interface WantedLinks {
  readonly prefix: Key;
  readonly limit: number;
}

/** Rows, documents and links that a decision asked for and memory does not have. */
export interface Missing {
  readonly rows: readonly BalanceRow[];
  readonly references: readonly WantedReference[];
  readonly links: readonly WantedLinks[];
}

/** The links that were read for a decision, by the beginning of their keys: no other decision sees them. */
export class ReadLinks {
  readonly #values = new Map<string, readonly Json[]>();

  get({ prefix, limit }: WantedLinks): readonly Json[] | undefined {
    return this.#values.get(JSON.stringify([prefix, limit]));
  }

  set({ prefix, limit }: WantedLinks, values: readonly Json[]): void {
    this.#values.set(JSON.stringify([prefix, limit]), values);
  }

  /** They are read again when they are next asked for. */
  forget(): void {
    this.#values.clear();
  }
}

/** Answers one decision from this process's memory, and notes what is missing there. */
export class LookNow implements Look {
  readonly now: Instant;
  readonly by: string;
  readonly spacesPerCommit: number;
  readonly keyBytesPerCommit: number;
  #rows: BalanceRow[] | null = null;
  #wanted: WantedReference[] | null = null;
  #links: WantedLinks[] | null = null;

  constructor(
    private readonly books: BookList,
    private readonly known: References["Service"],
    moment: DecisionMoment,
    private readonly overlay: Overlay | undefined,
    private readonly read: ReadLinks | undefined,
  ) {
    this.now = moment.now;
    this.by = moment.by;
    this.spacesPerCommit = moment.spacesPerCommit;
    this.keyBytesPerCommit = moment.keyBytesPerCommit;
  }

  available(balance: string, space: string, row: string): number {
    const available = this.books.of(balance).available(space, row);
    if (available !== undefined) return available + (this.overlay?.(balance, space, row) ?? 0);
    (this.#rows ??= []).push({ balance, space, row });
    return 0;
  }

  value(balance: string, space: string, row: string, field: string): number {
    const value = this.books.of(balance).value(space, row, field);
    if (value !== undefined) return value;
    (this.#rows ??= []).push({ balance, space, row });
    return 0;
  }

  reference<Document extends object>(of: Reference<Document>, id: string): Document | null {
    const document = this.known.known(of)(id);
    if (document !== undefined) return document;
    (this.#wanted ??= []).push({ of: of as unknown as Reference, id });
    return null;
  }

  references<Document extends object>(of: WholeReference<Document>): readonly Document[] {
    const documents = this.known.knownAll(of);
    if (documents !== null) return documents;
    (this.#wanted ??= []).push({ of: of as unknown as Reference, id: null });
    return [];
  }

  linked(prefix: Key, limit: number): readonly Json[] {
    const values = this.read?.get({ prefix, limit });
    if (values !== undefined) return values;
    (this.#links ??= []).push({ prefix, limit });
    return [];
  }

  /** Null when everything that was asked for was known. */
  get missing(): Missing | null {
    if (this.#rows === null && this.#wanted === null && this.#links === null) return null;
    return {
      rows: this.#rows ?? [],
      references: this.#wanted ?? [],
      links: this.#links ?? [],
    };
  }
}

/**
 * Folds events of one moment into a state, and collects their changes of balances. The caller counts the
 * version. `merge` joins the deltas of several events into one for each row.
 */
export const foldEvents = <State extends AggregateState, Event extends AggregateEvent>(
  definition: Pick<
    Aggregate<State, AggregateCommand, Event>,
    "evolve" | "effectsOf"
  >,
  before: State,
  events: readonly Event[],
  at: Instant,
  merge: (effects: readonly BalanceDeltas[]) => readonly BalanceDeltas[],
): { readonly state: State; readonly balances: readonly BalanceDeltas[] } => {
  let state = before;
  let balances = noDeltas;
  let touching = 0;
  for (const event of events) {
    const effects = definition.effectsOf(state, event);
    if (effects.length > 0) {
      touching++;
      balances = touching === 1 ? effects : [...balances, ...effects];
    }
    state = definition.evolve(state, event, at);
  }
  return { state, balances: touching > 1 ? merge(balances) : balances };
};
