/**
 * Idempotency keys: the first request with a key has an effect and leaves its response, repeats get that
 * response. The record is part of the effect's own unit of work, so there is never one without the other. A
 * refusal may leave its response too: a client that was refused must not find the thing done after all, by a
 * repeat of its request that was late on its way.
 */
import { shelfPartition } from "../../src/store/keys.ts";
import { Clock, Context, Data, Effect, Layer, Result } from "effect";
import type { Principal } from "../../src/kernel/principal.ts";
import { instantOf } from "../../src/kernel/instant.ts";
import { requestLimits } from "../../src/kernel/limits.ts";
import { BatchReader } from "../../src/store/batch-read.ts";
import type { IdempotencyRecord, StoredResponse } from "../../src/store/documents.ts";
import { keys } from "../../src/store/keys.ts";
import { StoreMeta } from "../../src/store/meta.ts";
import { shelfOf } from "../../src/store/shelves.ts";
import { type Mutation, Store } from "../../src/store/store.ts";
import { packValue, splitValue, valueOf } from "../../src/store/values.ts";
import { noDeltas } from "../../src/subject/balance.ts";
import type { CommandFailure } from "./command.ts";
import { Ledger } from "../ledger/ledger.ts";
import type { Unit, UnitRead } from "../ledger/unit.ts";

/** The key was used before, for another request. */
export class IdempotencyMismatch extends Data.TaggedError("IdempotencyMismatch")<{
  readonly key: string;
}> {}

/** A request with the same key is still being worked on. */
export class IdempotencyInFlight extends Data.TaggedError("IdempotencyInFlight")<{
  readonly key: string;
}> {}

/** The right to answer an idempotency key for the first time: becomes part of the command's unit of work. */
export interface IdempotencyClaim {
  readonly partition: string;
  readonly read: UnitRead;
  readonly write: (response: StoredResponse) => readonly Mutation[];
}

/** An answer as a unit of work that changes nothing else. */
export const answerOnly = ({ read, write }: IdempotencyClaim, response: StoredResponse): Unit => ({
  reads: [read],
  partitions: [],
  balances: noDeltas,
  writes: write(response),
  records: [],
});

interface IdempotentRequest {
  readonly by: Principal;
  readonly key: string;
  /** Tells one request's content from another's. */
  readonly fingerprint: string;
}

interface FoundRecord {
  readonly record: IdempotencyRecord | null;
  readonly read: UnitRead;
}

export type IdempotentAnswer<A> =
  | { readonly _tag: "First"; readonly value: A }
  | { readonly _tag: "Replay"; readonly response: StoredResponse };

