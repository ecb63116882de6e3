/** What is open when a key is revoked or a session ends, on two engines that share a store. */
import assert from "node:assert/strict";
import { fillingRows } from "../support/filling.ts";
import { createHash } from "node:crypto";
import { sessionsSignedWith } from "../../api/dashboard/session.ts";
import { dashboardLimits } from "../../api/dashboard/limits.ts";
import { eventually } from "../process/process.ts";
import { withFile } from "../support/files.ts";
import { adminKey, orderFor, startServer, stockOver, type TestServer } from "../support/server.ts";

const origin = "http://allot.test";
const sessionSecret = "the-secret-of-these-tests".padEnd(32, "x");
const boundMs = 20_000;

/** Rejects where it takes for ever. */
const soon = async <A>(what: string, work: Promise<A>): Promise<A> => {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`${what} did not come`)), boundMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
};

const withTwo = (
  test: (near: TestServer, far: TestServer) => Promise<void>,
): Promise<void> =>
  withFile(async (path) => {
    const settings = { sessionSecret };
    await using near = await startServer({ path, settings });
    await using far = await startServer({ path, settings });
    await stockOver(near, { ams: { mug: 1_000 } });
    await test(near, far);
  });

interface Key {
  readonly id: string;
  readonly key: string;
}

const makeKey = async (server: TestServer, role: string): Promise<Key> => {
  const { body } = await server.ask("/v1/admin/keys", { json: { name: role, role } });
  return { id: String(body.id), key: String(body.key) };
};

const revoke = async (server: TestServer, { id }: Key): Promise<void> => {
  assert.equal((await server.ask(`/v1/admin/keys/${id}`, { method: "DELETE" })).status, 204);
};

interface Open {
  /** Reads to the end of the stream. */
  readonly ended: Promise<void>;
  readonly isOpen: () => boolean;
  readonly close: () => Promise<void>;
}

const openStream = async (
  server: TestServer,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<Open> => {
  const { status, body } = await server.fetch(new Request(origin + path, { headers }));
  assert.equal(status, 200, path);
  const reader = body?.getReader();
  assert.ok(reader);
  // The first message: from here on it is open.
  await reader.read();
  let isOpen = true;
  const read = async () => {
    while (!(await reader.read()).done);
    isOpen = false;
  };
  return { ended: read(), isOpen: () => isOpen, close: () => reader.cancel() };
};

const bearer = ({ key }: Pick<Key, "key">) => ({ authorization: `Bearer ${key}` });

const stream = (server: TestServer, key: Pick<Key, "key">, query = ""): Promise<Open> =>
  openStream(server, `/v1/status/stream${query}`, bearer(key));

interface Signed {
  readonly cookie: string;
  readonly csrf: string;
}

const signIn = async (server: TestServer, key: string): Promise<Signed> => {
  const form = new URLSearchParams({ key, next: "/" });
  const signed = await server.fetch(
    new Request(`${origin}/sign-in`, { method: "POST", body: form }),
  );
  const cookie = (signed.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const page = await server.fetch(new Request(`${origin}/orders`, { headers: { cookie } }));
  return { cookie, csrf: /name="csrf" value="([^"]+)"/.exec(await page.text())?.[1] ?? "" };
};

const signOut = async (server: TestServer, { cookie, csrf }: Signed): Promise<void> => {
  const body = new URLSearchParams({ csrf });
  const request = new Request(`${origin}/sign-out`, { method: "POST", headers: { cookie }, body });
  assert.equal((await server.fetch(request)).status, 303);
};

interface Upload {
  readonly send: (text: string) => void;
  readonly end: () => void;
  readonly answer: Promise<Response>;
}

const upload = (
  server: TestServer,
  path: string,
  headers: Readonly<Record<string, string>>,
): Upload => {
  const encoder = new TextEncoder();
  let feed: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({ start: (controller) => void (feed = controller) });
  const answer = server.fetch(new Request(origin + path, { method: "POST", headers, body }));
  return {
    send: (text) => feed?.enqueue(encoder.encode(text)),
    end: () => feed?.close(),
    answer,
  };
};

const heading = "externalId,sku,quantity,unitPrice,currency,customerName,country\n";
const row = (externalId: number | string) => `${externalId},mug,1,1.00,EUR,Ada,NL\n`;
const rows = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => row(from + n)).join("");

