/** What an adversary does to an engine that it can reach, and with a key that it was given. */
import assert from "node:assert/strict";
import type { EngineProcess } from "../process/process.ts";
import { orderFor } from "../support/server.ts";
import { connect, type Part, type Wire } from "./wire.ts";

export interface Target {
  readonly place: { readonly hostname: string; readonly port: number };
  readonly key: string;
  /** Asks the engine with its admin key. */
  readonly admin: EngineProcess["ask"];
  /** Connections of one attack. */
  readonly connections: number;
  /** How long they are held, and in which time they are opened. */
  readonly holdMs: number;
  readonly rampMs: number;
}

export interface Attack {
  readonly name: string;
  readonly run: (target: Target) => Promise<void>;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Opens so many connections, some at once, and closes them all when it is over. */
const withWires = async (
  { place, rampMs }: Target,
  count: number,
  work: (wire: Wire, n: number) => Promise<void>,
): Promise<void> => {
  const wires: Wire[] = [];
  try {
    await Promise.all(
      Array.from({ length: count }, async (_, n) => {
        await pause(n * rampMs / count);
        try {
          const wire = await connect(place);
          wires.push(wire);
          await work(wire, n);
        } catch (error) {
          // An engine that has enough may refuse, and close in the middle of anything.
          if (error instanceof assert.AssertionError) throw error;
        }
      }),
    );
  } finally {
    for (const wire of wires) wire[Symbol.dispose]();
  }
};

const head = ({ key }: Target, line: string, ...headers: readonly string[]): string =>
  [line, "host: allot.test", `authorization: Bearer ${key}`, ...headers, "", ""].join("\r\n");

const post = (target: Target, path: string, ...headers: readonly string[]): string =>
  head(target, `POST ${path} HTTP/1.1`, "content-type: application/json", ...headers);

/** Streams and uploads of one key. */
const revokedWires = 40;

const chunked = "transfer-encoding: chunked";
const chunk = (text: string): string =>
  `${new TextEncoder().encode(text).byteLength.toString(16)}\r\n${text}\r\n`;

/** So many bytes, each in a chunk of its own. */
const byteByByte = (bytes: number): string => chunk(" ").repeat(bytes);

const answered = (heard: string, ...statuses: readonly number[]): void => {
  const [, status] = /^HTTP\/1\.[01] (\d{3})/.exec(heard) ?? [];
  if (heard === "") return;
  assert.ok(statuses.includes(Number(status)), heard.slice(0, 400));
};

const nonsense: readonly Part[] = [
  "\r\n\r\n\r\n",
  "GET\r\n\r\n",
  "GET / HTTP/9.9\r\n\r\n",
  "GET / HTTP/1.1\r\nhost\r\n\r\n",
  "GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n",
  "GET http://[ HTTP/1.1\r\nhost: a\r\n\r\n",
  "GET /\u0000 HTTP/1.1\r\nhost: a\r\n\r\n",
  "POST /v1/orders HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello",
  "POST /v1/orders HTTP/1.1\r\nhost: a\r\ncontent-length: 1e3\r\n\r\n",
  "POST /v1/orders HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
  "POST /v1/orders HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
  "POST /sign-in HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n-1\r\n\r\n",
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  new Uint8Array([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]),
  new Uint8Array(10_000).fill(0xff),
  `GET / HTTP/1.1\r\nhost: a\r\nx: ${"y".repeat(1_000_000)}`,
];

export const attacks: readonly Attack[] = [
  {
    name: "bodies of one byte in each chunk",
    run: (target) =>
      withWires(target, 20, async (wire, n) => {
        const [path, type] = n % 2 === 0
          ? ["/v1/orders", "application/json"]
          : ["/sign-in", "application/x-www-form-urlencoded"];
        await wire.send(
          head(target, `POST ${path} HTTP/1.1`, `content-type: ${type}`, chunked),
          byteByByte(100_000),
        );
        answered(await wire.hear(), 413, 408);
      }),
  },
  {
    name: "bodies of one byte in each chunk that nobody reads",
    run: (target) =>
      withWires(target, 20, async (wire, n) => {
        const unread = ["GET /healthz", "POST /v1/orders", "POST /nowhere", "GET /sign-in"];
        await wire.send(
          `${unread[n % unread.length]} HTTP/1.1\r\nhost: allot.test\r\n${chunked}\r\n\r\n`,
          byteByByte(100_000),
        );
        answered(await wire.hear(), 200, 401, 404);
      }),
  },
  {
    name: "orders of many lines, each line in a chunk of its own",
    run: (target) =>
      withWires(target, 30, async (wire, n) => {
        const { lines: [line], ...order } = orderFor(`${n}`, { song: 1 }, { channel: "lines" });
        const own = { ...line, fulfillment: { method: "digital" } };
        const json = JSON.stringify({ ...order, lines: Array(200).fill(own) }, null, 1);
        const chunks = json.split(/(?<=\n)/).map(chunk);
        await wire.send(
          post(target, "/v1/orders", chunked, "connection: close"),
          `${chunks.join("")}0\r\n\r\n`,
        );
        answered(await wire.hear(), 201, 200);
      }),
  },
  {
    name: "heads that come a byte at a time",
    run: (target) =>
      withWires(target, target.connections, async (wire) => {
        for (let sentMs = 0; sentMs < target.holdMs; sentMs += 200) {
          await wire.send(sentMs === 0 ? "GET / HTTP/1.1\r\nhost: " : "a");
          await pause(200);
        }
      }),
  },
  {
    name: "bodies that do not go on",
    run: (target) =>
      withWires(target, target.connections, async (wire, n) => {
        const length = n % 3 === 0 ? chunked : `content-length: ${n % 3 === 1 ? 60_000 : 900_000}`;
        await wire.send(post(target, "/v1/orders", length), n % 3 === 0 ? chunk("{") : "{");
        await pause(target.holdMs);
      }),
  },
  {
    name: "uploads that do not go on",
    run: (target) =>
      withWires(target, 60, async (wire) => {
        await wire.send(
          head(
            target,
            "POST /v1/imports/orders?channel=slow HTTP/1.1",
            "content-type: text/csv",
            chunked,
          ),
          chunk("externalId,sku,quantity,unitPrice,currency,country\n"),
        );
        await pause(target.holdMs);
      }),
  },
  {
    name: "more connections than there may be files, silent and idle ones",
    run: (target) =>
      withWires(target, 3 * target.connections, async (wire, n) => {
        if (n % 2 === 0) await wire.send("GET /healthz HTTP/1.1\r\nhost: allot.test\r\n\r\n");
        await pause(target.holdMs);
      }),
  },
  {
    name: "connections that end in the middle",
    run: (target) =>
      withWires(target, target.connections, async (wire, n) => {
        await wire.send(post(target, "/v1/orders", "content-length: 5000"), "{".repeat(n % 100));
        if (n % 2 === 0) await wire.leave();
        wire[Symbol.dispose]();
      }),
  },
  {
    name: "huge pages, read and not read",
    run: (target) =>
      withWires(target, 120, async (wire, n) => {
        await wire.send(
          head(target, "GET /v1/orders?channel=huge&limit=200 HTTP/1.1", "connection: close"),
        );
        if (n % 8 === 0) answered(await wire.hear(), 200, 503);
        else await pause(target.holdMs);
      }),
  },
  {
    name: "streams that nobody reads",
    run: (target) =>
      withWires(target, 100, async (wire) => {
        await wire.send(head(target, "GET /v1/status/stream HTTP/1.1"));
        await pause(target.holdMs);
      }),
  },
  {
    name: "streams and uploads that go on with a key that was revoked",
    run: async (target) => {
      const { admin } = target;
      const made = await admin("/v1/admin/keys", { json: { name: "taken", role: "channel" } });
      assert.equal(made.status, 201, made.text);
      const taken: Target = { ...target, key: String(made.body["key"]) };
      const open: Promise<void>[] = [];
      await withWires(target, revokedWires, async (wire, n) => {
        await wire.send(
          // The connection ends with what it carries, and does not idle first.
          n % 2 === 0 ? head(taken, "GET /v1/status/stream HTTP/1.1", "connection: close") : head(
            taken,
            "POST /v1/imports/orders?channel=taken HTTP/1.1",
            "content-type: text/csv",
            "connection: close",
            chunked,
          ),
          ...(n % 2 === 0 ? [] : [chunk("externalId,sku,quantity,unitPrice,currency,country\n")]),
        );
        open.push(wire.closed());
        // When all are open, the key is revoked; then the engine has to end them all.
        if (open.length === revokedWires) {
          const { status } = await admin(`/v1/admin/keys/${made.body["id"]}`, { method: "DELETE" });
          assert.equal(status, 204);
          await Promise.all(open);
        } else await pause(target.holdMs);
      });
      assert.equal(open.length, revokedWires);
    },
  },
  {
    name: "what is no HTTP",
    run: (target) =>
      withWires(target, target.connections, async (wire, n) => {
        await wire.send(nonsense[n % nonsense.length] ?? "");
        if (n % 3 === 0) await wire.leave();
        await pause(target.holdMs / 4);
      }),
  },
];
