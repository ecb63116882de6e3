/**
 * Errors as clients see them: `application/problem+json` (RFC 9457). This is the one place that knows which
 * failure has which type, status and words; a failure without a line here does not compile.
 */
import { Data } from "effect";
import type {
  CommandFailure,
  LimitReached,
  NotFound,
  PreconditionFailed,
  Refused,
} from "../../actors/aggregate/command.ts";
import type {
  IdempotencyInFlight,
  IdempotencyMismatch,
} from "../../actors/aggregate/idempotency.ts";
import type { BelowZeroAvailable, CountMismatch } from "../../actors/stock/inventory.ts";
import type { InvalidOrder, OrderExists } from "../../actors/order/orders.ts";
import type { OrderRejection } from "../../src/order/order.ts";
import { requestLimits } from "../../src/kernel/limits.ts";
import type { StoredResponse } from "../../src/store/documents.ts";

/** Every problem type: its status and title. The type's URI is `/problems/<name>`, and never changes. */
export const problemTypes = {
  "malformed-request": { status: 400, title: "The request cannot be read" },
  "unauthorized": { status: 401, title: "No valid key" },
  "forbidden": { status: 403, title: "The key does not allow this" },
  "not-found": { status: 404, title: "Not found" },
  "method-not-allowed": { status: 405, title: "The method is not allowed here" },
  "below-zero-available": { status: 409, title: "Less would be left than is reserved" },
  "conflict": { status: 409, title: "It conflicts with what is there" },
  "count-mismatch": { status: 409, title: "The count expected something else" },
  "idempotency-in-flight": { status: 409, title: "The same request is being worked on" },
  "illegal-transition": { status: 409, title: "The status does not allow this" },
  "insufficient-stock": { status: 409, title: "Not enough stock" },
  "limit-reached": { status: 409, title: "There are as many as there may be" },
  "order-exists": { status: 409, title: "The channel has another order with this external id" },
  "precondition-failed": { status: 412, title: "It was changed in the meantime" },
  "payload-too-large": { status: 413, title: "The body is too large" },
  "unsupported-media-type": { status: 415, title: "The body's media type is not understood" },
  "idempotency-mismatch": { status: 422, title: "The idempotency key belongs to another request" },
  "too-large": { status: 422, title: "Too much is asked for at once" },
  "invalid-request": { status: 422, title: "The request is not valid" },
  "internal-error": { status: 500, title: "Something went wrong here" },
  "store-full": { status: 503, title: "The store has no room" },
  "overloaded": { status: 503, title: "Too much is being asked at once" },
  "unavailable": { status: 503, title: "The store does not answer" },
} as const;
export type ProblemName = keyof typeof problemTypes;

/** One thing that is wrong, and where: in the body (a JSON pointer) or in a query or path parameter. */
export interface ProblemDetail {
  readonly pointer?: string;
  readonly parameter?: string;
  readonly header?: string;
  readonly detail: string;
}

