/**
 * Readers of the status stream, each following a channel of its own, and how long after its commit each
 * change gets to its reader.
 */
import type { Target } from "../load/connection.ts";
import { followStream } from "../load/event-stream.ts";
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

export const openReaders = async (target: Target, readers: number): Promise<Contender> => {
  let tally: Tally | undefined;
  let dropped = 0;
  let isClosed = false;
  const closing: (() => void)[] = [];
  const open = async (n: number): Promise<void> => {
    const counter = new ChangeCounter((atMs) =>
      tally?.add("accepted", Date.now() - atMs, performance.now())
    );
    const decoder = new TextDecoder();
    const { ended, close } = await followStream(
      target,
      `/v1/status/stream?channel=bench-${n % channelCount}`,
      (bytes) => counter.take(decoder.decode(bytes, { stream: true })),
    );
    closing.push(close);
    // Whether it ends or breaks off: nobody closes a stream but this, and the engine for good reason.
    const end = () => {
      if (!isClosed) dropped++;
    };
    ended.then(end, end);
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
    close: () => {
      isClosed = true;
      for (const close of closing) close();
    },
  };
};
