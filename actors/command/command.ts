/** The context of every command, and the failures that all commands share. */
import { Data } from "effect";
import type { Correlation } from "../../src/kernel/correlation.ts";
import type { Principal } from "../../src/kernel/principal.ts";
import type { Aggregate } from "../../src/subject/aggregate.ts";
import type { AggregateCommand } from "../../src/subject/state.ts";
import type { StoredResponse } from "../../src/store/documents.ts";
import type { IdempotencyClaim } from "./idempotency.ts";
import type { StoreError } from "../../src/store/store.ts";
import type { Conflict, Overloaded, TooLarge, Unavailable } from "../ledger/unit.ts";

/** A command to an aggregate of any kind. */
export interface Alongside {
  readonly aggregate: Aggregate;
  readonly id: string;
  readonly command: AggregateCommand;
}

/**
 * `Result` is the outcome of the command. `respond` makes the response out of it before the commit, so that
 * response and effect are kept in one unit of work.
 */
export interface CommandContext<Result> {
  /** Commands to other aggregates that are carried out in the same unit of work, or none of all. */
  readonly alongside?: readonly Alongside[] | undefined;
  readonly by: Principal;
  /** The request that it came by, as its sender named it. */
  readonly correlation?: Correlation | undefined;
  /** The entity tag that the caller saw, without quotes. */
  readonly ifMatch?: string | undefined;
  readonly idempotency?: {
    readonly claim: IdempotencyClaim;
    readonly respond: (result: Result) => StoredResponse;
  } | undefined;
}

export class NotFound extends Data.TaggedError("NotFound")<{
  /** The name of its kind, as messages say it. */
  readonly what: string;
  readonly id: string;
}> {}

export class PreconditionFailed extends Data.TaggedError("PreconditionFailed")<{
  readonly expected: string;
  readonly actual: string;
}> {}

/** A pure decision's refusal on its way through effects. */
export class Refused<Rejection extends { readonly _tag: string }>
  extends Data.TaggedError("Refused")<{ readonly rejection: Rejection }> {
}

/** A document does not go together with others that are there. Nothing was done. */
export class InvalidDocument extends Data.TaggedError("InvalidDocument")<{
  /** By JSON pointers into it. */
  readonly errors: readonly { readonly pointer: string; readonly detail: string }[];
}> {}

/** The store has as many of these as it may have; see `src/kernel/limits.ts`. Nothing was done. */
export class LimitReached extends Data.TaggedError("LimitReached")<{
  readonly what: string;
  readonly limit: number;
}> {}

/** Another of its kind has the id, or a key by which at most one is found. Nothing was done. */
export class AlreadyThere extends Data.TaggedError("AlreadyThere")<{
  readonly what: string;
  readonly id: string;
}> {}

/** The failures that any command can meet. `Conflict` here means: tried often enough. */
export type CommandFailure = Conflict | Overloaded | TooLarge | Unavailable | StoreError;
