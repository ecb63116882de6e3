/**
 * Runs something in the next tick, when units that arrived together wait together. A reference, so that a
 * simulation decides when that is.
 */
import { Context } from "effect";

export const NextTick = Context.Reference<(run: () => void) => void>("allot/Ledger/NextTick", {
  defaultValue: () => (run) => void setImmediate(run),
});
