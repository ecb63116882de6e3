/** The client: every route of the engine, its lists and its events, under one key. */
import { type AllotOptions, type Call, callsOf, makeSend } from "./call.ts";
import { type EventPages, type Events, eventsOf, type Pages, pagesOf, type Rows } from "./pages.ts";
import { type Surroundings, surroundings as ownSurroundings } from "./retry.ts";

/**
 * Calls by method and path: `allot.POST("/v1/orders", { body })`. A POST has an `Idempotency-Key` of its own
 * that its repetitions share; give one (`params.header`) to share it with a call after a crash. After a lost
 * answer, a change with `If-Match` may find that it was made (412), and a DELETE that it was done (404).
 */
export interface Allot {
  readonly GET: Call<"get">;
  readonly POST: Call<"post">;
  readonly PUT: Call<"put">;
  readonly DELETE: Call<"delete">;
  readonly pages: Pages;
  readonly list: Rows;
  readonly eventPages: EventPages;
  readonly events: Events;
}

export const makeAllot = (
  options: AllotOptions,
  surroundings: Surroundings,
): Allot => {
  const send = makeSend(options, surroundings);
  return {
    GET: callsOf(send, "get"),
    POST: callsOf(send, "post"),
    PUT: callsOf(send, "put"),
    DELETE: callsOf(send, "delete"),
    ...pagesOf(send),
    ...eventsOf(send, options.timeoutMs),
  };
};

/** A client of the engine at `baseUrl`, for as many calls at once as one likes. */
export const createAllot = (options: AllotOptions): Allot => makeAllot(options, ownSurroundings);