const placedIn = async (server: TestServer, channel: string): Promise<number> =>
  [...(await server.ask(`/v1/orders?channel=${channel}&limit=200`)).body.data].length;

Deno.test("a revoked key's streams end in every process, and no other key's", () =>
  withTwo(async (near, far) => {
    const key = await makeKey(near, "viewer");
    const other = await makeKey(near, "viewer");
    const { cookie } = await signIn(near, key.key);
    const streams = await Promise.all([near, far].flatMap((server) => [
      stream(server, key),
      stream(server, key, "?brief=true&channel=web"),
      openStream(server, "/live", { cookie }),
    ]));
    const others = await Promise.all([near, far].map((server) => stream(server, other)));
    await revoke(near, key);
    await soon("the end of the streams", Promise.all(streams.map(({ ended }) => ended)));
    assert.ok(others.every(({ isOpen }) => isOpen()));
    for (const server of [near, far]) {
      const again = await server.fetch(
        new Request(`${origin}/v1/status/stream`, { headers: bearer(key) }),
      );
      assert.equal(again.status, 401);
      const live = await server.fetch(new Request(`${origin}/live`, { headers: { cookie } }));
      assert.equal(live.status, 401);
    }
    await Promise.all(others.map(({ close }) => close()));
  }));

Deno.test("a signed-out session's streams end in every process, and no other session's", () =>
  withTwo(async (near, far) => {
    const mine = await signIn(near, adminKey);
    const another = await signIn(near, adminKey);
    const live = (server: TestServer, { cookie }: Signed) =>
      openStream(server, "/live", { cookie });
    const streams = await Promise.all([live(near, mine), live(far, mine)]);
    const others = await Promise.all([live(near, another), live(far, another)]);
    await signOut(far, mine);
    await soon("the end of the streams", Promise.all(streams.map(({ ended }) => ended)));
    assert.ok(others.every(({ isOpen }) => isOpen()));
    await Promise.all(others.map(({ close }) => close()));
    const proof = await near.ask("/v1/admin/verify", { method: "POST" });
    assert.equal(proof.body.ok, true, proof.text);
  }));

/** A session that was begun so long ago that it is over in a moment. */
const endingSession = async (server: TestServer): Promise<{ readonly cookie: string }> => {
  const { body } = await server.ask("/v1/admin/keys");
  const id = String([...body.data].at(-1)?.id);
  const hash = createHash("sha256").update(adminKey).digest("hex");
  const sinceMs = Date.now() - dashboardLimits.sessionMs + 400;
  const value = sessionsSignedWith(sessionSecret).make({ id, hash }, sinceMs, "ending");
  return { cookie: `allot_session=${value}` };
};

Deno.test("a session's stream ends when its time is over", () =>
  withTwo(async (near) => {
    const live = await openStream(near, "/live", await endingSession(near));
    await soon("the end of the stream", live.ended);
  }));

