/** Runs the folds that subjects list. */
import { Context, Effect, Layer } from "effect";
import { reactorLimits } from "./limits.ts";
import { Store } from "../../src/store/store.ts";
import { Subjects } from "../../src/subject/subject.ts";
import { runFold, type RunningFold } from "./fold.ts";
import { foldRows } from "./fold-rows.ts";

export class Folds extends Context.Service<Folds, ReadonlyMap<string, RunningFold>>()(
  "allot/Folds",
) {
  static readonly layer = Layer.effect(
    Folds,
    Effect.gen(function* () {
      const store = yield* Store;
      const { reactors } = yield* Subjects;
      const running = new Map<string, RunningFold>();
      for (const reactor of reactors.values()) {
        if (reactor.type !== "fold") continue;
        const { name } = reactor;
        const fold = yield* runFold({
          name,
          keys: foldRows(store, reactor),
          changesOf: (record) => reactor.changesOf(record),
          keysPerCommit: reactorLimits.foldRowsPerCommit,
          commitEveryMs: reactorLimits.foldCommitEveryMs,
        });
        running.set(name, fold);
      }
      return running;
    }),
  );
}