export interface Problem {
  readonly name: ProblemName;
  readonly detail: string;
  readonly errors?: readonly ProblemDetail[] | undefined;
  /** Further members of the problem object, as RFC 9457 section 3.2 allows. */
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** A problem as a failure: what handlers fail with when no service has a word for it. */
export class ApiProblem extends Data.TaggedError("ApiProblem")<{ readonly problem: Problem }> {}

export const fail = (
  name: ProblemName,
  detail: string,
  more: Omit<Problem, "name" | "detail"> = {},
): ApiProblem => new ApiProblem({ problem: { name, detail, ...more } });

export const invalidParameter = (parameter: string, detail: string): ApiProblem =>
  fail("invalid-request", "A parameter is not valid.", { errors: [{ parameter, detail }] });

/** Everything that a handler may fail with. */
export type HandlerFailure =
  | ApiProblem
  | OrderExists
  | InvalidOrder
  | Refused
  | NotFound
  | PreconditionFailed
  | BelowZeroAvailable
  | CountMismatch
  | LimitReached
  | IdempotencyMismatch
  | IdempotencyInFlight
  | CommandFailure;

/**
 * Whether this is what was decided about a request that was in order, and so its answer for good: not that
 * it was wrong, came at the wrong time, or that its thing is not there.
 */
export const isDecided = (failure: { readonly _tag: string }): failure is HandlerFailure => {
  switch ((failure as HandlerFailure)._tag) {
    case "Refused": {
      const { rejection } = failure as Refused;
      return rejection._tag === "InsufficientStock" || rejection._tag === "IllegalTransition";
    }
    case "OrderExists":
    case "BelowZeroAvailable":
    case "CountMismatch":
    case "LimitReached":
      return true;
    default:
      return false;
  }
};

const retryAfter = (seconds: number = requestLimits.retryAfterSeconds) => ({
  "retry-after": String(Math.max(1, Math.ceil(seconds))),
});

const rejectionProblem = (rejection: OrderRejection): Problem => {
  switch (rejection._tag) {
    case "InsufficientStock":
      return {
        name: "insufficient-stock",
        detail: `Not enough stock of ${
          rejection.shortages.slice(0, 5).map(({ sku }) => sku).join(", ")
        }${rejection.shortages.length > 5 ? ` and ${rejection.shortages.length - 5} more` : ""}.`,
        extensions: { shortages: rejection.shortages },
      };
    case "IllegalTransition":
      return {
        name: "illegal-transition",
        detail: rejection.detail,
        extensions: {
          action: rejection.action,
          currentStatus: rejection.status,
          ...(rejection.fulfillmentOrderId === undefined
            ? {}
            : { fulfillmentOrderId: rejection.fulfillmentOrderId }),
        },
      };
    case "InvalidCommand":
      return {
        name: "invalid-request",
        detail: rejection.detail,
        errors: [{ pointer: rejection.pointer, detail: rejection.detail }],
      };
    case "UnknownFulfillmentOrder":
      return {
        name: "not-found",
        detail: `There is no fulfillment order ${rejection.fulfillmentOrderId}.`,
      };
    case "UnknownShipment":
      return { name: "not-found", detail: `There is no shipment ${rejection.shipmentId}.` };
  }
};

const storeFull: Problem = {
  name: "store-full",
  detail: "The store's disk is full: reads go on, changes do not until there is room. " +
    "Ask again with the same Idempotency-Key.",
  headers: retryAfter(requestLimits.fullRetryAfterSeconds),
};

/** What a failure is to the client. Details of the store stay inside; the log has them. */
export const problemOf = (failure: HandlerFailure): Problem => {
  switch (failure._tag) {
    case "ApiProblem":
      return failure.problem;
    case "OrderExists":
      return {
        name: "order-exists",
        detail:
          `Channel ${failure.channel} has the order ${failure.externalId} already, with other content.`,
        extensions: {
          orderId: failure.orderId,
          channel: failure.channel,
          externalId: failure.externalId,
        },
      };
    case "InvalidOrder":
      return {
        name: "invalid-request",
        detail: "The order is not valid.",
        errors: failure.errors,
      };
    case "Refused":
      return rejectionProblem(failure.rejection);
    case "NotFound":
      return { name: "not-found", detail: `There is no ${failure.what} ${failure.id}.` };
    case "PreconditionFailed":
      return {
        name: "precondition-failed",
        detail: `The request is for ${failure.expected}; the current version is ${failure.actual}.`,
      };
    case "BelowZeroAvailable":
      return {
        name: "below-zero-available",
        detail: `Location ${failure.locationId} would have less than it has promised.`,
        errors: failure.shortages.map(({ pointer, sku, requested, available }) => ({
          pointer,
          detail: `${requested} of ${sku} asked for, ${available} available`,
          sku,
          requested,
          available,
        })),
      };
    case "CountMismatch":
      return {
        name: "count-mismatch",
        detail: `Location ${failure.locationId} has other quantities than expected.`,
        errors: failure.mismatches.map(({ pointer, sku, expected, actual }) => ({
          pointer,
          detail: `expected ${expected} of ${sku}, there are ${actual}`,
          sku,
          expected,
          actual,
        })),
      };
    case "LimitReached":
      return {
        name: "limit-reached",
        detail: `There may be at most ${failure.limit} ${failure.what}. Nothing was done.`,
        extensions: { limit: failure.limit },
      };
    case "IdempotencyMismatch":
      return {
        name: "idempotency-mismatch",
        detail: "This Idempotency-Key came with another request before. Use a new key.",
      };
    case "IdempotencyInFlight":
      return {
        name: "idempotency-in-flight",
        detail: "A request with this Idempotency-Key is still being worked on. Ask again shortly.",
        headers: retryAfter(),
      };
    case "Conflict":
      return {
        name: "overloaded",
        detail: "Too many changes of the same thing at once. Nothing was done; ask again.",
        headers: retryAfter(),
      };
    case "Overloaded":
      return {
        name: "overloaded",
        detail: `Too much is waiting (${failure.what}). Nothing was done; ask again.`,
        headers: retryAfter(failure.retryAfterSeconds),
      };
    case "TooLarge":
      return { name: "too-large", detail: failure.detail };
    case "Unavailable":
      if (failure.reason === "full") return storeFull;
      return {
        name: "unavailable",
        detail: "The store did not confirm. Ask again with the same Idempotency-Key.",
        headers: retryAfter(failure.retryAfterSeconds),
      };
    case "StoreError":
      if (failure.reason === "full") return storeFull;
      return {
        name: "unavailable",
        detail: "The store did not answer. Ask again.",
        headers: retryAfter(),
      };
  }
};

export const statusOf = (problem: Problem): number => problemTypes[problem.name].status;

export const problemResponse = (problem: Problem, requestId: string): StoredResponse => ({
  status: statusOf(problem),
  headers: { "content-type": "application/problem+json", ...problem.headers },
  body: problemBody(problem, requestId),
});

/** The problem object's text. `instance` is the request's id, which the log has too. */
export const problemBody = (problem: Problem, requestId: string): string => {
  const { status, title } = problemTypes[problem.name];
  return JSON.stringify({
    type: `/problems/${problem.name}`,
    title,
    status,
    detail: problem.detail,
    instance: `/requests/${requestId}`,
    ...(problem.errors === undefined ? {} : { errors: problem.errors }),
    ...problem.extensions,
  });
};
