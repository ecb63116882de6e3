/**
 * The status stream as pages want it: not every change, but that something changed, a few times a second at
 * most. Each message carries the id of the last change that it stands for, so a page that lost its connection
 * resumes behind it, and hears at once if it has missed anything.
 */
import { dashboardLimits } from "./limits.ts";
import { streamLimits } from "../../src/status/limits.ts";
import { operation } from "../http/in-process.ts";
import { type Dashboard, given } from "./visit.ts";

const streamStatus = operation<Response>({ operationId: "streamStatus" });

const encoder = new TextEncoder();
const latin = new TextDecoder("latin1");

/** The last id and whether anything changed; ids and event names stand at the beginning of lines. */
const look = (text: string): { readonly id: string | null; readonly changed: boolean } => {
  const start = text.startsWith("id: ") ? -1 : text.indexOf("\nid: ");
  const last = text.lastIndexOf("\nid: ");
  const at = Math.max(start, last);
  const from = text.startsWith("id: ") && last < 0 ? 4 : at < 0 ? -1 : at + 5;
  const id = from < 0 ? null : text.slice(from, text.indexOf("\n", from));
  return { id, changed: text.includes("event: change\n") || text.includes("event: reset\n") };
};

/** Merges a status stream; ends with it, and ends it when the page is gone. */
export const mergedStream = (
  source: ReadableStream<Uint8Array>,
): ReadableStream<Uint8Array<ArrayBuffer>> => {
  const reader = source.getReader();
  let id: string | null = null;
  let changed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let beat: ReturnType<typeof setInterval> | undefined;

  const stop = () => {
    clearTimeout(timer);
    clearInterval(beat);
  };

  return new ReadableStream({
    start: (controller) => {
      const tell = (event: string) =>
        controller.enqueue(
          encoder.encode(`${id === null ? "" : `id: ${id}\n`}event: ${event}\ndata: {}\n\n`),
        );
      const flush = () => {
        timer = undefined;
        if (!changed) return;
        changed = false;
        tell("changed");
      };
      const read = async () => {
        try {
          while (true) {
            const { done, value } = await reader.read();
            if (done) break;
            const seen = look(latin.decode(value));
            id = seen.id ?? id;
            changed ||= seen.changed;
            if (changed && timer === undefined) timer = setTimeout(flush, dashboardLimits.mergeMs);
          }
          flush();
          stop();
          controller.close();
        } catch (error) {
          stop();
          controller.error(error);
        }
      };
      controller.enqueue(encoder.encode(`retry: ${streamLimits.retryMs}\n\n`));
      beat = setInterval(() => tell("beat"), dashboardLimits.beatMs);
      read();
    },
    cancel: (reason) => {
      stop();
      return reader.cancel(reason);
    },
  });
};

/** The stream that live pages listen to. */
export const livePages = (app: Dashboard): void => {
  app.get("/live", async (c) => {
    const { calls } = c.get("visit");
    const headers = new Headers();
    const seen = c.req.header("last-event-id");
    if (seen !== undefined) headers.set("last-event-id", seen);
    const asked = given(c, ["after", "orderId", "locationId", "channel"]);
    const query = { ...asked, brief: "true" };
    const told = await calls.ask(streamStatus, { query, headers });
    if (!told.ok) return c.text(told.problem.detail, { status: told.status as 503 });
    const { body } = told.value;
    if (body === null) return c.body(null, 204);
    return new Response(mergedStream(body), {
      headers: { "content-type": "text/event-stream", "x-accel-buffering": "no" },
    });
  });
};