export class Idempotency extends Context.Service<Idempotency, {
  /**
   * Runs `first` with a claim when the key is new, else repeats the first answer. A second request with the
   * key while the first runs, in this process, fails as in flight. `refusalOf` makes the answer to repeats of
   * a request that failed. Where it makes null, or is absent, a repeat runs as if it were the first.
   */
  readonly run: <A, E, R>(
    request: IdempotentRequest,
    first: (claim: IdempotencyClaim) => Effect.Effect<A, E, R>,
    refusalOf?: (failure: NoInfer<E>) => StoredResponse | null,
  ) => Effect.Effect<
    IdempotentAnswer<A>,
    E | IdempotencyMismatch | IdempotencyInFlight | CommandFailure,
    R
  >;
}>()("allot/Idempotency") {
  static readonly layer = Layer.effect(
    Idempotency,
    Effect.gen(function* () {
      const store = yield* Store;
      const reader = yield* BatchReader;
      const ledger = yield* Ledger;
      const { shelves } = yield* StoreMeta;
      /** Bounded by `requestLimits.inFlightCommands`. */
      const inFlight = new Set<string>();

      /** A record answers for as long as the store has it: its age by this process's clock says nothing. */
      const find = Effect.fnUntraced(function* (partition: string, { by, key }: IdempotentRequest) {
        const generation = ledger.generationNow(partition) ?? (yield* ledger.generation(partition));
        const storeKey = keys.idempotency(by.id, key);
        const entry = yield* reader.get(storeKey);
        const stored = entry.value === null
          ? null
          : yield* Effect.provideService(valueOf<IdempotencyRecord>(entry), Store, store);
        const versionstamp = stored?.versionstamp ?? null;
        const found: FoundRecord = {
          record: stored?.value ?? null,
          read: { partition, key: storeKey, versionstamp, generation },
        };
        return found;
      });

      const replay = (
        { key, fingerprint }: IdempotentRequest,
        record: IdempotencyRecord,
      ): Effect.Effect<IdempotentAnswer<never>, IdempotencyMismatch> =>
        record.fingerprint === fingerprint
          ? Effect.succeed({ _tag: "Replay", response: record.response })
          : Effect.fail(new IdempotencyMismatch({ key }));

      const claimOf = (
        partition: string,
        request: IdempotentRequest,
        found: FoundRecord,
        nowMs: number,
      ): IdempotencyClaim => ({
        partition,
        read: found.read,
        write: (response) => recordWrites(request, response, nowMs, store.limits.valueBytes),
      });

      const runClaimed = Effect.fnUntraced(function* <A, E, R>(
        request: IdempotentRequest,
        partition: string,
        first: (claim: IdempotencyClaim) => Effect.Effect<A, E, R>,
        refusalOf: (failure: E) => StoredResponse | null,
      ): Effect.fn.Return<IdempotentAnswer<A>, E | IdempotencyMismatch | CommandFailure, R> {
        const nowMs = yield* Clock.currentTimeMillis;
        const found = yield* find(partition, request);
        if (found.record !== null) return yield* replay(request, found.record);
        const result = yield* Effect.result(first(claimOf(partition, request, found, nowMs)));
        if (Result.isSuccess(result)) return { _tag: "First", value: result.success };
        // Perhaps another process has answered the key, and its effect is why this one failed.
        const now = yield* find(partition, request);
        if (now.record !== null) return yield* replay(request, now.record);
        const refusal = refusalOf(result.failure);
        if (refusal !== null) {
          const kept = yield* Effect.result(
            ledger.submit(answerOnly(claimOf(partition, request, now, nowMs), refusal)),
          );
          if (Result.isFailure(kept)) {
            const { record } = yield* find(partition, request);
            return yield* record === null ? Effect.fail(kept.failure) : replay(request, record);
          }
        }
        return yield* Effect.fail(result.failure);
      });

      return Idempotency.of({
        run: (request, first, refusalOf = () => null) => {
          const id = `${request.by.id}\u0000${request.key}`;
          const partition = shelfPartition(shelfOf(id, shelves));
          const claimed = Effect.suspend(() => {
            if (inFlight.has(id)) return Effect.fail(new IdempotencyInFlight({ key: request.key }));
            inFlight.add(id);
            return Effect.void;
          });
          return Effect.acquireUseRelease(
            claimed,
            () => runClaimed(request, partition, first, refusalOf),
            () => Effect.sync(() => void inFlight.delete(id)),
          );
        },
      });
    }),
  );
}

const recordWrites = (
  { by, key, fingerprint }: IdempotentRequest,
  response: StoredResponse,
  nowMs: number,
  valueBytes: number,
): readonly Mutation[] => {
  const at = instantOf(nowMs);
  const storeKey = keys.idempotency(by.id, key);
  const record: IdempotencyRecord = { fingerprint, at, response };
  const { head, mutations } = splitValue(packValue(record), {
    valueBytes,
    stamp: at,
    previousParts: 0,
    partKey: (n) => keys.part(storeKey, n),
  });
  const expireInMs = requestLimits.idempotencyRetentionMs;
  return [
    { type: "set", key: storeKey, value: head, expireInMs },
    // Parts outlive their head, so that a head is never found without them.
    ...mutations.map((mutation): Mutation =>
      mutation.type === "set" ? { ...mutation, expireInMs: 2 * expireInMs } : mutation
    ),
  ];
};
