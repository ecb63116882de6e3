/** Sends a request until there is an answer to keep: under one idempotency key, and not for ever. */
import { clientLimits } from "./limits.ts";
import { AllotUnreachable, nameOf } from "./problem.ts";

export interface RetryOptions {
  /** Times that a call is sent at most, 6 by default; 1 never repeats. */
  readonly attempts?: number;
  /** Milliseconds for one answer, a minute by default. */
  readonly timeoutMs?: number;
  /** Milliseconds between two attempts at most, half a minute by default. */
  readonly longestWaitMs?: number;
}

/** What sending needs of where it runs. */
export interface Surroundings {
  readonly fetch: (request: Request) => Promise<Response>;
  /** Runs something in so many milliseconds, unless what it answers with is called before. */
  readonly after: (ms: number, run: () => void) => () => void;
  /** At least 0, below 1. */
  readonly random: () => number;
  readonly newKey: () => string;
}

const randomBytes = (count: number): Uint8Array => crypto.getRandomValues(new Uint8Array(count));

export const surroundings: Surroundings = {
  // As it is then: what traces or mocks calls replaces it late.
  fetch: (request) => globalThis.fetch(request),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  random: () => randomBytes(4).reduce((sum, byte) => (sum + byte) / 256, 0),
  // Not randomUUID, which pages without TLS do not have.
  newKey: () =>
    [...randomBytes(16)].map((byte) => byte.toString(16).padStart(2, "0")).join(
      "",
    ),
};

/** Waits; rejects with the signal's reason as soon as it is aborted. */
const wait = (
  ms: number,
  signal: AbortSignal,
  after: Surroundings["after"],
): Promise<void> =>
  new Promise((resolve, reject) => {
    const stop = () => {
      cancel();
      reject(signal.reason);
    };
    const cancel = after(ms, () => {
      signal.removeEventListener("abort", stop);
      resolve();
    });
    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop, { once: true });
  });

/** What says that it may be otherwise soon: the engine's own, and that of a proxy without an engine. */
const passing = [429, 502, 503, 504];

/** Whether the same request may be answered otherwise in a while. */
const isPassing = async (answer: Response): Promise<boolean> =>
  passing.includes(answer.status) ||
  // Its first attempt, whose answer was lost, is still being worked on.
  (answer.status === 409 &&
    nameOf(await jsonOf(answer)) === "idempotency-in-flight");

const jsonOf = async (answer: Response): Promise<unknown> => {
  try {
    return await answer.clone().json();
  } catch {
    // A proxy's page.
    return undefined;
  }
};

/**
 * Milliseconds that an answer asks to wait (RFC 9110 section 10.2.3). A date counts from that of the answer,
 * so that no clock has to agree with another; where it has none, it asks for nothing.
 */
const retryAfterMs = ({ headers }: Response): number => {
  const text = headers.get("retry-after") ?? "";
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  const ms = Date.parse(text) - Date.parse(headers.get("date") ?? "");
  return Number.isNaN(ms) ? 0 : Math.max(0, ms);
};

/** Answers without a body, whatever they say. */
const bodiless = [204, 205, 304];

/** JSON is read whole, so that what breaks off in the middle is asked for again; anything else may be endless. */
const readWhole = async (answer: Response): Promise<Response> => {
  const { status, statusText, headers } = answer;
  const isJson = /\bjson\b/.test(headers.get("content-type") ?? "");
  if (!isJson || bodiless.includes(status)) return answer;
  return new Response(await answer.arrayBuffer(), {
    status,
    statusText,
    headers,
  });
};

const timedOut = (ms: number) => new DOMException(`no answer within ${ms} ms`, "TimeoutError");

/**
 * A `fetch` that repeats what got no answer, or one that passes (429, 502, 503, 504, and a first attempt that
 * is still being worked on), with a wait that grows and is spread by chance, and never before `Retry-After`.
 * Throws AllotUnreachable after the last attempt, and the signal's reason when the caller gives up.
 */
export const retrying = (
  { fetch, after, random, newKey }: Surroundings,
  {
    attempts = clientLimits.attempts,
    timeoutMs = clientLimits.attemptMs,
    longestWaitMs = clientLimits.longestWaitMs,
  }: RetryOptions,
) => {
  const attempt = async (
    request: Request,
    body: BodyInit | null,
  ): Promise<Response> => {
    const late = new AbortController();
    const cancel = after(timeoutMs, () => late.abort(timedOut(timeoutMs)));
    const signal = AbortSignal.any([request.signal, late.signal]);
    try {
      return await readWhole(
        await fetch(new Request(request, { body, signal })),
      );
    } finally {
      cancel();
    }
  };
  return async (request: Request): Promise<Response> => {
    const { method, headers, signal } = request;
    if (method === "POST" && !headers.has("idempotency-key")) {
      headers.set("idempotency-key", newKey());
    }
    const hasBody = method !== "GET" && method !== "HEAD";
    const body = hasBody ? await request.arrayBuffer() : null;
    for (let sent = 1;; sent++) {
      const spread = random() *
        Math.min(longestWaitMs, clientLimits.firstWaitMs * 2 ** (sent - 1));
      let askedMs = 0;
      try {
        const answer = await attempt(request, body);
        if (sent >= attempts || !await isPassing(answer)) return answer;
        askedMs = retryAfterMs(answer);
        if (askedMs > longestWaitMs) return answer;
        await answer.body?.cancel();
      } catch (cause) {
        if (signal.aborted) throw signal.reason;
        if (sent >= attempts) {
          throw new AllotUnreachable(
            sent,
            headers.get("idempotency-key") ?? undefined,
            cause,
          );
        }
      }
      await wait(askedMs + spread, signal, after);
    }
  };
};
