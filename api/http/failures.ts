/**
 * Maps failures to problems. Here are the failures that a command of any subject can meet; a subject maps its
 * own in a table of the same form and gives it to its routes. A route does not compile when its handler has a
 * failure that neither table has.
 */
import type {
  AlreadyThere,
  CommandFailure,
  InvalidDocument,
  LimitReached,
  NotFound,
  PreconditionFailed,
} from "../../actors/command/command.ts";
import type { IdempotencyInFlight, IdempotencyMismatch } from "../../actors/command/idempotency.ts";
import { requestLimits } from "../../src/kernel/limits.ts";
import type { StoreTrouble } from "../../src/store/store.ts";
import { type ApiProblem, type Problem, problem } from "./problems.ts";

export interface Tagged {
  readonly _tag: string;
}

/** Methods, not function values: so that a rule for one failure is a rule for failures in general. */
export interface FailureRule<Failure> {
  /** The problem that the client is told. Details of the store stay inside; the log has them. */
  problem(failure: Failure): Problem;
  /**
   * Whether the failure is a decision about a valid request, and so its answer for good. A request that was
   * wrong, came at the wrong time, or named a missing thing is not decided. Without it, never.
   */
  decided?(failure: Failure): boolean;
}

/** A rule for each failure, by its tag. */
export type Failures<Failure extends Tagged> = {
  readonly [Tag in Failure["_tag"]]: FailureRule<Extract<Failure, { readonly _tag: Tag }>>;
};

/** Rules as the machine handles them. */
export type FailureTable = Readonly<Record<string, FailureRule<Tagged>>>;

/** The failures that a table has rules for. */
export type FailureOf<Table> = Extract<
  { [Tag in keyof Table]: Table[Tag] extends FailureRule<infer Failure> ? Failure : never }[
    keyof Table
  ],
  Tagged
>;

/** The failures of any handler. */
export type GeneralFailure =
  | ApiProblem
  | NotFound
  | PreconditionFailed
  | InvalidDocument
  | LimitReached
  | AlreadyThere
  | IdempotencyMismatch
  | IdempotencyInFlight
  | CommandFailure;

const retryAfter = (seconds: number = requestLimits.retryAfterSeconds) => ({
  "retry-after": String(Math.max(1, Math.ceil(seconds))),
});

const storeFull = problem(
  "store-full",
  "The store's disk is full: reads go on, changes do not until there is room. " +
    "Ask again with the same Idempotency-Key.",
  { headers: retryAfter(requestLimits.fullRetryAfterSeconds) },
);

const storeGone = problem(
  "unavailable",
  "The store's file was taken away or replaced: nothing is told or changed until it is back. " +
    "Ask again with the same Idempotency-Key.",
  { headers: retryAfter(requestLimits.fullRetryAfterSeconds) },
);

/** The problem of a reason that says more than that the store failed; else undefined. */
const problemOfTrouble = (reason: StoreTrouble | undefined): Problem | undefined =>
  reason === "full" ? storeFull : reason === "gone" ? storeGone : undefined;

export const always = (): boolean => true;

const generalFailures: Failures<GeneralFailure> = {
  ApiProblem: { problem: (failure) => failure.problem },
  NotFound: { problem: ({ what, id }) => problem("not-found", `There is no ${what} ${id}.`) },
  PreconditionFailed: {
    problem: ({ expected, actual }) =>
      problem(
        "precondition-failed",
        `The request is for ${expected}; the current version is ${actual}.`,
      ),
  },
  InvalidDocument: {
    problem: ({ errors }) =>
      problem("invalid-request", "It does not go together with what is there.", { errors }),
  },
  LimitReached: {
    decided: always,
    problem: ({ what, limit }) =>
      problem("limit-reached", `There may be at most ${limit} ${what}. Nothing was done.`, {
        extensions: { limit },
      }),
  },
  AlreadyThere: {
    decided: always,
    problem: ({ what, id }) =>
      problem("conflict", `Another ${what} has what ${id} may have alone. Nothing was done.`),
  },
  IdempotencyMismatch: {
    problem: () =>
      problem(
        "idempotency-mismatch",
        "This Idempotency-Key came with another request before. Use a new key.",
      ),
  },
  IdempotencyInFlight: {
    problem: () =>
      problem(
        "idempotency-in-flight",
        "A request with this Idempotency-Key is still being worked on. Ask again shortly.",
        { headers: retryAfter() },
      ),
  },
  Conflict: {
    problem: () =>
      problem(
        "overloaded",
        "Too many changes of the same thing at once. Nothing was done; ask again.",
        { headers: retryAfter() },
      ),
  },
  Overloaded: {
    problem: ({ what, retryAfterSeconds }) =>
      problem("overloaded", `Too much is waiting (${what}). Nothing was done; ask again.`, {
        headers: retryAfter(retryAfterSeconds),
      }),
  },
  TooLarge: { problem: ({ detail }) => problem("too-large", detail) },
  Unavailable: {
    problem: ({ reason, retryAfterSeconds }) =>
      problemOfTrouble(reason) ?? problem(
        "unavailable",
        "The store did not confirm. Ask again with the same Idempotency-Key.",
        { headers: retryAfter(retryAfterSeconds) },
      ),
  },
  StoreError: {
    problem: ({ reason }) =>
      problemOfTrouble(reason) ?? problem("unavailable", "The store did not answer. Ask again.", {
        headers: retryAfter(),
      }),
  },
};

/** The general rules, and a subject's. */
export const withGeneral = (own: FailureTable): FailureTable => ({ ...generalFailures, ...own });

/** The problem that a failure is to the client; null where the table has no rule for it. */
export const problemOf = (table: FailureTable, failure: Tagged): Problem | null =>
  table[failure._tag]?.problem(failure) ?? null;

export const isDecided = (table: FailureTable, failure: Tagged): boolean =>
  table[failure._tag]?.decided?.(failure) ?? false;
