import { Context, type Effect } from "effect";
import type { StoreError, Versionstamp } from "../src/store/store.ts";
import type { Conflict, Overloaded, Unavailable, Unit } from "./unit.ts";

/**
 * The process's group committer: merges waiting units of work into one atomic commit, and is the only one
 * that writes what fences guard.
 */
export class Ledger extends Context.Service<Ledger, {
  /** Commits the unit whole or not at all; answers with the versionstamp, which is its log position. */
  readonly submit: (
    unit: Unit,
  ) => Effect.Effect<Versionstamp, Conflict | Overloaded | Unavailable | StoreError>;
  /** Ask before reading what the unit's decision rests on, and put it into each `UnitRead`. */
  readonly generation: (partition: string) => Effect.Effect<number, StoreError>;
  /** The same without an effect; undefined before the partition's first use. */
  readonly generationNow: (partition: string) => number | undefined;
}>()("allot/Ledger") {}
