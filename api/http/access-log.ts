/**
 * The access log: a line of JSON for each request. It has no personal data of customers: paths have ids, and
 * what stands behind a question mark is left out. Lines are gathered and written together, beside the requests;
 * where nobody takes them they are dropped and counted, never waited for.
 */
import { Clock, Context, Metric } from "effect";
import { instantOf } from "../../src/kernel/instant.ts";
import { loggingLimits } from "./limits.ts";
import { askedMethod } from "./marks.ts";
import type { Peer } from "./peer.ts";

type Fetch = (request: Request, peer?: Peer) => Response | Promise<Response>;

/** Takes text; `Deno.stdout` and `Deno.stderr` are such. */
export interface Sink {
  readonly write: (bytes: Uint8Array) => Promise<number>;
}

const dropped = Metric.counter("allot_access_log_dropped_total", {
  description: "Lines of the access log that were dropped, since nobody took them in time",
  incremental: true,
});

const encoder = new TextEncoder();

/** Lines on their way to a sink, in their order. */
export class Lines {
  #waiting = "";
  #writing: Promise<void> | undefined;

  constructor(private readonly sink: Sink, private readonly drop: () => void) {}

  add(line: string): void {
    if (this.#waiting.length + line.length > loggingLimits.waitingCharacters) return this.drop();
    this.#waiting += `${line}\n`;
    this.#writing ??= this.#writeAll();
  }

  /** Ends when all lines that were added are written. */
  async written(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }

  async #writeAll(): Promise<void> {
    try {
      while (this.#waiting !== "") {
        // What comes within a moment is written at once.
        await new Promise((resolve) => setTimeout(resolve, loggingLimits.gatherMs));
        let rest = encoder.encode(this.#waiting);
        this.#waiting = "";
        while (rest.byteLength > 0) rest = rest.subarray(await this.sink.write(rest));
      }
    } catch {
      // Nobody reads any more: a server goes on without its log.
      this.#waiting = "";
      this.drop();
    } finally {
      this.#writing = undefined;
    }
  }
}

/** Parts of a path that look like an address of e-mail, however they came there. */
const addresses = /[^/]*(?:@|%40)[^/]*/gi;

/** The path, without what could name a person. */
const pathOf = (url: string): string => {
  const start = url.indexOf("/", url.indexOf("//") + 2);
  const end = url.indexOf("?", start);
  return url.slice(start, end < 0 ? undefined : end)
    .slice(0, loggingLimits.pathCharacters)
    .replace(addresses, "*");
};

/** Networks in which proxies stand: this machine, and private ones (RFC 1918, RFC 4193). */
const isNear = (address: string): boolean =>
  /^(?:127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|::|f[cd]|fe80)/i.test(address);

/** The client that a proxy names last, which is the one that it has seen itself. */
const forwardedFor = (headers: Headers): string | undefined => {
  const last = headers.get("x-forwarded-for")?.split(",").at(-1)?.trim();
  return last !== undefined && /^[\da-f.:]{2,45}$/i.test(last) ? last : undefined;
};

export interface AccessLog {
  /** Has each request of `fetch` told. */
  readonly telling: (fetch: Fetch) => Fetch;
  /** Says whose request it is, once that is known. */
  readonly note: (request: Request, keyId: string) => void;
  /** Ends when all is written. */
  readonly written: () => Promise<void>;
}

export const makeAccessLog = (sink: Sink, context: Context.Context<never>): AccessLog => {
  const clock = Context.get(context, Clock.Clock);
  const lines = new Lines(sink, () => dropped.updateUnsafe(1, context));
  const keyIds = new WeakMap<Request, string>();

  const tell = (request: Request, peer: Peer | undefined, answer: Response, tookMs: number) => {
    const { headers, url } = request;
    const client = peer?.address;
    const forwarded = client !== undefined && isNear(client) ? forwardedFor(headers) : undefined;
    lines.add(JSON.stringify({
      at: instantOf(clock.currentTimeMillisUnsafe()),
      requestId: answer.headers.get("x-request-id") ?? undefined,
      traceparent: answer.headers.get("traceparent") ?? undefined,
      method: askedMethod(request),
      path: pathOf(url),
      status: answer.status,
      durationMs: Math.round(tookMs * 1_000) / 1_000,
      client,
      forwardedFor: forwarded,
      key: keyIds.get(request),
    }));
  };

  return {
    note: (request, keyId) => void keyIds.set(request, keyId),
    written: () => lines.written(),
    telling: (fetch) => async (request, peer) => {
      const startedAt = clock.monotonicTimeNanosUnsafe();
      const answer = await fetch(request, peer);
      tell(request, peer, answer, Number(clock.monotonicTimeNanosUnsafe() - startedAt) / 1e6);
      return answer;
    },
  };
};
