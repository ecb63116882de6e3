/**
 * Readers of the status stream, each following a channel of its own, and how long after its commit each
 * change gets to its reader.
 */
import type { Target } from "../load/connection.ts";
import { Tally } from "../load/outcome.ts";
import { channelCount } from "../traffic/orders.ts";
import type { Contender } from "./protocol.ts";

const change = "event: change";
const atPattern = /"at":"([^"]+)"/g;

/** Counts the changes in what a reader got, with their delays. */
export class ChangeCounter {
  #rest = "";

  constructor(private readonly seen: (atMs: number) => void) {}

  take(text: string): void {
    const messages = (this.#rest + text).split("\n\n");
    this.#rest = messages.pop() ?? "";
    for (const message of messages) {
      if (!message.includes(change)) continue;
      atPattern.lastIndex = 0;
      const at = atPattern.exec(message)?.[1];
      if (at !== undefined) this.seen(Date.parse(at));
    }
  }
}

export const openReaders = async ({ url, key }: Target, readers: number): Promise<Contender> => {
  const stopping = new AbortController();
  let tally: Tally | undefined;
  let dropped = 0;
  const open = async (n: number): Promise<void> => {
    const path = `/v1/status/stream?channel=bench-${n % channelCount}`;
    const response = await fetch(new URL(path, url), {
      headers: { authorization: `Bearer ${key}` },
      signal: stopping.signal,
    });
    const body = response.body;
    if (!response.ok || body === null) {
      throw new Error(`The stream was refused: ${response.status} ${await response.text()}`);
    }
    const counter = new ChangeCounter((atMs) =>
      tally?.add("accepted", Date.now() - atMs, performance.now())
    );
    const read = async () => {
      const decoder = new TextDecoder();
      for await (const bytes of body) counter.take(decoder.decode(bytes, { stream: true }));
      dropped++;
    };
    read().catch(() => {
      if (!stopping.signal.aborted) dropped++;
    });
  };
  const atOnce = 50;
  for (let n = 0; n < readers; n += atOnce) {
    const count = Math.min(atOnce, readers - n);
    await Promise.all(Array.from({ length: count }, (_, i) => open(n + i)));
  }
  return {
    opened: { readers },
    // Looks on for the time; the load comes from elsewhere.
    measure: async ({ seconds }) => {
      const startMs = performance.now();
      const watching = new Tally(startMs);
      tally = watching;
      await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
      tally = undefined;
      return { ...watching.outcome(performance.now()), facts: { dropped } };
    },
    close: () => stopping.abort(),
  };
};
