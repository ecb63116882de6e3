/** Removes what the store has of a lane that begins anew, or that has ended with its document. */
import { Effect } from "effect";
import { below, type Key } from "../../src/kernel/key.ts";
import { outboundLimits } from "../../src/outbound/limits.ts";
import { type Forgets, type LanePlace, noPlace } from "../../src/outbound/place.ts";
import { keys } from "../../src/store/keys.ts";
import type { Mutation, Store, StoreError } from "../../src/store/store.ts";
import type { Cursor } from "../log/cursor.ts";

const families: Readonly<Record<Forgets, readonly string[]>> = {
  "what waits": ["waiting_message", "lane_request"],
  everything: ["waiting_message", "lane_request", "dead_letter", "attempts", "set_aside"],
};

const listed = (
  store: Store["Service"],
  forgets: Forgets,
  lane: string,
): Effect.Effect<readonly Key[], StoreError> =>
  Effect.map(
    Effect.forEach(
      families[forgets],
      (family) => store.list({ ...below([family, lane]), limit: outboundLimits.rowsPerSave }),
    ),
    (lists) => lists.flat().map(({ key }) => key).slice(0, outboundLimits.rowsPerSave),
  );

const deletes = (some: readonly Key[]): readonly Mutation[] =>
  some.map((key) => ({ type: "delete", key }));

/**
 * Removes what the lane is to forget, some rows at a time, each time with a move of its cursor. False when
 * another process has moved that: then it does the rest.
 */
export const forget = Effect.fnUntraced(function* (
  { store, holder }: { readonly store: Store["Service"]; readonly holder: string },
  cursor: Cursor<LanePlace>,
  lane: string,
): Effect.fn.Return<boolean, StoreError> {
  while (true) {
    const { forgets, ...place } = cursor.place ?? noPlace;
    if (forgets === undefined) return true;
    const some = yield* listed(store, forgets, lane);
    const next = { ...place, holder, moves: place.moves + 1 };
    const after = some.length === 0 ? next : { ...next, forgets };
    if (!(yield* cursor.move(after, deletes(some)))) return false;
  }
});

/** Removes everything of a lane whose document is gone, its cursor last. */
export const forgetEnded = Effect.fnUntraced(function* (
  store: Store["Service"],
  cursor: Cursor<LanePlace>,
  lane: string,
): Effect.fn.Return<void, StoreError> {
  yield* cursor.read;
  while (cursor.place !== null) {
    const { versionstamp, place } = cursor;
    const some = yield* listed(store, "everything", lane);
    if (some.length > 0) {
      // A process that still sends for it finds that it has lost the lane.
      const next = { ...place, holder: null, moves: place.moves + 1 };
      if (!(yield* cursor.move(next, deletes(some)))) return;
      continue;
    }
    yield* store.commit({
      checks: [{ key: keys.cursor(lane), versionstamp }],
      mutations: [{ type: "delete", key: keys.cursor(lane) }],
    });
    return;
  }
});