Deno.test("a revoked key's upload ends: what was placed stays, nothing more is placed", () =>
  withTwo(async (near, far) => {
    const key = await makeKey(near, "channel");
    for (const [server, channel] of [[near, "near"], [far, "far"]] as const) {
      const path = `/v1/imports/orders?channel=${channel}`;
      const uploading = upload(server, path, { ...bearer(key), "content-type": "text/csv" });
      uploading.send(heading + rows(0, 5) + fillingRows(row));
      await eventually("the orders", async () => await placedIn(near, channel) === 5 ? true : null);
      if (server === far) {
        await revoke(near, key);
        const answer = await soon("the answer", uploading.answer);
        assert.equal(answer.status, 401);
        assert.equal(answer.headers.get("connection"), "close");
        const { detail } = await answer.json();
        assert.match(detail, /The key was revoked\..*\/v1\/imports\/imp_/);
        const job = await near.ask(detail.match(/\/v1\/imports\/\w+/)[0]);
        assert.equal(job.body.status, "interrupted");
        assert.match(String(job.body.detail), /The key was revoked\. No order was placed after/);
        assert.equal(job.body.summary.orders.created, 5);
        assert.deepEqual([...job.body.results].map(({ externalId }) => externalId), [
          ...["0", "1", "2", "3", "4"],
        ]);
        uploading.send(rows(6, 20));
      } else {
        uploading.end();
        assert.equal((await soon("the answer", uploading.answer)).status, 202);
      }
    }
    assert.equal(await placedIn(near, "far"), 5);
    const proof = await near.ask("/v1/admin/verify", { method: "POST" });
    assert.equal(proof.body.ok, true, proof.text);
  }));

Deno.test("an upload in the dashboard ends when its session is signed out", () =>
  withTwo(async (near, far) => {
    const session = await signIn(near, adminKey);
    const query = "channel=page&format=csv";
    const length = { "content-length": "10000000" };
    const begin = (server: TestServer, { cookie, csrf }: Signed) =>
      upload(server, `/imports/upload?${query}`, { cookie, "x-csrf-token": csrf, ...length });
    const uploading = begin(far, session);
    uploading.send(heading + rows(0, 5) + fillingRows(row));
    await eventually("the orders", async () => await placedIn(near, "page") === 5 ? true : null);
    await signOut(near, session);
    const answer = await soon("the answer", uploading.answer);
    assert.match(await answer.text(), /The session was signed out\./);
    assert.equal(await placedIn(near, "page"), 5);
  }));

Deno.test("what was acknowledged of an upload ends with its key as well", () =>
  withTwo(async (near) => {
    const key = await makeKey(near, "channel");
    const waiting = upload(near, "/v1/imports/orders?channel=web", {
      ...bearer(key),
      "content-type": "text/csv",
    });
    const many = 2_000;
    waiting.send(heading + rows(0, many));
    waiting.end();
    const { status, headers } = await soon("the answer", waiting.answer);
    assert.equal(status, 202);
    await revoke(near, key);
    const job = await eventually("the end of the import", async () => {
      const { body } = await near.ask(headers.get("location") ?? "");
      return String(body.status) === "running" ? null : body;
    });
    const created = Number(job.summary.orders.created);
    // The last window of orders was under way, or is through by now.
    assert.equal(String(job.status), created === many ? "completed" : "interrupted");
  }));

Deno.test("a command whose body comes slowly is not carried out for a key that was revoked meanwhile", () =>
  withTwo(async (near, far) => {
    for (const revoking of [near, far]) {
      const key = await makeKey(near, "channel");
      const placing = upload(near, "/v1/orders", {
        ...bearer(key),
        "content-type": "application/json",
      });
      const text = JSON.stringify(orderFor("slow", { mug: 1 }));
      placing.send(text.slice(0, 20));
      await revoke(revoking, key);
      await eventually("the end of the key", async () => {
        const { status } = await near.ask("/v1/orders?limit=1", { key: key.key });
        return status === 401 ? true : null;
      });
      placing.send(text.slice(20));
      placing.end();
      assert.equal((await soon("the answer", placing.answer)).status, 401);
    }
    assert.equal(await placedIn(near, "web"), 0);
    // Of a key that nothing became of, while something became of another.
    const key = await makeKey(near, "channel");
    const placing = upload(near, "/v1/orders", {
      ...bearer(key),
      "content-type": "application/json",
    });
    await makeKey(near, "viewer");
    placing.send(JSON.stringify(orderFor("other", { mug: 1 })));
    placing.end();
    assert.equal((await soon("the answer", placing.answer)).status, 201);
  }));
