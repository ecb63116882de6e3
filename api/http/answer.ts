/** Answers: JSON text with its headers, made once and sent as it is kept. */
import { Effect } from "effect";
import type { CommandContext } from "../../actors/command/command.ts";
import { answerOnly, Idempotency } from "../../actors/command/idempotency.ts";
import { Ledger } from "../../actors/ledger/ledger.ts";
import type { StoredResponse } from "../../src/store/documents.ts";
import { isDecided, problemOf, type Tagged } from "./failures.ts";
import { problemResponse } from "./problems.ts";
import type { ApiRequest, IdempotencyRequest } from "./registry.ts";

export const json = (
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): StoredResponse => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(body),
});

export const noContent = (): StoredResponse => ({ status: 204, headers: {}, body: "" });

/** A strong entity tag of a version. */
const entityTag = (version: number): string => `"${version}"`;

/** JSON of a thing that has a version. */
export const versioned = (
  status: number,
  body: unknown,
  version: number,
  headers: Readonly<Record<string, string>> = {},
): StoredResponse => json(status, body, { etag: entityTag(version), ...headers });

/** Any version will do for `*`. */
const tagOf = (ifMatch: string | undefined): string | undefined =>
  ifMatch === "*" ? undefined : ifMatch;

/** Keeps the answer of what writes nothing else under its idempotency key. */
export const kept = Effect.fnUntraced(function* <Result>(
  result: Result,
  { idempotency }: CommandContext<Result>,
) {
  if (idempotency === undefined) return result;
  const ledger = yield* Ledger;
  yield* ledger.submit(answerOnly(idempotency.claim, idempotency.respond(result)));
  return result;
});

interface CommandOptions<Result> {
  readonly keep?: (result: Result) => StoredResponse;
  /** More of the request than its declared part, where the body is streamed. */
  readonly digest?: string;
}

export type CommandRequest = Pick<
  ApiRequest<unknown, unknown, unknown>,
  "id" | "by" | "correlation" | "ifMatch" | "idempotency" | "failures"
>;

type Act<Result, E, R> = (context: CommandContext<Result>) => Effect.Effect<Result, E, R>;

const onceForItsKey = Effect.fnUntraced(function* <Result, E extends Tagged, R>(
  { id, by, correlation, ifMatch, failures }: CommandRequest,
  { key, fingerprint }: IdempotencyRequest,
  act: Act<Result, E, R>,
  respond: (result: Result) => StoredResponse,
  { keep = respond, digest }: CommandOptions<Result>,
) {
  const service = yield* Idempotency;
  // The text made for the store is the text that is sent, unless the command ended with another result.
  let made: { readonly result: Result; readonly response: StoredResponse } | undefined;
  const answer = yield* service.run(
    { by, key, fingerprint: digest === undefined ? fingerprint : `${fingerprint}:${digest}` },
    (claim) =>
      act({
        by,
        correlation,
        ifMatch: tagOf(ifMatch),
        idempotency: {
          claim,
          respond: (result) => {
            const response = keep(result);
            made = { result, response };
            return response;
          },
        },
      }),
    (failure) => {
      const problem = isDecided(failures, failure) ? problemOf(failures, failure) : null;
      return problem === null ? null : problemResponse(problem, id);
    },
  );
  if (answer._tag === "Replay") {
    return {
      ...answer.response,
      headers: { ...answer.response.headers, "idempotent-replayed": "true" },
    };
  }
  return keep === respond && made !== undefined && made.result === answer.value
    ? made.response
    : respond(answer.value);
});

/**
 * Runs a command with the request's principal, precondition and idempotency key. `respond` makes the
 * response; with a key it is called before the commit, and its response is kept in the same unit of work.
 * `keep` makes the response that is kept for repeats, where that must not be the response itself (a secret).
 * A refusal by decision is kept as well.
 */
export const command = <Result, E extends Tagged, R>(
  request: CommandRequest,
  act: Act<Result, E, R>,
  respond: (result: Result) => StoredResponse,
  options: CommandOptions<Result> = {},
) => {
  const { by, correlation, ifMatch, idempotency } = request;
  return idempotency === undefined
    ? Effect.map(act({ by, correlation, ifMatch: tagOf(ifMatch) }), respond)
    : onceForItsKey(request, idempotency, act, respond, options);
};
