/** Counters as they are saved: lists instead of objects, since channels and locations may have any name. Pure. */
import type { SetAside } from "../store/documents.ts";
import type { Position } from "../store/log.ts";
import { onlyKey } from "../subject/tally.ts";

export const format = 2;

type SavedCounts = readonly (readonly [string, number])[];
type SavedGroups = readonly (readonly [string, SavedCounts])[];
/** By seconds or minutes since 1970. */
export type SavedSpans = readonly (readonly [number, SavedCounts])[];

export interface SavedCounters {
  readonly format: typeof format;
  readonly position: Position;
  /** Entries up to there that are not counted. */
  readonly setAside?: readonly SetAside[];
  readonly entries: number;
  readonly marks: readonly Position[];
  readonly tallies: readonly (readonly [string, SavedGroups])[];
  readonly seconds: SavedSpans;
  readonly minutes: SavedSpans;
}

/** A group of the format before: its counts as pairs, as an object, or as the only one. */
type EarlierCounts = SavedCounts | Readonly<Record<string, number>> | number;

type EarlierGroups = readonly (readonly [string, EarlierCounts])[];

/** The format before: each tally is a member of its own, beside the members that all formats have. */
interface EarlierCounters
  extends Omit<SavedCounters, "format" | "tallies" | "seconds" | "minutes"> {
  readonly format: 1;
  readonly seconds: readonly (readonly [number, EarlierCounts])[];
  readonly minutes?: readonly (readonly [number, EarlierCounts])[];
  readonly [tally: string]: unknown;
}

const commonMembers = ["setAside", "marks", "seconds", "minutes"];

const isTally = (member: readonly [string, unknown]): member is [string, EarlierGroups] =>
  Array.isArray(member[1]) && !commonMembers.includes(member[0]);

const countsOf = (counts: EarlierCounts): SavedCounts =>
  (typeof counts === "number"
    ? [[onlyKey, counts] as const]
    : Array.isArray(counts)
    ? counts as SavedCounts
    : Object.entries(counts)).filter(([, n]) => n !== 0);

const groupsOf = <Name>(
  groups: readonly (readonly [Name, EarlierCounts])[] = [],
): readonly (readonly [Name, SavedCounts])[] =>
  groups.map(([name, counts]) => [name, countsOf(counts)] as const);

const fromEarlier = (saved: EarlierCounters): SavedCounters => ({
  format,
  position: saved.position,
  ...(saved.setAside === undefined ? {} : { setAside: saved.setAside }),
  entries: saved.entries,
  marks: saved.marks,
  tallies: Object.entries(saved).filter(isTally)
    .map(([tally, groups]) => [tally, groupsOf(groups)] as const),
  seconds: groupsOf(saved.seconds),
  minutes: groupsOf(saved.minutes),
});

/** Null for a format that is not known. */
export const readSaved = (saved: unknown): SavedCounters | null => {
  const { format: found } = saved as { readonly format?: unknown };
  return found === format
    ? saved as SavedCounters
    : found === 1
    ? fromEarlier(saved as EarlierCounters)
    : null;
};
