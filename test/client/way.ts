/** The client on a way to the server that loses, delays and breaks what goes over it. */
import { makeAllot } from "../../api/client/client.ts";
import { clientLimits } from "../../api/client/limits.ts";
import type { Allot, AllotOptions } from "../../api/client/mod.ts";
import { type Surroundings, surroundings } from "../../api/client/retry.ts";
import { adminKey, type TestServer } from "../support/server.ts";

/** What happens to one attempt. */
export type Fault =
  | "none"
  /** The connection breaks before the server hears of it. */
  | "lost"
  /** The server did it, and its answer is lost, whole or in the middle. */
  | "unheard"
  | "torn"
  /** The server did it, and nothing comes, nor ends. */
  | "silent"
  /** Somebody on the way answers. */
  | {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
  };

export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly idempotencyKey: string | null;
  readonly body: string;
}

export interface Way {
  readonly allot: Allot;
  /** Every attempt, in order. */
  readonly sent: readonly Sent[];
  /** Milliseconds of each wait between two attempts. */
  readonly waitsMs: readonly number[];
  /** What the next attempts meet; after that, nothing. */
  readonly meet: (faults: readonly Fault[]) => void;
}

const broken = () => new TypeError("connection reset");

const neverBy = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });

const tornAnswer = (text: string, answer: Response): Response => {
  const half = new TextEncoder().encode(text.slice(0, text.length >> 1));
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (controller) => controller.enqueue(half),
    pull: (controller) => controller.error(broken()),
  });
  return new Response(body, answer);
};

/** No time passes: what waits goes on at once, and who hears nothing has waited long enough. */
export const wayTo = (
  server: Pick<TestServer, "fetch">,
  { random = () => 0.5, waits = () => {}, ...options }:
    & Partial<AllotOptions>
    & Partial<Pick<Surroundings, "random">>
    & { readonly waits?: (ms: number) => void } = {},
): Way => {
  const sent: Sent[] = [];
  const waitsMs: number[] = [];
  const faults: Fault[] = [];
  const timeoutMs = options.timeoutMs ?? clientLimits.attemptMs;
  let expire = () => {};
  const fetch = async (request: Request): Promise<Response> => {
    const { method, url, headers } = request;
    const idempotencyKey = headers.get("idempotency-key");
    const body = await request.clone().text();
    sent.push({ method, path: new URL(url).pathname, idempotencyKey, body });
    const fault = faults.shift() ?? "none";
    if (fault === "lost") throw broken();
    if (typeof fault === "object") return new Response("<p>Sorry</p>", fault);
    // The server in this process does not hear that the client is gone.
    const answer = await Promise.race([server.fetch(request), neverBy(request.signal)]);
    if (fault === "none") return answer;
    const text = await answer.text();
    if (fault === "unheard") throw broken();
    if (fault === "torn") return tornAnswer(text, answer);
    queueMicrotask(expire);
    return await neverBy(request.signal);
  };
  const after: Surroundings["after"] = (ms, run) => {
    if (ms === timeoutMs) {
      expire = run;
      return () => {};
    }
    waitsMs.push(ms);
    waits(ms);
    let isOn = true;
    queueMicrotask(() => isOn && run());
    return () => void (isOn = false);
  };
  const allot = makeAllot(
    { baseUrl: "http://allot.test", key: adminKey, ...options },
    { fetch, after, random, newKey: surroundings.newKey },
  );
  return {
    allot,
    sent,
    waitsMs,
    meet: (next) => void faults.splice(0, Infinity, ...next),
  };
};
