/**
 * Rows with one external id are one order, whole or not at all: half an order is worse than a reported one,
 * since its number is then taken and the other half cannot follow. So a bad row rejects its whole order, and
 * orders wait in a window until their rows are surely together: to the end of the file, or until the window is
 * full. A row of an order that has left the window is rejected.
 *
 * A row too broken to tell its order may belong to the one before it or to the one after it, so both are
 * rejected, unless the same order goes on behind it. Corrected and imported again, they are created; what
 * was created before is then a duplicate.
 */
import { type Draft } from "./draft.ts";
import type { ImportInput } from "./input.ts";
import { type RowOutcome, rowResult, type SettledRows } from "./job.ts";
import {
  addDraft,
  finish,
  type Group,
  leftOut,
  malformed,
  openGroup,
  type OrderOptions,
  plainRow,
  reject,
  type Row,
} from "./order-group.ts";
import { importLimits } from "./limits.ts";
import { Queue, RecentTexts } from "./window.ts";

/** A row that is no draft: too broken to be read by the mapping. */
export interface Stray {
  readonly line: number;
  readonly detail: string;
  /** What its external id may be: the likeliest first. */
  readonly candidates: readonly string[];
  /** True when the first candidate is surely its external id. */
  readonly certain: boolean;
}

export interface Grouper {
  readonly draft: (draft: Draft, characters: number) => readonly ImportInput[];
  readonly stray: (stray: Stray) => readonly ImportInput[];
  readonly end: () => readonly ImportInput[];
  /** UTF-16 code units of the rows held now. */
  readonly held: () => number;
}

/** How much is read before an order has to have all its rows. */
export interface Window {
  readonly rows: number;
  readonly characters: number;
}

export interface GrouperOptions extends OrderOptions {
  readonly window: Window;
}

const nothing: readonly ImportInput[] = [];

/** Orders in the order of their first rows, and rows that are of none. */
type GroupEntry = Group | { readonly stray: SettledRows };

const rowsOfEntry = (entry: GroupEntry): number => "stray" in entry ? 1 : entry.rows.length;

/** Puts rows together to orders. */
class RowGrouper implements Grouper {
  readonly #options: GrouperOptions;
  readonly #window = new Queue<GroupEntry>();
  readonly #groups = new Map<string, Group>();
  /** The external ids of orders that have left the window. */
  readonly #through = new RecentTexts(importLimits.rememberedOrders);
  #rows = 0;
  #characters = 0;
  /** The order of the row before. */
  #previous: Group | null = null;
  /** Line of a row that may belong to the order that comes next. */
  #strayLine: number | null = null;

  constructor(options: GrouperOptions) {
    this.#options = options;
  }

  draft(draft: Draft, characters: number): readonly ImportInput[] {
    this.#add(draft, characters);
    return this.#settle();
  }

  stray(stray: Stray): readonly ImportInput[] {
    this.#addStray(stray);
    return this.#settle();
  }

  end(): readonly ImportInput[] {
    return this.#shrink({ rows: 0, characters: 0 });
  }

  held(): number {
    return this.#characters;
  }

  #settle(): readonly ImportInput[] {
    return this.#shrink(this.#options.window);
  }

  #leave(entry: GroupEntry): ImportInput {
    this.#rows -= rowsOfEntry(entry);
    if ("stray" in entry) return { type: "settled", outcome: entry.stray };
    this.#characters -= entry.characters;
    this.#groups.delete(entry.externalId);
    if (this.#previous === entry) this.#previous = null;
    this.#through.add(entry.externalId);
    return finish(entry, this.#options);
  }

  /** What has to leave for the window not to be larger than it may be. */
  #shrink({ rows, characters }: Window): readonly ImportInput[] {
    if (this.#rows <= rows && this.#characters <= characters) return nothing;
    const out: ImportInput[] = [];
    while (this.#rows > rows || this.#characters > characters) {
      const entry = this.#window.shift();
      if (entry === undefined) break;
      out.push(this.#leave(entry));
    }
    return out;
  }

  #addStrayRow(row: Row, externalId: string | null, outcome: RowOutcome): void {
    const { line, detail } = row;
    this.#window.push({
      stray: {
        order: null,
        rows: [rowResult({
          line,
          externalId,
          outcome,
          ...(outcome === "rejected" ? { problem: "invalid-row" } : {}),
          detail: detail ?? undefined,
        })],
      },
    });
    this.#rows++;
  }

  /** The group of an external id, which may be new; null when its order has left the window. */
  #groupOf(externalId: string): Group | null {
    const known = this.#groups.get(externalId);
    if (known === undefined && this.#through.has(externalId)) return null;
    const group = known ?? openGroup(externalId);
    if (known === undefined) {
      this.#groups.set(externalId, group);
      this.#window.push(group);
    }
    if (this.#strayLine !== null && group !== this.#previous) {
      reject(
        group,
        `The order is rejected because line ${this.#strayLine}, which may be a part of it, is malformed.`,
      );
    }
    if (group !== this.#previous) group.runs++;
    // Where the same order goes on, what was broken within it is its own.
    this.#strayLine = null;
    this.#previous = group;
    return group;
  }

  #late(line: number, externalId: string): void {
    const detail = `The order's other rows stand more than ${this.#options.window.rows} rows, or ` +
      `${this.#options.window.characters} characters, above.`;
    this.#addStrayRow(plainRow(line, detail), externalId, "rejected");
  }

  #addStray(stray: Stray): void {
    const [likeliest] = stray.candidates;
    const row = plainRow(stray.line, `The row ${stray.detail}.`);
    const externalId = stray.certain && likeliest !== undefined
      ? likeliest
      : stray.candidates.find((candidate) => candidate === this.#previous?.externalId);
    if (externalId !== undefined && externalId !== "") {
      const group = this.#groupOf(externalId);
      if (group === null) return this.#late(stray.line, externalId);
      reject(group, malformed(stray.line));
      group.rows.push(row);
      this.#rows++;
      return;
    }
    if (this.#previous !== null) {
      reject(
        this.#previous,
        `The order is rejected because line ${stray.line}, which may be a part of it, is malformed.`,
      );
    }
    this.#addStrayRow(row, null, "rejected");
    this.#strayLine = stray.line;
  }

  #add(draft: Draft, length: number): void {
    if (
      draft.skipped !== null && (draft.externalId === "" || draft.skipsOrder === null) &&
      !this.#groups.has(draft.externalId)
    ) {
      // Alone it is no order; where its order follows, it has not changed it.
      const row = plainRow(draft.line, leftOut(draft.skipped));
      return this.#addStrayRow(row, draft.externalId === "" ? null : draft.externalId, "skipped");
    }
    if (draft.externalId === "") {
      return this.#addStray({
        line: draft.line,
        detail: "has no external id",
        candidates: [],
        certain: false,
      });
    }
    const group = this.#groupOf(draft.externalId);
    if (group === null) return this.#late(draft.line, draft.externalId);
    addDraft(group, draft, length, this.#options.columnOf);
    this.#rows++;
    this.#characters += length;
  }
}

export const createGrouper = (options: GrouperOptions): Grouper => new RowGrouper(options);
