/** Answers and problems as HTTP responses, with the headers that every response has. */
import type { StoredResponse } from "../../src/store/documents.ts";
import { type Problem, problemResponse } from "./problems.ts";

export const send = (answer: StoredResponse, requestId: string): Response =>
  new Response(answer.body === "" ? null : answer.body, {
    status: answer.status,
    headers: {
      // Whoever compresses an answer on its way makes its entity tag weak, which If-Match can never match; Deno
      // itself does so up to 2.5.
      "cache-control": answer.headers.etag === undefined
        ? "no-store"
        : "private, no-cache, no-transform",
      "x-content-type-options": "nosniff",
      ...answer.headers,
      "x-request-id": requestId,
    },
  });

export const sendProblem = (problem: Problem, requestId: string): Response =>
  send(problemResponse(problem, requestId), requestId);
