/** Bodies on their way in: how long, in which pieces, and how many bytes of them at once. */
import assert from "node:assert/strict";
import { Bodies, type BodyFault, BodyRefused } from "../../api/http/bodies.ts";

const short = { arrivalMs: 30, waitMs: 30, sweepMs: 5 };

type Feed = (controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>) => void;

const streamOf = (start: Feed) => new ReadableStream<Uint8Array<ArrayBuffer>>({ start });

const requestOf = (body: BodyInit): Request =>
  new Request("http://allot.test/", { method: "POST", body });

/** A body that begins and does not end. */
const stalled = () => streamOf((controller) => controller.enqueue(new Uint8Array([1])));

const inChunks = (chunks: number, bytes: number) =>
  streamOf((controller) => {
    for (let n = 0; n < chunks; n++) controller.enqueue(new Uint8Array(bytes).fill(n));
    controller.close();
  });

const refusedAs = (fault: BodyFault) => (error: unknown): boolean =>
  error instanceof BodyRefused && error.fault === fault;

const withBodies = async (
  limits: ConstructorParameters<typeof Bodies>[0],
  test: (bodies: Bodies) => Promise<void>,
): Promise<void> => {
  const bodies = new Bodies(limits);
  try {
    await test(bodies);
  } finally {
    bodies.close();
  }
};

const read = async (stream: ReadableStream<Uint8Array>): Promise<number> => {
  let bytes = 0;
  for await (const chunk of stream) bytes += chunk.byteLength;
  return bytes;
};

Deno.test("a body that stops coming is refused in time, with a length and without", () =>
  withBodies(short, async (bodies) => {
    for (const declared of [null, 10, 100_000]) {
      await assert.rejects(
        bodies.whole(requestOf(stalled()), declared, 200_000, "key"),
        refusedAs("too late"),
      );
    }
    // The share of the key is given back.
    assert.deepEqual(
      await bodies.whole(requestOf(inChunks(2, 3)), null, 6, "key"),
      Buffer.from([0, 0, 0, 1, 1, 1]),
    );
  }));

Deno.test("a body in more chunks than its bytes are worth is refused, whatever it holds", () =>
  withBodies({ chunks: 10, bytesPerChunk: 4 }, async (bodies) => {
    const whole = (stream: ReadableStream<Uint8Array<ArrayBuffer>>) =>
      bodies.whole(requestOf(stream), null, 1_000, "key");
    assert.equal((await whole(inChunks(10, 1))).byteLength, 10);
    assert.equal((await whole(inChunks(200, 4))).byteLength, 800);
    await assert.rejects(whole(inChunks(11, 1)), refusedAs("too fine"));
    assert.equal(await read(bodies.streamed(requestOf(inChunks(200, 4)), 1_000)), 800);
    await assert.rejects(
      read(bodies.streamed(requestOf(inChunks(11, 1)), 1_000)),
      refusedAs("too fine"),
    );
  }));

Deno.test("a body is taken to its last byte, and not one beyond", () =>
  withBodies({}, async (bodies) => {
    for (const [chunks, bytes] of [[1, 0], [1, 1], [3, 5_000], [40, 1_000]] as const) {
      const most = chunks * bytes;
      const whole = await bodies.whole(requestOf(inChunks(chunks, bytes)), null, most, "key");
      assert.equal(whole.byteLength, most);
      assert.equal(await read(bodies.streamed(requestOf(inChunks(chunks, bytes)), most)), most);
      if (most === 0) continue;
      for (const declared of [null, most]) {
        await assert.rejects(
          bodies.whole(requestOf(inChunks(chunks, bytes)), declared, most - 1, "key"),
          refusedAs("too large"),
        );
      }
      await assert.rejects(
        read(bodies.streamed(requestOf(inChunks(chunks, bytes)), most - 1)),
        refusedAs("too large"),
      );
    }
  }));

Deno.test("of a streamed body only the wait for its sender counts", () =>
  withBodies({ ...short, bytesPerSecond: 1_000_000 }, async (bodies) => {
    const slowlyRead = bodies.streamed(requestOf(inChunks(4, 1)), 10);
    let bytes = 0;
    for await (const chunk of slowlyRead) {
      bytes += chunk.byteLength;
      await new Promise((resolve) => setTimeout(resolve, short.waitMs));
    }
    assert.equal(bytes, 4);
    await assert.rejects(read(bodies.streamed(requestOf(stalled()), 10)), refusedAs("too late"));
  }));

Deno.test("the bodies of one key do not take the room of all", () =>
  withBodies(
    { smallBytes: 0, bytesInArrival: 300_000 },
    async (bodies) => {
      const feeds: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>[] = [];
      const begin = (keyId: string) =>
        bodies.whole(
          requestOf(streamOf((controller) => void feeds.push(controller))),
          100_000,
          100_000,
          keyId,
        );
      const underWay = [begin("one"), begin("one")];
      await assert.rejects(begin("one"), refusedAs("too many"));
      underWay.push(begin("other"));
      await assert.rejects(begin("third"), refusedAs("too many"));
      for (const feed of feeds.slice(0, 2).concat(feeds.slice(3, 4))) feed.close();
      for (const body of underWay) assert.equal((await body).byteLength, 0);
      const again = begin("one");
      feeds.at(-1)?.close();
      await again;
    },
  ));

Deno.test("for one body too many, that which came longest ago is given up", () =>
  withBodies({ arriving: 3 }, async (bodies) => {
    const feeds: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>[] = [];
    const begin = () =>
      bodies.whole(
        requestOf(streamOf((controller) => void feeds.push(controller))),
        null,
        10,
        undefined,
      );
    const oldest = begin();
    const others = [begin(), begin(), begin()];
    await assert.rejects(oldest, refusedAs("too many"));
    for (const feed of feeds) feed.close();
    for (const body of others) assert.equal((await body).byteLength, 0);
  }));
