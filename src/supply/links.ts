/** Keys that point at purchase orders and transfers: their references, their supplies, and their timers. */
import { epochMsOf, type Instant } from "../kernel/instant.ts";
import type { Key } from "../kernel/key.ts";
import { type Link, timer, uniqueKey, waitingKey } from "../subject/link.ts";
import { supplyKey, type SupplyLink } from "./keys.ts";
import { isPending, type PendingLine } from "./moves.ts";

/** The value of a reference's key. */
export interface SupplyReference {
  readonly id: string;
  readonly fingerprint: string;
}

/** Whoever named it: a supplier's names are not those of another. */
const namedBy = (
  { supplierId, channel }: {
    readonly supplierId?: string | undefined;
    readonly channel?: string | undefined;
  },
): string => supplierId ?? channel ?? "";

export interface Referenced {
  readonly externalId?: string | undefined;
  readonly supplierId?: string | undefined;
  readonly channel?: string | undefined;
}

/** SupplyReference: one document for each reference; null for one without. */
export const referenceKey = (family: string, named: Referenced): Key | null =>
  named.externalId === undefined ? null : [family, namedBy(named), named.externalId];

export const referenceLinks = (
  family: string,
  named: Referenced & { readonly id: string; readonly fingerprint?: string | undefined },
): readonly Link[] => {
  const key = referenceKey(family, named);
  const { id, fingerprint = "" } = named;
  return key === null ? [] : [uniqueKey(key, { id, fingerprint })];
};

interface Supplying extends PendingLine {
  readonly sku: string;
}

/** A key for each line of which units are expected. */
export const supplyLinks = <Line extends Supplying>(
  lines: readonly Line[],
  locationId: string,
  of: {
    readonly expected: (line: Line) => number;
    readonly expectedAt: (line: Line) => Instant;
  },
): readonly Link[] =>
  lines.flatMap((line) => {
    if (of.expected(line) === 0) return [];
    const { id: supplyId, sku } = line;
    const link: SupplyLink = { supplyId, sku, locationId, dueMs: epochMsOf(of.expectedAt(line)) };
    return [waitingKey(supplyKey(link), { ...link })];
  });

const dueAtOnceMs = 0;

/** Who took the last step goes on by itself. In case that process ended, the timer is due at once. */
export const settleLinks = (lines: readonly PendingLine[]): readonly Link[] =>
  isPending(lines) ? [timer("settle", dueAtOnceMs, { type: "settle" })] : [];
