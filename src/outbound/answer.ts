/** What the answer of an endpoint over HTTP means for the message that it got. */
import type { Outcome } from "./message.ts";

export interface EndpointAnswer {
  readonly status: number;
  /** Of `Retry-After`: seconds, or a date of HTTP (RFC 9110, section 10.2.3). */
  readonly retryAfter?: string;
  /** The beginning of what was said. */
  readonly text: string;
}

/** The other side has too much to do. */
const busyStatuses: ReadonlySet<number> = new Set([429, 502, 504]);
const goneStatus = 410;

/** How long the other side wants to be left alone; undefined where it does not say. */
export const restMs = (retryAfter: string | undefined, nowMs: number): number | undefined => {
  if (retryAfter === undefined) return undefined;
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter) * 1_000;
  const atMs = Date.parse(retryAfter);
  return /GMT$/.test(retryAfter) && !Number.isNaN(atMs) ? Math.max(0, atMs - nowMs) : undefined;
};

/** Only 2xx is success, as Standard Webhooks has it; a redirect is not followed. */
export const outcomeOf = (
  { status, retryAfter, text }: EndpointAnswer,
  nowMs: number,
): Outcome => {
  const said = { status, answer: text };
  if (status >= 200 && status < 300) return { _tag: "Delivered", ...said };
  const reason = `It answered ${status}.`;
  if (status === goneStatus) return { _tag: "Gone", reason, ...said };
  const afterMs = restMs(retryAfter, nowMs);
  return {
    ...{ _tag: "Retry", reason, ...said },
    ...(afterMs === undefined ? {} : { afterMs }),
    ...(busyStatuses.has(status) ? { isBusy: true } : {}),
  };
};
