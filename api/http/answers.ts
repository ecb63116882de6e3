/** Turns a handler's result, or its failure, into the answer that goes out. */
import { Cause, type Context, Effect, Exit, Result } from "effect";
import { requestLimits } from "../../src/kernel/limits.ts";
import type { StoredResponse } from "../../src/store/documents.ts";
import { type FailureTable, problemOf, type Tagged } from "./failures.ts";
import { noneMatch } from "./headers.ts";
import {
  compressed,
  compressing,
  isDocument,
  isWorthCompressing,
  taggedGzip,
  takesGzip,
} from "./compress.ts";
import { isLarge, LargeAnswers } from "./large.ts";
import { markUnfinished } from "./marks.ts";
import { problem } from "./problems.ts";
import type { Answer, Method } from "./registry.ts";
import { pass, send, sendProblem } from "./send.ts";
import type { ShareHolder } from "./shares.ts";

/** The part of a route that says how its answers are sent. */
export interface AnsweredRoute {
  readonly path: string;
  readonly method: Method;
  readonly failures: FailureTable;
}

/** A request that is being answered. */
export interface Answered {
  readonly request: Request;
  readonly requestId: string;
  /** The holder in whose share the answer waits to be read. */
  readonly holder: ShareHolder;
}

const tooManyAnswers = problem(
  "overloaded",
  "Too many large answers wait to be read. Read those that you asked for, or ask again.",
  { headers: { "retry-after": String(requestLimits.retryAfterSeconds) } },
);

/** The answer with what a cache must know of its forms. */
const varying = (
  answer: StoredResponse,
  gzips: boolean,
  etag: string | undefined,
): StoredResponse => ({
  ...answer,
  headers: {
    ...answer.headers,
    vary: "Accept-Encoding",
    ...(gzips ? { "content-encoding": "gzip" } : {}),
    ...(etag === undefined ? {} : { etag }),
  },
});

export class Answers {
  readonly #large = new LargeAnswers();
  readonly #log;

  constructor(context: Context.Context<never>) {
    this.#log = Effect.runForkWith(context);
  }

  /** Any failure as an answer; details that the client is not told go to the log under the request's id. */
  failed(
    cause: Cause.Cause<Tagged>,
    requestId: string,
    { path, failures }: Pick<AnsweredRoute, "path" | "failures">,
  ): Response {
    const failure = Cause.findError(cause);
    const found = Result.isSuccess(failure) ? problemOf(failures, failure.success) : null;
    const annotated = Effect.annotateLogs({ requestId, route: path });
    if (found === null) {
      this.#log(annotated(Effect.logError("A request failed unexpectedly", cause)));
      const detail = `The request's id is ${requestId}; the log has more under it.`;
      return sendProblem(problem("internal-error", detail), requestId);
    }
    if (found.type.status >= 500) this.#log(annotated(Effect.logWarning(found.detail, cause)));
    return sendProblem(found, requestId);
  }

  outcome(exit: Exit.Exit<Answer, Tagged>, route: AnsweredRoute, answered: Answered): Response {
    return Exit.isFailure(exit)
      ? this.failed(exit.cause, answered.requestId, route)
      : this.#finish(exit.value, route, answered);
  }

  #finish(value: Answer, { method }: AnsweredRoute, answered: Answered): Response {
    const { requestId } = answered;
    if (value instanceof Response) {
      value.headers.set("x-request-id", requestId);
      value.headers.set("x-content-type-options", "nosniff");
      return markUnfinished(pass(value));
    }
    if (method === "GET") return this.#read(value, answered);
    const body = isLarge(value) ? this.#large.write(value.body, answered.holder) : null;
    return body === null
      // Of a command it must not be lost.
      ? send(value, requestId)
      : markUnfinished(send(value, requestId, body));
  }

  /** An answer to somebody who reads: it may be known already, and it may be compressed. */
  #read(value: StoredResponse, answered: Answered): Response {
    const { request: { headers }, requestId } = answered;
    const { etag } = value.headers;
    const isWorthIt = isWorthCompressing(value);
    const gzips = isWorthIt && takesGzip(headers);
    const tag = etag === undefined || !gzips ? etag : taggedGzip(etag);
    if (etag !== undefined && tag !== undefined && noneMatch(headers, etag)) {
      return send({ status: 304, headers: { etag: tag }, body: "" }, requestId);
    }
    const sent = isWorthIt ? varying(value, gzips, tag) : value;
    if (gzips && (isDocument(value) || !isLarge(value))) {
      return send(sent, requestId, compressed(value));
    }
    return isLarge(value) ? this.#readLarge(sent, gzips, answered) : send(sent, requestId);
  }

  /** An answer that nobody waits for costs nothing to make again. */
  #readLarge(value: StoredResponse, gzips: boolean, { requestId, holder }: Answered): Response {
    const body = this.#large.write(value.body, holder);
    return body === null
      ? sendProblem(tooManyAnswers, requestId)
      : markUnfinished(send(value, requestId, gzips ? compressing(body) : body));
  }
}
