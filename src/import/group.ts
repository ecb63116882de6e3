/**
 * Rows that stand together and have one external id are one order. A bad row rejects its whole order: half
 * an order is worse than a reported one, since its number is then taken and the other half cannot follow.
 *
 * A row too broken to tell its order may belong to the one before it or to the one after it, so both are
 * rejected, unless the same order goes on behind it. Corrected and imported again, they are created; what
 * was created before is then a duplicate.
 */
import { Result } from "effect";
import { importLimits } from "./limits.ts";
import type { PlaceOrderRequest } from "../order/request.ts";
import { candidateOf } from "./candidate.ts";
import { decodeOrder } from "./decode.ts";
import { columnAt, type Draft, rowError, sharedFields } from "./draft.ts";
import { type Outcome, type RowError, type RowOutcome, rowResult } from "./job.ts";
import type { ImportMappingBody } from "./mapping.ts";

/** A row that is no draft: too broken to be read by the mapping. */
export interface Stray {
  readonly line: number;
  readonly detail: string;
  /** What its external id may be: the likeliest first. */
  readonly candidates: readonly string[];
  /** True when the first candidate is surely its external id. */
  readonly certain: boolean;
}

export interface PlaceInput {
  readonly type: "place";
  readonly externalId: string;
  readonly request: PlaceOrderRequest;
  /** File lines, by the order's lines; one alone when the row is the whole order. */
  readonly lines: readonly number[];
  readonly mapping: ImportMappingBody | null;
}

/** What is settled without asking the engine. */
export interface SettledInput {
  readonly type: "settled";
  readonly outcome: Outcome;
}

export type ImportInput = PlaceInput | SettledInput;

export interface Grouper {
  readonly draft: (draft: Draft, characters: number) => readonly ImportInput[];
  readonly stray: (stray: Stray) => readonly ImportInput[];
  readonly end: () => readonly ImportInput[];
  /** UTF-16 code units of the rows held now. */
  readonly held: () => number;
}

interface Row {
  readonly line: number;
  readonly detail: string | null;
  readonly errors: readonly RowError[];
}

interface Group {
  readonly externalId: string;
  drafts: Draft[];
  rows: Row[];
  characters: number;
  /** Why the order is rejected, as its other rows are told. */
  because: string | null;
  /** Null until a row tells. */
  credit: boolean | null;
  /** Rows were handed on already. */
  continued: boolean;
}

/** The rows of an order that cannot be, each with its own reason or that of the whole. */
export const rejectedRows = (
  externalId: string | null,
  rows: readonly Row[],
  because: string | null,
): Outcome["rows"] =>
  rows.map((row) =>
    rowResult({
      line: row.line,
      externalId,
      outcome: "rejected",
      problem: "invalid-row",
      detail: row.detail ?? (row.errors.length > 0 ? undefined : because ?? undefined),
      errors: row.errors,
    })
  );

/** What is wrong with a decoded or decided order, told at the rows that it comes from. */
export const rejectOrder = (
  input: Omit<PlaceInput, "type" | "request">,
  problem: string,
  detail: string,
  errors: readonly RowError[],
): Outcome => {
  const { externalId, lines, mapping } = input;
  const wholeOrder = lines.length === 1 && mapping === null;
  const indexOf = (error: RowError): number =>
    wholeOrder ? 0 : Number(/^\/lines\/(\d+)/.exec(error.pointer ?? "")?.[1] ?? 0);
  const byRow = new Map<number, RowError[]>();
  for (const error of errors) {
    const column = mapping === null || error.pointer === undefined
      ? null
      : columnAt(mapping, error.pointer);
    const index = Math.min(indexOf(error), lines.length - 1);
    const own = byRow.get(index) ?? [];
    own.push(column === null ? error : { ...error, column });
    byRow.set(index, own);
  }
  const first = lines[Math.min(...byRow.keys())];
  return {
    order: "rejected",
    rows: lines.map((line, index) =>
      rowResult({
        line,
        externalId,
        outcome: "rejected",
        problem,
        detail: byRow.has(index) || first === undefined
          ? detail
          : `The order is rejected because of line ${first}.`,
        errors: byRow.get(index),
      })
    ),
  };
};

/** In what a row of an order speaks against the first one. A moment's difference in time is none. */
const disagreement = (first: Draft, draft: Draft) =>
  sharedFields.find((field) =>
    (draft.shared[field] ?? "") !== "" && draft.shared[field] !== first.shared[field]
  );

