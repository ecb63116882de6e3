/** The status: the members that subjects make of the counters, and those of the machine itself. Pure. */
import { type Instant, instantOf } from "../kernel/instant.ts";
import { logLimits } from "../store/limits.ts";
import type { Scope } from "../kernel/principal.ts";
import type { SetAside } from "../store/documents.ts";
import type { Position } from "../store/log.ts";
import type { StoreTrouble } from "../store/store.ts";
import type { StatusSection } from "../subject/tally.ts";
import type { StatusCounters } from "./counters.ts";

export interface ConsumerLag {
  readonly name: string;
  readonly position: Position;
  readonly entriesBehind: number;
  readonly secondsBehind: number;
}

/** Whether the store takes commits; if not, since when, and why as far as is known. */
export interface StoreState {
  readonly takesCommits: boolean;
  readonly since?: Instant;
  readonly reason?: StoreTrouble;
}

export interface ConsumerState extends ConsumerLag {
  /** Entries that it could not handle: while there are any, what it keeps is incomplete. */
  readonly setAside: number;
}

/** Beside the members that subjects add. */
export interface StatusSnapshot {
  readonly at: Instant;
  /** Everything up to this log position is counted. */
  readonly position: Position;
  /** The rest only for keys that see everything. */
  readonly consumers?: readonly ConsumerState[];
  /** Log entries that a consumer could not handle, the oldest ones of each. */
  readonly setAside?: readonly SetAside[];
  readonly stream?: { readonly readers: number };
  readonly store?: StoreState;
}

/** A snapshot needs these beside the counters. */
export interface SnapshotFacts {
  readonly nowMs: number;
  /** Members that subjects have read from the store, for keys that see everything. */
  readonly looked: Readonly<Record<string, unknown>>;
  readonly consumers: readonly ConsumerLag[];
  readonly setAside: readonly SetAside[];
  readonly streamReaders: number;
  readonly store: StoreState;
}

const machineMembers = (facts: SnapshotFacts): Omit<StatusSnapshot, "at" | "position"> => ({
  consumers: facts.consumers.map((lag) => ({
    ...lag,
    setAside: facts.setAside.filter(({ consumer }) => consumer === lag.name).length,
  })),
  setAside: facts.setAside.slice(0, logLimits.setAsideShown),
  stream: { readers: facts.streamReaders },
  store: facts.store,
});

export const snapshotOf = (
  counters: StatusCounters,
  sections: readonly StatusSection[],
  scope: Scope,
  facts: SnapshotFacts,
): StatusSnapshot => {
  const { nowMs } = facts;
  const isWhole = scope.channel === undefined && scope.locationId === undefined;
  return Object.assign(
    { at: instantOf(nowMs), position: counters.position },
    ...sections.map((section) => section(counters, scope, nowMs)),
    isWhole ? { ...facts.looked, ...machineMembers(facts) } : {},
  );
};
