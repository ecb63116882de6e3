/** The lots of a change of stock: those that it names, and what it does to them where it names none. */
import { Effect } from "effect";
import type { Item } from "../../src/catalog/catalog.ts";
import type { LotAsk } from "../../src/lot/change.ts";
import type { LotStock } from "../../src/lot/fefo.ts";
import type { StockDelta } from "../../src/stock/stock.ts";
import { type Lots, LotsRefused } from "../lot/lots.ts";
import type { PlannedLots } from "../lot/enter-lots.ts";

/** The lots that a change names of a SKU: it may depend on what the change comes to, and on the lots there. */
export type LotsOfChange = (
  sku: string,
  known: readonly LotStock[],
  moved: Pick<StockDelta, "onHand" | "unavailable">,
) => readonly LotAsk[];

const nothing: PlannedLots = { others: [], expected: [] };
const unmoved = { onHand: 0, unavailable: 0 };
const noLots: readonly LotAsk[] = [];

/** Untracked items have no lots: a change that names some is refused. */
export const plannedLots = Effect.fnUntraced(function* (
  lots: Lots["Service"],
  { locationId, skus, lots: lotsOf = () => noLots }: {
    readonly locationId: string;
    readonly skus: readonly string[];
    readonly lots?: LotsOfChange | undefined;
  },
  stock: readonly StockDelta[],
  items: ReadonlyMap<string, Item | null>,
) {
  let planned = nothing;
  for (const sku of new Set(skus)) {
    const tracking = items.get(sku)?.tracking;
    const moved = tracking === undefined
      ? unmoved
      : stock.find((delta) => delta.sku === sku) ?? unmoved;
    if (tracking === undefined) {
      const [named] = lotsOf(sku, [], moved);
      if (named === undefined) continue;
      const detail = `Units of ${sku} are not told apart: its item has no \`tracking\`.`;
      const faults = [{ type: "invalid", pointer: named.pointer, detail } as const];
      return yield* new LotsRefused({ locationId, faults });
    }
    const { others, expected } = yield* lots.plan({
      ...{ locationId, sku, tracking, moved },
      asks: (known) => lotsOf(sku, known, moved),
    });
    planned = {
      others: [...planned.others, ...others],
      expected: [...planned.expected, ...expected],
    };
  }
  return planned;
});
