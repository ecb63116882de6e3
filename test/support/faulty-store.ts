/** The real store, made to misbehave the way a network does. */
import { Effect, Layer } from "effect";
import { Store, StoreError } from "../../src/store/store.ts";

export type Fault =
  /** The commit is applied, and the answer is an error. */
  | "throw-after"
  /** The commit is applied, and the answer says it was not. */
  | "deny-after"
  /** The commit is not applied, and the answer is an error. */
  | "throw-before"
  /** The commit is not applied: the disk is full. */
  | "no-room"
  /** The commit is not applied: another process has held the file for too long. */
  | "locked"
  /** The commit is applied twice, as by a proxy that repeats requests. */
  | "repeat";

export interface FaultOptions {
  /** The fault of the nth commit of this store, counted from 0. */
  readonly faultOf: (commit: number) => Fault | null;
  readonly checks?: number;
  /** What the store is called; anything but memory makes the engine expect other processes. */
  readonly shared?: boolean;
}

const broken = new StoreError({ operation: "commit", detail: "connection reset", cause: null });

const noRoom = new StoreError({
  operation: "commit",
  detail: "database or disk is full",
  reason: "full",
  cause: null,
});

const locked = new StoreError({
  operation: "commit",
  detail: "database is locked",
  reason: "locked",
  cause: null,
});

/** Puts the faults between the engine and its store. */
export const faultyStore = (options: FaultOptions): Layer.Layer<Store, never, Store> =>
  Layer.effect(
    Store,
    Effect.map(Store, (store) => {
      let commits = 0;
      return Store.of({
        ...store,
        limits: { ...store.limits, checks: options.checks ?? store.limits.checks },
        shared: options.shared ?? store.shared,
        commit: (commit) =>
          Effect.suspend(() => {
            // Only commits of the ledger, which have a log entry or a parcel: the others are single keys.
            const isLedgers = commit.log !== undefined ||
              commit.mutations.some(({ key }) => key[0] === "parcel");
            const fault = isLedgers ? options.faultOf(commits++) : null;
            if (commit.checks.length > (options.checks ?? Infinity)) {
              return Effect.fail(
                new StoreError({ operation: "commit", detail: "too many checks", cause: null }),
              );
            }
            switch (fault) {
              case "throw-after":
                return Effect.andThen(store.commit(commit), Effect.fail(broken));
              case "deny-after":
                return Effect.as(store.commit(commit), { ok: false } as const);
              case "throw-before":
                return Effect.fail(broken);
              case "no-room":
                return Effect.fail(noRoom);
              case "locked":
                return Effect.fail(locked);
              case "repeat":
                return Effect.andThen(store.commit(commit), store.commit(commit));
              case null:
                return store.commit(commit);
            }
          }),
      });
    }),
  );
