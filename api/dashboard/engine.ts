/** What pages ask of the engine beside its API: who signed in, and looks that have no route of their own. */
import { Clock, Context, Effect } from "effect";
import { nanoid } from "nanoid";
import { Access } from "../../actors/access/access.ts";
import { findOldestOpenAt } from "../../actors/order/oldest.ts";
import { Status } from "../../actors/status/status.ts";
import {
  type HistoryCursor,
  stockHistory,
  type StockHistoryPage,
} from "../../actors/stock/stock-history.ts";
import type { ApiKey } from "../../src/access/access.ts";
import { accessLimits, dashboardLimits } from "../../src/kernel/limits.ts";
import type { Waiting } from "../../src/status/snapshot.ts";
import { below } from "../../src/kernel/key.ts";
import type { Position } from "../../src/store/log.ts";
import { Store } from "../../src/store/store.ts";
import type { InProcessApi } from "../http/in-process.ts";

export interface DashboardEngine {
  readonly api: InProcessApi;
  readonly nowMs: () => number;
  /** Text that nobody can guess. */
  readonly nonce: () => string;
  /** Whose key this is; null when nobody's. */
  readonly signIn: (secret: string) => Promise<ApiKey | null>;
  /** Null when there is none, or it was revoked. */
  readonly key: (keyId: string) => Promise<ApiKey | null>;
  /** What people call whoever made a change. */
  readonly nameOf: (by: string) => Promise<string>;
  /** Everything up to here is counted in what a page shows from now on. */
  readonly position: () => Position;
  readonly oldestOpen: (locationId: string) => Promise<Waiting | null>;
  /** Ids of the last imports, newest first. */
  readonly lastImports: () => Promise<readonly string[]>;
  readonly stockHistory: (
    row: { readonly locationId: string; readonly sku: string },
    before: HistoryCursor | undefined,
  ) => Promise<StockHistoryPage>;
}

type EngineServices = Access | Status | Store;

export const dashboardEngine = (
  api: InProcessApi,
  context: Context.Context<EngineServices>,
): DashboardEngine => {
  const run = Effect.runPromiseWith(context);
  const access = Context.get(context, Access);
  const status = Context.get(context, Status);
  const store = Context.get(context, Store);
  const clock = Context.get(context, Clock.Clock);
  const nowMs = () => clock.currentTimeMillisUnsafe();
  const names = new Map<string, string>();
  const ages = new Map<string, { readonly atMs: number; readonly age: Promise<Waiting | null> }>();

  const key = (keyId: string) => run(access.find(keyId));

  return {
    api,
    nowMs,
    nonce: () => nanoid(),
    key,
    signIn: async (secret) => {
      const principal = await run(access.authenticate(secret));
      return principal === null ? null : await key(principal.id);
    },
    nameOf: async (by) => {
      if (by === "system") return "Allot";
      const known = names.get(by);
      if (known !== undefined) return known;
      if (names.size >= accessLimits.keys) names.clear();
      // A revoked key's name is gone; its id says enough.
      const name = (await key(by))?.name ?? by;
      names.set(by, name);
      return name;
    },
    position: () => status.position(),
    oldestOpen: (locationId) => {
      const known = ages.get(locationId);
      if (known !== undefined && nowMs() - known.atMs < dashboardLimits.ageMs) return known.age;
      if (ages.size >= dashboardLimits.locations) ages.clear();
      const age = run(findOldestOpenAt(locationId, nowMs()));
      ages.set(locationId, { atMs: nowMs(), age });
      return age;
    },
    lastImports: async () => {
      const entries = await run(store.list({
        ...below(["import_job"]),
        limit: dashboardLimits.importsShown,
        reverse: true,
      }));
      return entries.map(({ key }) => String(key[1]));
    },
    stockHistory: (row, before) => run(stockHistory(row, before)),
  };
};
