/** Readers of the status stream over sockets, of which some never read. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { streamLimits } from "../../src/status/limits.ts";
import { parseEventId } from "../../src/subject/event.ts";
import { type EngineProcess, eventually, startProcess, stockUp, withFolder } from "./process.ts";

const slowReaders = 10;
const fastReaders = 90;
/** Stock rows in one adjustment, the most that there may be. */
const rows = 500;
/** More than sockets and what is between them take from a reader that does not read. */
const wideAdjustments = 120;
const longestRounds = 400;

/** Opens a stream as a client does that then hangs: it never takes anything from its socket. */
const openAndHang = async (engine: EngineProcess): Promise<Deno.Conn> => {
  const { hostname, port } = new URL(engine.address);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  const request = [
    "GET /v1/status/stream HTTP/1.1",
    `host: ${hostname}`,
    `authorization: Bearer ${engine.key}`,
    "",
    "",
  ];
  await connection.write(new TextEncoder().encode(request.join("\r\n")));
  return connection;
};

interface FastReader {
  /** Ids of the changes that came. */
  readonly ids: string[];
  readonly close: () => Promise<void>;
}

/** Ids of the changes in the whole messages of a text, and what is left of it. */
const takeIds = (text: string, ids: string[]): string => {
  const end = text.lastIndexOf("\n\n");
  if (end < 0) return text;
  for (const [, id = ""] of text.slice(0, end).matchAll(/^id: (.*)\nevent: change$/gm)) {
    ids.push(id);
  }
  return text.slice(end + 2);
};

const openStream = async (engine: EngineProcess, query: string): Promise<FastReader> => {
  const response = await fetch(`${engine.address}/v1/status/stream?${query}`, {
    headers: { authorization: `Bearer ${engine.key}` },
  });
  assert.equal(response.status, 200);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  assert.ok(reader);
  const ids: string[] = [];
  const read = (async () => {
    let rest = "";
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      rest = takeIds(rest + chunk.value, ids);
    }
  })();
  return {
    ids,
    close: async () => {
      await reader.cancel();
      await read;
    },
  };
};

const metricOf = async (engine: EngineProcess, name: string): Promise<number> => {
  const response = await fetch(`${engine.address}/metrics`);
  const found = new RegExp(`^${name}(?:\\{\\})? (\\S+)$`, "m").exec(await response.text())?.[1];
  return Number(found ?? 0);
};

const adjust = async (engine: EngineProcess, prefix: string): Promise<void> => {
  const changes = Array.from({ length: rows }, (_, n) => ({ sku: `${prefix}-${n}`, delta: 1 }));
  const adjusted = await engine.ask("/v1/inventory/adjustments", {
    json: { locationId: "ams", reason: "received", reference: "r".repeat(90), changes },
  });
  assert.equal(adjusted.status, 200, JSON.stringify(adjusted.body));
};

/**
 * One long message for each adjustment; then many short ones, as each new SKU becomes an item. Answers with
 * the number of items.
 */
const sendUntilDropped = async (engine: EngineProcess): Promise<number> => {
  for (let n = 0; n < wideAdjustments; n++) await adjust(engine, "known");
  for (let n = 0; n < longestRounds; n++) {
    await adjust(engine, `new-${n}`);
    const longest = await metricOf(engine, "allot_stream_longest_queue_messages");
    assert.ok(longest <= streamLimits.waitingMessages, `${longest} messages wait for one reader`);
    if (await metricOf(engine, "allot_stream_dropped_readers_total") >= slowReaders) {
      return (n + 1) * rows;
    }
  }
  assert.fail("readers that never read were not dropped");
};

/** Ids of all items saved after an id, by a reader that resumes there. */
const savedAfter = async (engine: EngineProcess, from: string, count: number) => {
  const reader = await openStream(engine, `type=item.saved&after=${from}`);
  await eventually("the whole log", () => reader.ids.length >= count || null);
  await reader.close();
  return reader.ids;
};

const indexOf = (id: string): number => parseEventId(id)?.index ?? -1;

const resumeAnywhere = (engine: EngineProcess, ids: readonly string[]) =>
  fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: ids.length - 2 }),
      fc.integer({ min: 1, max: 3 }),
      async (start, connections) => {
        let at = start;
        for (let n = 0; n < connections && at < ids.length - 1; n++) {
          const reader = await openStream(engine, `type=item.saved&after=${ids[at]}`);
          const wanted = Math.min(700, ids.length - 1 - at);
          await eventually("what was missed", () => reader.ids.length >= wanted || null);
          await reader.close();
          assert.deepEqual(reader.ids, ids.slice(at + 1, at + 1 + reader.ids.length));
          at += reader.ids.length;
        }
      },
    ),
    { numRuns: 12, examples: [[ids.length - 2, 1]] },
  );

Deno.test("ten readers that never read are dropped, ninety miss nothing, and any id resumes", () =>
  withFolder(async (cwd) => {
    await using engine = await startProcess({
      cwd,
      env: { ALLOT_KV: ":memory:", LOG_LEVEL: "none" },
    });
    await stockUp(engine, { ams: { mug: 1 } });
    await adjust(engine, "known");
    const fast = await Promise.all(
      Array.from({ length: fastReaders }, () => openStream(engine, "type=item.saved")),
    );
    const hung = await Promise.all(
      Array.from({ length: slowReaders }, () => openAndHang(engine)),
    );
    await eventually(
      "all readers",
      async () =>
        await metricOf(engine, "allot_stream_readers") === fastReaders + slowReaders || null,
    );
    const saved = await sendUntilDropped(engine) + rows;
    await adjust(engine, "last");
    const { body } = await engine.ask("/v1/status");
    assert.equal(body["stream"]?.["readers"], fastReaders);
    assert.equal(await metricOf(engine, "allot_stream_dropped_readers_total"), slowReaders);

    for (const { ids } of fast) {
      await eventually("the ninety", () => ids.length >= saved || null);
    }
    const [from = ""] = fast[0]?.ids ?? [];
    const all = [from, ...await savedAfter(engine, from, saved - 1)];
    assert.equal(new Set(all).size, saved);
    assert.ok(all.some((id) => indexOf(id) > rows / 2), "ids within commits of many changes");
    for (const { ids } of fast) assert.deepEqual(ids, all);
    await eventually(
      "empty queues",
      async () => await metricOf(engine, "allot_stream_waiting_messages") === 0 || null,
    );
    await resumeAnywhere(engine, all);
    await Promise.all(fast.map(({ close }) => close()));
    for (const connection of hung) connection.close();
  }));
