/**
 * Ids of requests: in the answer's `X-Request-Id`, in problems and in the logs. A client, or the proxy before
 * it, may give its own, so that its logs and ours tell of the same request by the same name.
 */
import { requestLimits } from "../../src/kernel/limits.ts";

/** What stands in a path as it is (RFC 3986): problems have the id in one. */
const wellFormed = /^(?!\.{1,2}$)[A-Za-z0-9._~:+=-]+$/;

/** The id that the request came with; null when it has none, or one that cannot be taken over. */
export const givenRequestId = (headers: Headers): string | null => {
  const id = headers.get("x-request-id");
  return id !== null && id.length <= requestLimits.requestIdLength && wellFormed.test(id)
    ? id
    : null;
};

/** Ids for requests that come without: each is another one, and they begin with what names the process. */
export const makeRequestIds = (prefix: string): () => string => {
  let made = 0;
  return () => `${prefix}-${(++made).toString(36)}`;
};
