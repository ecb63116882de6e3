/**
 * The two ways to put load on something. Closed: so many clients, each of which asks again when it has its
 * answer. Open: requests are due at fixed times whatever the answers do, and latency counts from the time a
 * request was due, so that a stall shows in every request that it held up.
 */
import { type Outcome, type Result, Tally } from "./outcome.ts";

export interface Answered {
  readonly result: Result;
  readonly detail?: string | undefined;
}

/** Sends the n-th request by one client's own connection, and completes with its answer. */
export type Send = (n: number, client: number) => Promise<Answered>;

export interface Timing {
  readonly nowMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

export const wallTiming: Timing = {
  nowMs: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

interface DriveOptions {
  readonly clients: number;
  readonly send: Send;
  readonly timing?: Timing;
  readonly keepCurve?: boolean;
}

const attempt = async (send: Send, n: number, client: number): Promise<Answered> => {
  try {
    return await send(n, client);
  } catch (error) {
    return { result: "error", detail: error instanceof Error ? error.message : String(error) };
  }
};

/** When the n-th request is due, milliseconds after the start; n counts from 0. */
export const dueMs = (n: number, ratePerSecond: number): number => n * 1_000 / ratePerSecond;

/** Ends after the time, or when so many requests were sent. */
export const closedLoop = async (
  options: DriveOptions & { readonly seconds: number; readonly requests?: number | undefined },
): Promise<Outcome> => {
  const { clients, send, timing = wallTiming } = options;
  const most = options.requests ?? Infinity;
  const startMs = timing.nowMs();
  const endMs = startMs + options.seconds * 1_000;
  const tally = new Tally(startMs, options);
  let next = 0;
  const client = async (id: number): Promise<void> => {
    let askedMs = timing.nowMs();
    while (next < most && askedMs < endMs) {
      const { result, detail } = await attempt(send, next++, id);
      const nowMs = timing.nowMs();
      tally.add(result, nowMs - askedMs, nowMs);
      if (detail !== undefined) tally.explain(detail);
      askedMs = nowMs;
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, id) => client(id)));
  return tally.outcome(timing.nowMs());
};

/**
 * A client takes the next request when it is free, waits until that is due, and sends it. When all clients
 * are held up, requests are sent late; their latency still counts from when they were due.
 */
export const openLoop = async (
  options: DriveOptions & { readonly ratePerSecond: number; readonly seconds: number },
): Promise<Outcome> => {
  const { clients, send, ratePerSecond, timing = wallTiming } = options;
  const most = Math.max(1, Math.floor(ratePerSecond * options.seconds));
  const startMs = timing.nowMs();
  const tally = new Tally(startMs, options);
  let next = 0;
  const client = async (id: number): Promise<void> => {
    while (next < most) {
      const n = next++;
      const dueAtMs = startMs + dueMs(n, ratePerSecond);
      const earlyMs = dueAtMs - timing.nowMs();
      if (earlyMs > 0) await timing.sleep(earlyMs);
      const { result, detail } = await attempt(send, n, id);
      const nowMs = timing.nowMs();
      tally.add(result, nowMs - dueAtMs, nowMs);
      if (detail !== undefined) tally.explain(detail);
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, id) => client(id)));
  return tally.outcome(timing.nowMs());
};
