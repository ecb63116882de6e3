/** The status: the members that subjects make of the counters, and those of the machine itself. Pure. */
import { type Instant, instantOf } from "../kernel/instant.ts";
import { logLimits } from "../store/limits.ts";
import type { Scope } from "../kernel/principal.ts";
import type { LaneState } from "../outbound/state.ts";
import type { SetAside } from "../store/documents.ts";
import type { Position } from "../store/log.ts";
import type { StoreTrouble } from "../store/store.ts";
import type { Aggregate } from "../subject/aggregate.ts";
import type { SubjectList } from "../subject/subject.ts";
import type { Counts } from "../subject/tally.ts";
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
  /** Entries that it could not handle: while there are any, its results are incomplete. */
  readonly setAside: number;
}

/** A lane to the outside, with how far it is behind the log. */
export interface LaneShown {
  readonly name: string;
  readonly status: LaneState["status"];
  /** Why it is not active. */
  readonly reason?: string;
  /** Since when nobody answers. */
  readonly failingSince?: Instant;
  readonly entriesBehind: number;
  readonly secondsBehind: number;
  /** Messages that are not settled. */
  readonly waiting: number;
  /** Messages that failed for good, and that nobody has looked after. */
  readonly failed: number;
}

/** How many aggregates of one kind there are, as far as a key sees them. */
export interface AggregateCounts {
  readonly total: number;
  readonly byStatus: Readonly<Record<string, number>>;
}

/** Beside the members that subjects add. */
export interface StatusSnapshot {
  readonly at: Instant;
  /** Everything up to this log position is counted. */
  readonly position: Position;
  /** By the plural of their name, of kinds that have no member of their own; absent for keys of one location. */
  readonly aggregates?: Readonly<Record<string, AggregateCounts>>;
  /** The rest only for keys that see everything. */
  readonly consumers?: readonly ConsumerState[];
  /** Lanes to the outside; those of documents that are closed are not there. */
  readonly lanes?: readonly LaneShown[];
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
  readonly lanes: readonly LaneState[];
  readonly setAside: readonly SetAside[];
  readonly streamReaders: number;
  readonly store: StoreState;
}

const laneShown = (state: LaneState, lags: readonly ConsumerLag[]): LaneShown => {
  const { name, status, reason, failingSinceMs, messages, deadLetters } = state;
  const { entriesBehind = 0, secondsBehind = 0 } = lags.find((each) => each.name === name) ?? {};
  return {
    name,
    status,
    ...(reason === null ? {} : { reason }),
    ...(failingSinceMs === null ? {} : { failingSince: instantOf(failingSinceMs) }),
    entriesBehind,
    secondsBehind,
    waiting: messages,
    failed: deadLetters,
  };
};

const machineMembers = (facts: SnapshotFacts): Omit<StatusSnapshot, "at" | "position"> => ({
  consumers: facts.consumers.map((lag) => ({
    ...lag,
    setAside: facts.setAside.filter(({ consumer }) => consumer === lag.name).length,
  })),
  lanes: facts.lanes.map((state) => laneShown(state, facts.consumers)),
  setAside: facts.setAside.slice(0, logLimits.setAsideShown),
  stream: { readers: facts.streamReaders },
  store: facts.store,
});

/** Aggregates of a kind by their status, in all channels or in one. */
export const countsOf = (
  counters: StatusCounters,
  { plural, statuses }: Pick<Aggregate, "plural" | "statuses">,
  channel: string | undefined,
): AggregateCounts => {
  const groups = counters.groups(plural);
  const counted: readonly Counts[] = channel === undefined
    ? [...groups.values()]
    : [groups.get(channel) ?? new Map<string, number>()];
  const byStatus = Object.fromEntries(
    statuses.map((
      status,
    ) => [status, counted.reduce((sum, counts) => sum + (counts.get(status) ?? 0), 0)]),
  );
  return { total: Object.values(byStatus).reduce((sum, n) => sum + n, 0), byStatus };
};

/** A key of one location sees the part of each kind that its subject lets it see. */
const othersOf = (
  counters: StatusCounters,
  { aggregates }: SubjectList,
  { channel, locationId }: Scope,
  shown: object,
): Pick<StatusSnapshot, "aggregates"> => {
  if (locationId !== undefined) return {};
  const others = [...aggregates.values()].filter(({ plural }) => !Object.hasOwn(shown, plural));
  return others.length === 0 ? {} : {
    aggregates: Object.fromEntries(
      others.map((definition) => [definition.plural, countsOf(counters, definition, channel)]),
    ),
  };
};

export const snapshotOf = (
  counters: StatusCounters,
  subjects: SubjectList,
  scope: Scope,
  facts: SnapshotFacts,
): StatusSnapshot => {
  const { nowMs } = facts;
  const isWhole = scope.channel === undefined && scope.locationId === undefined;
  const shown: StatusSnapshot = Object.assign(
    { at: instantOf(nowMs), position: counters.position },
    ...subjects.sections.map((section) => section(counters, scope, nowMs)),
  );
  return Object.assign(
    shown,
    othersOf(counters, subjects, scope, shown),
    isWhole ? { ...facts.looked, ...machineMembers(facts) } : {},
  );
};
