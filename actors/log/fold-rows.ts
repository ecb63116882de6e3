/** Rows of a subject's fold in memory while they change: each is one JSON value under its key. */
import { Effect } from "effect";
import { reactorLimits } from "./limits.ts";
import { type Key, keyText } from "../../src/kernel/key.ts";
import type { Mutation, Store } from "../../src/store/store.ts";
import { decodeJson, encodeJson } from "../../src/store/values.ts";
import type { Fold } from "../../src/subject/reactor.ts";
import type { FoldedKeys } from "./fold.ts";

interface FoldedRow {
  readonly key: Key;
  /** Null when the store has none, or is to have none. */
  value: unknown;
  changed: boolean;
}

/** A row is small, and so is its key: the number of rows and these bound the size of a commit. */
const keyBytes = (key: Key): number => keyText(key).length * 3;

export const foldRows = (
  store: Store["Service"],
  definition: Fold,
): FoldedKeys<unknown> => {
  const rows = new Map<string, FoldedRow>();
  const changed = new Map<string, FoldedRow>();
  let changedKeyBytes = 0;

  const clear = () => {
    rows.clear();
    changed.clear();
    changedKeyBytes = 0;
  };

  return {
    apply: (change) => {
      const name = keyText(definition.keyOf(change));
      const row = rows.get(name);
      if (row === undefined) return false;
      row.value = definition.apply(row.value, change);
      if (!row.changed) {
        row.changed = true;
        changed.set(name, row);
        changedKeyBytes += keyBytes(row.key);
      }
      return true;
    },
    load: Effect.fnUntraced(function* (change) {
      const key = definition.keyOf(change);
      if (key[0] !== definition.family) {
        throw new TypeError(`The fold ${definition.name} has no keys such as ${keyText(key)}.`);
      }
      const { value } = yield* store.get(key);
      rows.set(keyText(key), {
        key,
        value: value === null ? null : decodeJson(value),
        changed: false,
      });
    }),
    changedKeys: () => changed.size,
    changedBytes: () => changed.size * reactorLimits.foldRowBytes + changedKeyBytes,
    changedKeyBytes: () => changedKeyBytes,
    mutations: () =>
      [...changed.values()].map(({ key, value }): Mutation => {
        if (value === null) return { type: "delete", key };
        const bytes = encodeJson(value);
        if (bytes.length > reactorLimits.foldRowBytes) {
          throw new TypeError(
            `A row of the fold ${definition.name} is too large: ${keyText(key)}.`,
          );
        }
        return { type: "set", key, value: bytes };
      }),
    written: () => {
      for (const row of changed.values()) row.changed = false;
      changed.clear();
      changedKeyBytes = 0;
      if (rows.size > reactorLimits.cachedFoldRows) rows.clear();
    },
    clear,
  };
};
