/** Keys of the catalog beside those of its documents. */
import type { Key } from "../kernel/key.ts";

export const catalogKeys = {
  /** {sku}: the kit has the component in its recipe. */
  kitWith: (component: string, kit: string): Key => ["kit_with", component, kit],
  /** Below this stand the kits that have it. */
  kitsWith: (component: string): Key => ["kit_with", component],
} as const;
