/** The member of the status about returns: how many are open, and where. Pure. */
import type { Scope } from "../kernel/principal.ts";
import type { Counts, Tallies, TallyReader } from "../subject/tally.ts";
import { type ReturnStatus, returnStatuses, supportedReturnActions } from "./return.ts";
import type { ReturnChange } from "./return-record.ts";

/** Returns by location and status. Part of how counters are saved. */
export const returnsTally = "returns";

/** Stands for the location of claims, and of returns that go nowhere yet. */
const nowhere = "";

const isOpen = (status: ReturnStatus): boolean => supportedReturnActions({ status }).length > 0;

/** Statuses in which something of a return is still to be done. */
export const openReturnStatuses: readonly ReturnStatus[] = returnStatuses.filter(isOpen);

export const countReturn = (change: ReturnChange, tallies: Tallies): void => {
  const { from, to, locationId, fromLocationId } = change;
  if (from === to && locationId === fromLocationId) return;
  if (from !== null) tallies.add(returnsTally, fromLocationId ?? nowhere, from, -1);
  tallies.add(returnsTally, locationId ?? nowhere, to, 1);
};

export interface ReturnSections {
  /** Absent for keys of one channel. */
  readonly returns?: {
    readonly open: number;
    readonly byStatus: Readonly<Record<string, number>>;
    /** Locations that have had any. */
    readonly byLocation: readonly { readonly locationId: string; readonly open: number }[];
  };
}

const openOf = (counts: Counts): number =>
  openReturnStatuses.reduce((sum, status) => sum + (counts.get(status) ?? 0), 0);

export const returnSections = (
  counted: TallyReader,
  { channel, locationId }: Scope,
): ReturnSections & Readonly<Record<string, unknown>> => {
  if (channel !== undefined) return {};
  const groups = [...counted.groups(returnsTally)]
    .filter(([name]) => locationId === undefined || name === locationId)
    .sort(([one], [other]) => one < other ? -1 : 1);
  const sum = (status: ReturnStatus): number =>
    groups.reduce((units, [, counts]) => units + (counts.get(status) ?? 0), 0);
  return {
    returns: {
      open: groups.reduce((units, [, counts]) => units + openOf(counts), 0),
      byStatus: Object.fromEntries(returnStatuses.map((status) => [status, sum(status)])),
      byLocation: groups.filter(([name]) => name !== nowhere)
        .map(([name, counts]) => ({ locationId: name, open: openOf(counts) })),
    },
  };
};
