/** The member of the status about stock: sums of units over all SKUs. Pure. */
import type { Scope } from "../kernel/principal.ts";
import type { Counts, TallyReader } from "../subject/tally.ts";
import { unitsTally } from "./record.ts";

/** Sums over all SKUs of a location, and the units of them that may be promised. */
export interface Units {
  readonly onHand: number;
  readonly reserved: number;
  readonly unavailable: number;
  readonly safetyStock: number;
  readonly claimed: number;
  readonly available: number;
}

export interface StockSections {
  /** Absent for keys of one channel. */
  readonly units?: Units & {
    readonly byLocation: readonly (Units & { readonly locationId: string })[];
  };
}

const unitsOf = (groups: readonly Counts[]): Units => {
  const sum = (key: string): number =>
    groups.reduce((units, counts) => units + (counts.get(key) ?? 0), 0);
  const onHand = sum("onHand");
  const reserved = sum("reserved");
  const unavailable = sum("unavailable");
  const safetyStock = sum("safetyStock");
  const claimed = sum("claimed");
  return {
    onHand,
    reserved,
    unavailable,
    safetyStock,
    claimed,
    available: onHand - reserved - claimed - unavailable - safetyStock,
  };
};

export const stockSections = (
  counted: TallyReader,
  { channel, locationId }: Scope,
): StockSections & Readonly<Record<string, unknown>> => {
  if (channel !== undefined) return {};
  const groups = [...counted.groups(unitsTally)]
    .filter(([name]) => locationId === undefined || name === locationId)
    .sort(([one], [other]) => one < other ? -1 : 1);
  return {
    units: {
      ...unitsOf(groups.map(([, counts]) => counts)),
      byLocation: groups.map(([name, counts]) => ({ locationId: name, ...unitsOf([counts]) })),
    },
  };
};
