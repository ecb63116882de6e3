/** One reader of the events feed, as a program of somebody else reads it: page after page, each taken apart. */
import type { Target } from "../load/connection.ts";
import { noCounts, Tally } from "../load/outcome.ts";
import type { Contender } from "./protocol.ts";

interface Page {
  readonly data: readonly { readonly id: string; readonly data: { readonly id: string } }[];
  readonly nextAfter: string;
}

const pageSize = 1_000;

export const openFeed = ({ url, key }: Target): Contender => {
  // Without it the runtime asks for gzip, which nobody wants of an engine next door.
  const headers = { authorization: `Bearer ${key}`, "accept-encoding": "identity" };
  let after: string | undefined;
  /** The next page, from the beginning again when all was read. */
  const next = async (): Promise<number> => {
    const parameters = new URLSearchParams({
      limit: String(pageSize),
      ...(after === undefined ? {} : { after }),
    });
    const response = await fetch(new URL(`/v1/events?${parameters}`, url), { headers });
    if (!response.ok) throw new Error(`The feed was refused: ${await response.text()}`);
    const { data, nextAfter }: Page = await response.json();
    if (data.some((event) => event.id !== event.data.id)) throw new Error("Two ids of one event.");
    after = data.length === 0 ? undefined : nextAfter;
    return data.length;
  };
  return {
    measure: async ({ seconds }) => {
      const startMs = performance.now();
      const pages = new Tally(startMs);
      let events = 0;
      let nowMs = startMs;
      while (nowMs - startMs < seconds * 1_000) {
        events += await next();
        pages.add("accepted", performance.now() - nowMs, nowMs);
        nowMs = performance.now();
      }
      return {
        ...pages.outcome(nowMs),
        counts: { ...noCounts, accepted: events },
        facts: { pages: pages.outcome(nowMs).counts.accepted },
      };
    },
    close: () => {},
  };
};
