/**
 * Enters units of which nobody has said the lot, so that a pick can take them: all of them as units of no known
 * lot, or some as serials that are first read when they leave.
 */
import { Clock, Effect } from "effect";
import { instantOf } from "../../src/kernel/instant.ts";
import type { Principal } from "../../src/kernel/principal.ts";
import { inLots, lotDelta, lotTotalBalance } from "../../src/lot/balance.ts";
import { type LotFault, unlisted } from "../../src/lot/change.ts";
import { unknownLot } from "../../src/lot/lot.ts";
import type { LotRejection, UnnamedLine } from "../../src/lot/naming.ts";
import { lotRecordOf } from "../../src/lot/record.ts";
import { stockBalance } from "../../src/stock/balance.ts";
import { locationPartition } from "../../src/stock/keys.ts";
import type { BalanceDeltas, ExpectedValue } from "../../src/subject/balance.ts";
import type { Deciding } from "../aggregate/deciding.ts";
import { Refused } from "../command/command.ts";
import { emptyPart, unitOf } from "../command/unit-of.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Lots } from "./lots.ts";
import type { LotReads, LotsOfSku, SerialPlaces } from "./read-lots.ts";

/** What a change of stock does to the lots of a SKU, and what that rests on. */
export interface PlannedLots {
  readonly others: readonly BalanceDeltas[];
  readonly expected: readonly ExpectedValue[];
}

/** How often units of no known lot were entered or taken: no more often, when this commits. */
export const unknownRests = (
  { stock: { locationId, sku }, changes }: LotsOfSku,
): ExpectedValue => ({
  ...{ balance: lotTotalBalance.name, space: locationId, row: sku, field: "changes", is: changes },
});

/** How many units were set aside. */
export const setAsideRests = (
  { stock: { locationId, sku, unavailable } }: LotsOfSku,
): ExpectedValue => ({
  ...{ balance: stockBalance.name, space: locationId, row: sku, field: "unavailable" },
  is: unavailable,
});

export interface LotEntering {
  readonly reads: LotReads;
  readonly deciding: Deciding["Service"];
  readonly ledger: Ledger["Service"];
  readonly plan: Lots["Service"]["plan"];
}

/** Where a serial is that may not be picked here; null where it may. */
const elsewhere = (
  { lots }: LotsOfSku,
  serial: string,
  { there, gone }: SerialPlaces,
): Extract<LotRejection, { readonly _tag: "SerialExists" }>["state"] | null => {
  const here = lots.find((lot) => lot.serial === true && lot.lotId === serial && lot.onHand > 0);
  if (here !== undefined) return here.picked > 0 ? "picked" : null;
  return there > 0 ? "elsewhere" : gone > 0 ? "gone" : null;
};

/** There are fewer units of no known lot than serials that nobody knows. */
const tooFew = (sku: string, requested: number, [fault]: readonly LotFault[]) => {
  const available = fault?.type === "short" ? fault.available : 0;
  const rejection: LotRejection = { _tag: "LotShort", sku, requested, available };
  return Effect.fail(new Refused({ rejection }));
};

export const lotEntries = ({ reads, deciding, ledger, plan }: LotEntering) => {
  const submitEntered = Effect.fnUntraced(function* (
    locationId: string,
    sku: string,
    { others, expected }: PlannedLots,
    by: Principal,
  ) {
    const at = instantOf(yield* Clock.currentTimeMillis);
    const record = lotRecordOf({
      ...{ type: "lot.entered", at, by: by.id, locationId, sku, others },
    });
    const partitions = [locationPartition(locationId)];
    const part = { ...emptyPart, partitions, balances: others, records: [record] };
    yield* ledger.submit(unitOf(part, {}, null, { expected }));
  });

  /** Gives a row to the units whose lot nobody has said, so that a pick can take them. */
  const enterUnknown = Effect.fnUntraced(function* (
    locationId: string,
    sku: string,
    by: Principal,
  ) {
    const found = yield* reads.at(locationId, sku);
    const units = unlisted(found);
    if (units <= 0) return found;
    const expected = [unknownRests(found)];
    yield* deciding.loadRows(expected);
    const others = inLots(
      [lotDelta(locationId, sku, unknownLot, { onHand: units })],
      [],
      [lotTotalBalance.delta(locationId, sku, { changes: 1 })],
    );
    yield* submitEntered(locationId, sku, { others, expected }, by);
    return yield* reads.at(locationId, sku);
  });

  /** Makes serials that nobody knows yet out of units of no known lot: some are read only when a unit leaves. */
  const enterSerials = Effect.fnUntraced(function* (
    locationId: string,
    { sku, serials = [] }: UnnamedLine,
    by: Principal,
  ) {
    const found = yield* reads.at(locationId, sku);
    const serialAt = yield* reads.serialsOf(sku, serials);
    const fresh: string[] = [];
    for (const serial of serials) {
      const place = serialAt(serial);
      const state = elsewhere(found, serial, place);
      if (state !== null) {
        return yield* new Refused<LotRejection>({
          rejection: { _tag: "SerialExists", sku, serial, state },
        });
      }
      if (place.there === 0) fresh.push(serial);
    }
    if (fresh.length === 0) return;
    const onHand = fresh.length;
    const planned = yield* Effect.catchTag(
      plan({
        ...{ locationId, sku, tracking: "serial", moved: { onHand: 0, unavailable: 0 } },
        asks: () => [{ pointer: "", sku, serials: fresh, onHand, setAside: 0 }],
      }),
      "LotsRefused",
      ({ faults }) => tooFew(sku, onHand, faults),
    );
    yield* submitEntered(locationId, sku, planned, by);
  });

  return { enterUnknown, enterSerials };
};
