/** Answers and problems as HTTP responses, with the headers that every response has. */
import type { StoredResponse } from "../../src/store/documents.ts";
import { markLast } from "./marks.ts";
import { type Problem, problemResponse } from "./problems.ts";

/** The runtime ends the process over a header with any other character. */
const sendable = /^[\t -~]*$/;

/** An answer that must not leave: a header of it says what a header cannot say. */
class UnsendableHeader extends Error {
  readonly _tag = "UnsendableHeader";
  constructor(readonly header: string) {
    super(`The answer's header ${header} has characters that no header may have.`);
  }
}

const refuseUnsendable = (name: string, value: string): void => {
  if (!sendable.test(value)) throw new UnsendableHeader(name);
};

/** `body` replaces the answer's own by an equal one in pieces. */
export const send = (
  answer: StoredResponse,
  requestId: string,
  body: BodyInit | null = answer.body === "" ? null : answer.body,
): Response => {
  const { headers } = answer;
  // Set one by one: headers that are given to the constructor cost three times as much.
  const response = new Response(body, { status: answer.status });
  const sent = response.headers;
  // A proxy that compresses an answer makes its entity tag weak, and If-Match never matches a weak tag. Deno
  // itself does so up to 2.5.
  sent.set(
    "cache-control",
    headers.etag === undefined ? "no-store" : "private, no-cache, no-transform",
  );
  sent.set("x-content-type-options", "nosniff");
  for (const name in headers) {
    const value = headers[name] ?? "";
    refuseUnsendable(name, value);
    sent.set(name, value);
  }
  sent.set("x-request-id", requestId);
  return headers.connection === "close" ? markLast(response) : response;
};

/** A response that was made elsewhere; throws `UnsendableHeader` as `send` does. */
export const pass = (response: Response): Response => {
  for (const [name, value] of response.headers) refuseUnsendable(name, value);
  return response;
};

export const sendProblem = (problem: Problem, requestId: string): Response =>
  send(problemResponse(problem, requestId), requestId);
