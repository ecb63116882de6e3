/**
 * Cross-origin requests (Fetch Standard, section 3.3): which pages of other origins may ask, from a browser,
 * with a key. Off where no origin is set. Headers are set on the answer as it is: a middleware that makes a new
 * one would lose its marks.
 */

export interface Cors {
  /** What a preflight is answered; undefined when the request is none. */
  readonly preflight: (request: Request) => Response | undefined;
  /** Lets the page that asked read the answer, where it may. */
  readonly open: (request: Request, answer: Response) => Response;
}

const methods = "GET, HEAD, POST, PUT, DELETE";

const asked = [
  "Authorization",
  "Content-Type",
  "Content-Encoding",
  "Idempotency-Key",
  "If-Match",
  "If-None-Match",
  "Last-Event-ID",
  "X-Request-Id",
  "Traceparent",
  "Tracestate",
].join(", ");

/** Headers of answers that scripts may read beside those that they always may. */
const exposed = [
  "ETag",
  "Location",
  "Link",
  "Allow",
  "Retry-After",
  "Idempotent-Replayed",
  "WWW-Authenticate",
  "X-Request-Id",
  "Traceparent",
  "Deprecation",
  "Sunset",
].join(", ");

/** Seconds that a browser may remember a preflight. */
const maxAgeSeconds = 600;

/** `origins`: as browsers send them, or `*` for every one. A key is sent by the page, so there are no cookies. */
export const makeCors = (origins: readonly string[]): Cors => {
  const isOpen = origins.includes("*");
  const known = new Set(origins);
  /** The value that lets this page in; null for none, and where the request comes from no page. */
  const admitted = ({ headers }: Request): string | null => {
    const origin = headers.get("origin");
    if (origin === null) return null;
    return isOpen ? "*" : known.has(origin) ? origin : null;
  };
  const open = (request: Request, answer: Response): Response => {
    // Also where it lets nobody in: a cache must not show that to one who may.
    if (!isOpen) answer.headers.append("vary", "Origin");
    const origin = admitted(request);
    if (origin === null) return answer;
    answer.headers.set("access-control-allow-origin", origin);
    answer.headers.set("access-control-expose-headers", exposed);
    return answer;
  };
  return {
    open,
    preflight: (request) => {
      const { method, headers } = request;
      if (method !== "OPTIONS" || !headers.has("access-control-request-method")) return undefined;
      const answer = open(request, new Response(null, { status: 204 }));
      if (!answer.headers.has("access-control-allow-origin")) return answer;
      answer.headers.delete("access-control-expose-headers");
      answer.headers.set("access-control-allow-methods", methods);
      answer.headers.set("access-control-allow-headers", asked);
      answer.headers.set("access-control-max-age", String(maxAgeSeconds));
      return answer;
    },
  };
};

/** Answers preflights, and opens what `fetch` answers. */
export const openTo = <Rest extends readonly unknown[]>(
  { preflight, open }: Cors,
  fetch: (request: Request, ...rest: Rest) => Response | Promise<Response>,
) =>
async (request: Request, ...rest: Rest): Promise<Response> =>
  preflight(request) ?? open(request, await fetch(request, ...rest));
