/** What kits are made of, where somebody looks at them or takes them off shelves. */
import type { KitComponent } from "../../../src/catalog/kit.ts";
import type { Visit } from "../../dashboard/visit.ts";

interface MaybeKit {
  readonly sku: string;
  readonly components?: readonly KitComponent[] | undefined;
}

/** The goods of each unit; nothing of a line that is no kit. */
export const KitGoods = ({ of, visit }: { readonly of: MaybeKit; readonly visit: Visit }) =>
  of.components === undefined ? null : (
    <span class="muted" data-kit={of.sku}>
      {" each: "}
      {of.components.map(({ sku, quantity }) => `${visit.format.number(quantity)} × ${sku}`)
        .join(", ")}
    </span>
  );

/** Goods that are taken off shelves for lines, in their order, and what is still to be picked of each. */
export const goodsToPick = (
  lines: readonly (MaybeKit & {
    readonly lineId: string;
    readonly quantity: number;
    readonly picked: number;
  })[],
): readonly {
  readonly lineId: string;
  readonly sku: string;
  readonly left: number;
  readonly kit?: string;
}[] =>
  lines.filter(({ quantity, picked }) => quantity > picked)
    .flatMap(({ lineId, sku, components, quantity, picked }) =>
      components === undefined
        ? [{ lineId, sku, left: quantity - picked }]
        : components.map((part) => ({
          ...{ lineId, sku: part.sku, left: (quantity - picked) * part.quantity, kit: sku },
        }))
    );
