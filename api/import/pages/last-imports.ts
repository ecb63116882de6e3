/** The last imports: a look that no route has. */
import { Effect } from "effect";
import { below } from "../../../src/kernel/key.ts";
import { dashboardLimits } from "../../dashboard/limits.ts";
import { Store } from "../../../src/store/store.ts";

/** Ids of the last imports, newest first. */
export const lastImports = Effect.gen(function* () {
  const store = yield* Store;
  const entries = yield* store.list({
    ...below(["import_job"]),
    limit: dashboardLimits.importsShown,
    reverse: true,
  });
  return entries.map(({ key }) => String(key[1]));
});