export const createGrouper = (options: {
  readonly channel: string;
  readonly mapping: ImportMappingBody;
}): Grouper => {
  const { channel, mapping } = options;
  let group: Group | null = null;
  /** Line of a row that may belong to the order that comes next. */
  let strayLine: number | null = null;

  const reject = (target: Group, because: string): void => {
    target.because ??= because;
    target.drafts = [];
  };

  const settle = (target: Group, outcome: RowOutcome, rows: Outcome["rows"]): SettledInput => ({
    type: "settled",
    outcome: { order: target.continued ? null : outcome, rows },
  });

  const rejected = (target: Group): SettledInput =>
    settle(
      target,
      "rejected",
      rejectedRows(target.externalId, target.rows, target.because),
    );

  const finish = (target: Group): ImportInput => {
    const [first] = target.drafts;
    if (target.because !== null || first === undefined) return rejected(target);
    if (target.credit) {
      return settle(
        target,
        "credit",
        target.rows.map(({ line }) =>
          rowResult({ line, externalId: target.externalId, outcome: "credit" })
        ),
      );
    }
    const input = {
      externalId: target.externalId,
      lines: target.rows.map(({ line }) => line),
      mapping,
    };
    const decoded = decodeOrder(candidateOf(channel, first, target.drafts));
    return Result.isSuccess(decoded) ? { type: "place", ...input, request: decoded.success } : {
      type: "settled",
      outcome: rejectOrder(input, "invalid-row", "The row cannot be an order.", decoded.failure),
    };
  };

  const open = (externalId: string): Group => {
    const opened: Group = {
      externalId,
      drafts: [],
      rows: [],
      characters: 0,
      because: null,
      credit: null,
      continued: false,
    };
    if (strayLine !== null) {
      reject(
        opened,
        `The order is rejected because line ${strayLine}, which may be a part of it, is malformed.`,
      );
      strayLine = null;
    }
    return opened;
  };

  /** The group that takes a row with this external id, and what it ends. */
  const groupFor = (externalId: string): readonly [Group, ImportInput[]] => {
    const out: ImportInput[] = [];
    if (group !== null && group.externalId !== externalId) {
      out.push(finish(group));
      group = null;
    }
    // The same order goes on, so what was broken within it is its own.
    if (group !== null) strayLine = null;
    group ??= open(externalId);
    if (group.rows.length >= importLimits.rowsPerOrder) {
      reject(group, `The order has more than ${importLimits.rowsPerOrder} rows.`);
      out.push(rejected(group));
      group.rows = [];
      group.continued = true;
    }
    return [group, out];
  };

  return {
    draft: (draft, characters) => {
      if (draft.externalId === "") {
        return addStray({
          line: draft.line,
          detail: "has no external id",
          candidates: [],
          certain: false,
        });
      }
      const [target, out] = groupFor(draft.externalId);
      target.credit ??= draft.credit;
      const index = target.rows.length;
      const first = target.drafts[0];
      const unlike = first === undefined ? undefined : disagreement(first, draft);
      // What a credit says beside its quantity is nobody's business: it is reported and not placed.
      const errors = draft.credit && target.credit
        ? []
        : unlike === undefined
        ? draft.errors
        : [...draft.errors, {
          field: unlike,
          detail: `is not what line ${first?.line} of the same order says`,
        }];
      const mixed = draft.credit !== target.credit;
      target.rows.push({
        line: draft.line,
        detail: mixed ? "An order and a credit have the same number." : null,
        errors: errors.slice(0, importLimits.errorsPerRow).map((error) =>
          rowError(mapping, error, index)
        ),
      });
      target.characters += characters;
      if (mixed || errors.length > 0) {
        reject(target, `The order is rejected because line ${draft.line} of it is malformed.`);
      } else if (target.characters > importLimits.orderCharacters) {
        reject(
          target,
          `The order's rows have more than ${importLimits.orderCharacters} characters.`,
        );
      } else if (target.because === null) target.drafts.push(draft);
      return out;
    },
    stray: (stray) => addStray(stray),
    end: () => {
      const last = group;
      group = null;
      strayLine = null;
      return last === null ? [] : [finish(last)];
    },
    held: () => group === null ? 0 : group.drafts.length === 0 ? 0 : group.characters,
  };

  function addStray(stray: Stray): readonly ImportInput[] {
    const [likeliest] = stray.candidates;
    const current = group?.externalId;
    const externalId = stray.certain && likeliest !== undefined
      ? likeliest
      : stray.candidates.find((candidate) => candidate === current);
    const row: Row = { line: stray.line, detail: `The row ${stray.detail}.`, errors: [] };
    if (externalId !== undefined && externalId !== "") {
      const [target, out] = groupFor(externalId);
      reject(target, `The order is rejected because line ${stray.line} of it is malformed.`);
      target.rows.push(row);
      return out;
    }
    if (group !== null) {
      reject(
        group,
        `The order is rejected because line ${stray.line}, which may be a part of it, is malformed.`,
      );
    }
    const out: ImportInput[] = group === null ? [] : [finish(group)];
    out.push({
      type: "settled",
      outcome: { order: null, rows: rejectedRows(null, [row], null) },
    });
    if (group !== null) {
      // The rest of the order, if any comes, is rejected as well and counted no second time.
      group = { ...group, rows: [], continued: true };
    }
    strayLine = stray.line;
    return out;
  }
};
