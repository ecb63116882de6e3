/** Cursors of consumers: none has gone further than the log. */
import { Effect } from "effect";
import { verifyLimits } from "./limits.ts";
import type { Position } from "../store/log.ts";
import type { Store, StoreError } from "../store/store.ts";
import { forEachPage, newestPosition, readable } from "./read.ts";
import type { Findings } from "./report.ts";

export const checkCursors = (findings: Findings): Effect.Effect<void, StoreError, Store> =>
  forEachPage(
    ["cursor"],
    verifyLimits.entriesPerRead,
    (entries) =>
      Effect.forEach(entries, (entry) =>
        Effect.gen(function* () {
          const stored = yield* readable<{ readonly position?: Position }>(entry, findings);
          if (stored === null) return;
          const { position } = stored.value;
          if (typeof position !== "string") {
            return findings.add("cursors", [entry.key], "The cursor has no position.");
          }
          // Read after the cursor: the log only grows.
          const newest = yield* newestPosition;
          if (position > newest) {
            findings.add(
              "cursors",
              [entry.key],
              `It is at ${position}, the log ends at ${newest}.`,
            );
          }
        }), { discard: true }),
  );
