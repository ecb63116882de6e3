/** Connections, over sockets to the listener that `main.ts` runs: how many, how long, and which go first. */
import assert from "node:assert/strict";
import { listen, type ListenOptions } from "../../api/http/listener.ts";
import { markUnfinished } from "../../api/http/marks.ts";
import { connect, statusesOf, type Wire } from "../attack/wire.ts";

interface Listening {
  readonly wire: () => Promise<Wire>;
  /** A request of `/slow` is being worked on. */
  readonly begun: Promise<void>;
  /** Requests that are being worked on end now. */
  readonly finish: () => void;
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: allot.test\r\n\r\n`;

/** `/slow` is answered when the test says so; `/stream` goes on until then. */
const withListener = async (
  limits: NonNullable<ListenOptions["limits"]>,
  test: (listening: Listening) => Promise<void>,
): Promise<void> => {
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const listener = listen({ hostname: "127.0.0.1", port: 0, limits }, async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/slow") {
      begin();
      await finished;
    }
    if (pathname !== "/stream") return new Response("answered");
    const body = new ReadableStream<Uint8Array>({
      start: async (controller) => {
        controller.enqueue(new TextEncoder().encode("begun "));
        await finished;
        controller.enqueue(new TextEncoder().encode("ended"));
        controller.close();
      },
    });
    return markUnfinished(new Response(body));
  });
  try {
    await test({ wire: () => connect(listener.addr), begun, finish });
  } finally {
    finish();
    await listener.shutdown();
  }
};

const short = { headMs: 40, idleMs: 80, sweepMs: 10 };

Deno.test("a connection whose first head does not come whole in time is closed", () =>
  withListener(short, async ({ wire }) => {
    using silent = await wire();
    using half = await wire();
    await half.send("GET / HTTP/1.1\r\nhost: al");
    await silent.closed();
    await half.closed();
  }));

Deno.test("a connection that idles is closed, and so is one whose next head is slow", () =>
  withListener(short, async ({ wire }) => {
    using idle = await wire();
    using slow = await wire();
    await idle.send(get("/"));
    await slow.send(get("/"));
    assert.deepEqual(statusesOf(await idle.hear()), [200]);
    assert.deepEqual(statusesOf(await slow.hear()), [200]);
    await slow.send("GET / HT");
    await idle.closed();
    await slow.closed();
  }));

Deno.test("a connection that waits for its answer, or still gets it, is not closed", () =>
  withListener(short, async ({ wire, begun, finish }) => {
    using waiting = await wire();
    using reading = await wire();
    await waiting.send(get("/slow"));
    await begun;
    await reading.send(get("/stream").replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n"));
    // Long after both would have been closed for being idle, another one was.
    for (let n = 0; n < 3; n++) {
      using silent = await wire();
      await silent.closed();
    }
    const heard = reading.hear();
    finish();
    assert.deepEqual(statusesOf(await waiting.hear()), [200]);
    assert.match(await heard, /begun [\s\S]*ended/);
  }));

Deno.test("for one connection too many, those that have said nothing are closed first", () =>
  withListener({ connections: 4, closedAtOnce: 2 }, async ({ wire, begun, finish }) => {
    using busy = await wire();
    await busy.send(get("/slow"));
    await begun;
    using served = await wire();
    await served.send(get("/"));
    assert.deepEqual(statusesOf(await served.hear()), [200]);
    using silent = await wire();
    using mute = await wire();
    using next = await wire();
    await next.send(get("/"));
    assert.deepEqual(statusesOf(await next.hear()), [200]);
    await silent.closed();
    await mute.closed();
    await served.send(get("/"));
    assert.deepEqual(statusesOf(await served.hear()), [200]);
    finish();
    assert.deepEqual(statusesOf(await busy.hear()), [200]);
  }));

Deno.test("where all are busy, one connection too many is closed and no other one", () =>
  withListener({ connections: 1 }, async ({ wire, begun, finish }) => {
    using busy = await wire();
    await busy.send(get("/slow"));
    await begun;
    using late = await wire();
    await late.closed();
    finish();
    assert.deepEqual(statusesOf(await busy.hear()), [200]);
  }));

Deno.test("behind an answer whose request goes on in chunks that nobody reads, the connection is closed", () =>
  withListener({ lingerMs: 20 }, async ({ wire }) => {
    using rude = await wire();
    await rude.send(
      get("/").replace("\r\n\r\n", "\r\ntransfer-encoding: chunked\r\n\r\n"),
      "1\r\n \r\n".repeat(1_000),
    );
    const heard = await rude.hear();
    assert.deepEqual(statusesOf(heard), [200]);
    assert.match(heard, /^connection: close$/im);
    assert.match(heard, /answered$/);
    await rude.closed();
  }));
