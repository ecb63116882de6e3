/** The status and its stream over HTTP. */
import assert from "node:assert/strict";
import { roles } from "../../src/kernel/principal.ts";
import {
  adminKey,
  keyFor,
  orderFor,
  startServer,
  stockOver,
  type TestServer,
} from "../support/server.ts";

interface Message {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
}

const messagesOf = (text: string): readonly Message[] =>
  text.split("\n\n").slice(0, -1).map((block) => {
    const value = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1];
    return { id: value("id"), event: value("event"), data: JSON.parse(value("data") ?? "{}") };
  });

const open = (
  server: TestServer,
  options: {
    readonly query?: string;
    readonly key?: string;
    readonly lastEventId?: string;
  } = {},
): Promise<Response> =>
  server.fetch(
    new Request(`http://allot.test/v1/status/stream${options.query ?? ""}`, {
      headers: {
        authorization: `Bearer ${options.key ?? adminKey}`,
        ...(options.lastEventId === undefined ? {} : { "last-event-id": options.lastEventId }),
      },
    }),
  );

/** Reads until there is enough, then leaves. */
const read = async (
  response: Response,
  enough: (messages: readonly Message[]) => boolean,
): Promise<readonly Message[]> => {
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  let text = "";
  assert.ok(response.body !== null);
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (enough(messagesOf(text))) break;
  }
  return messagesOf(text);
};

const changes = (messages: readonly Message[]) =>
  messages.filter(({ event }) => event === "change");

const place = async (server: TestServer, externalId: string, more = {}): Promise<string> => {
  const placed = await server.ask("/v1/orders", { json: orderFor(externalId, { mug: 1 }, more) });
  assert.equal(placed.status, 201, placed.text);
  return String(placed.body.id);
};

Deno.test("the status counts what a client has just done", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 10 } });
  await place(server, "1");
  await place(server, "2");
  const { status, body } = await server.ask("/v1/status");
  assert.equal(status, 200);
  assert.equal(body.orders?.byStatus?.allocated, 2);
  assert.equal(body.fulfillmentOrders?.open, 2);
  assert.equal(body.units?.reserved, 2);
  assert.equal(body.units?.available, 8);
  const names = [...body.consumers ?? []].map((consumer) => String(consumer.name));
  assert.ok(names.includes("status") && names.includes("indexes"), names.join());
});

Deno.test("a shipment counts as an exception while that is what its carrier says", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 10 } });
  const post = async (path: string, json: unknown) => {
    const answer = await server.ask(path, { method: "POST", json });
    assert.equal(answer.status, 200, answer.text);
    return answer.body;
  };
  const shipped = async (externalId: string): Promise<string> => {
    const order = (await server.ask(`/v1/orders/${await place(server, externalId)}`)).body;
    const path = `/v1/fulfillment-orders/${String(order.fulfillmentOrders?.[0]?.id)}`;
    for (const step of ["accept", "pick", "pack"]) await post(`${path}/${step}`, {});
    return String((await post(`${path}/ship`, { carrier: "DHL" })).shipments?.[0]?.id);
  };
  const key = await keyFor(server, "viewer", { locationId: "ams" });
  const exceptions = async (): Promise<number> => {
    const { body } = await server.ask("/v1/status");
    const exception = Number(body.shipments?.exception);
    const byLocation = exception === 0 ? [] : [{ locationId: "ams", exception }];
    assert.deepEqual(body.shipments, { exception, byLocation });
    assert.deepEqual((await server.ask("/v1/status", { key })).body.shipments, body.shipments);
    return exception;
  };
  const [first, second] = [await shipped("1"), await shipped("2")];
  assert.equal(await exceptions(), 0);
  const countAfter = async (shipment: string, status: string, day: number): Promise<number> => {
    const occurredAt = `2026-03-0${day}T10:00:00.000Z`;
    await post(`/v1/shipments/${shipment}/tracking`, { status, occurredAt });
    return await exceptions();
  };
  assert.equal(await countAfter(first, "exception", 3), 1);
  assert.equal(await countAfter(first, "exception", 4), 1, "a second one of the same shipment");
  assert.equal(await countAfter(first, "in_transit", 2), 1, "an older report");
  assert.equal(await countAfter(second, "exception", 3), 2);
  assert.equal(await countAfter(first, "in_transit", 5), 1);
  assert.equal(await countAfter(first, "exception", 4), 1, "a report that came before");
  assert.equal(await countAfter(second, "delivered", 2), 0, "delivered is for good");
  assert.equal(await countAfter(second, "exception", 6), 0, "whatever is said later");
  const verified = await server.ask("/v1/admin/verify", { method: "POST" });
  assert.equal(verified.body.ok, true, verified.text);
});

Deno.test("a stream begins with a snapshot and tells each change as it commits", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 10 } });
  const response = await open(server, { query: "?type=order.placed" });
  const reading = read(response, (all) => changes(all).length >= 2);
  const ids = [await place(server, "1"), await place(server, "2")];
  const messages = await reading;
  assert.equal(messages.find(({ event }) => event !== undefined)?.event, "snapshot");
  assert.deepEqual(changes(messages).map(({ data }) => data.orderId), ids);
});

Deno.test("a reader resumes by header or parameter, with nothing missing and nothing twice", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 10 } });
  const whole = await open(server);
  const reading = read(whole, (all) => changes(all).some(({ data }) => data.channel === "last"));
  for (const name of ["1", "2", "3"]) await place(server, name);
  await place(server, "end", { channel: "last" });
  const seen = changes(await reading).map(({ id }) => id ?? "");
  assert.equal(new Set(seen).size, seen.length);
  for (const [n, id] of seen.slice(0, -1).entries()) {
    const rest = seen.slice(n + 1);
    for (const options of [{ lastEventId: id }, { query: `?after=${id}` }]) {
      const messages = await read(
        await open(server, options),
        (all) => changes(all).length >= rest.length,
      );
      assert.deepEqual(changes(messages).map(({ id }) => id), rest);
    }
  }
});

Deno.test("a brief reader hears once of each commit, and resumes like any other", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 5 } });
  const from = String((await server.ask("/v1/status")).body["position"]);
  await place(server, "second");
  await place(server, "third");
  const whole = changes(
    await read(
      await open(server, { query: `?after=${from}` }),
      (messages) =>
        changes(messages).filter(({ data }) => data["type"] === "order.placed").length === 2,
    ),
  );
  const last = new Map(whole.map(({ id, data }) => [data["position"], id]));
  const brief = changes(
    await read(
      await open(server, { query: `?brief=true&after=${from}` }),
      (messages) => changes(messages).length === last.size,
    ),
  );
  assert.deepEqual(brief.map(({ id }) => id), [...last.values()]);
  assert.deepEqual(Object.keys(brief[0]?.data ?? {}), ["position", "changes"]);
  const [resumed] = changes(
    await read(
      await open(server, { query: "?brief=true", lastEventId: brief[0]?.id ?? "" }),
      (messages) => changes(messages).length > 0,
    ),
  );
  assert.equal(resumed?.id, brief[1]?.id);
});

Deno.test("an unknown position gets a reset", async () => {
  await using server = await startServer();
  const messages = await read(
    await open(server, { lastEventId: "yesterday" }),
    (all) => all.some(({ event }) => event === "snapshot"),
  );
  assert.deepEqual(messages.flatMap(({ event }) => event ?? []), ["reset", "snapshot"]);
});

Deno.test("keys of a scope see its changes only, and may not ask for others", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 10 }, lon: {} });
  const web = await keyFor(server, "viewer", { channel: "web" });
  const lon = await keyFor(server, "viewer", { locationId: "lon" });
  assert.equal((await open(server, { key: web, query: "?channel=shop" })).status, 403);
  assert.equal((await open(server, { key: lon, query: "?locationId=ams" })).status, 403);
  const streams = await Promise.all([web, lon].map((key) => open(server, { key })));
  const all = await open(server);
  const reading = read(
    all,
    (messages) => changes(messages).some(({ data }) => data.channel === "shop"),
  );
  const id = await place(server, "1");
  await place(server, "2", { channel: "shop" });
  await reading;
  server.application.stopStreams();
  const [channel = [], location = []] = await Promise.all(
    streams.map((stream) => read(stream, () => false)),
  );
  assert.ok(changes(channel).length > 0);
  assert.ok(changes(channel).every(({ data }) => data.orderId === id));
  assert.deepEqual(changes(location), []);
  const status = await server.ask("/v1/status", { key: lon });
  assert.deepEqual(
    [...status.body.units?.byLocation ?? []].filter(({ locationId }) =>
      String(locationId) !== "lon"
    ),
    [],
  );
  assert.equal(status.body.orders, undefined);
});

Deno.test("streams end at once when the server stops", async () => {
  const server = await startServer();
  const reading = read(await open(server), () => false);
  server.application.stopStreams();
  assert.ok((await reading).some(({ event }) => event === "snapshot"));
  await server.application.close();
});

Deno.test("a reader that leaves is counted no more", async () => {
  await using server = await startServer();
  await read(await open(server), (all) => all.some(({ event }) => event === "snapshot"));
  const { body } = await server.ask("/v1/status");
  assert.equal(body.stream?.readers, 0);
});

Deno.test("a HEAD request leaves no reader behind", async () => {
  await using server = await startServer();
  const head = await server.fetch(
    new Request("http://allot.test/v1/status/stream", {
      method: "HEAD",
      headers: { authorization: `Bearer ${adminKey}` },
    }),
  );
  assert.equal((await head.arrayBuffer()).byteLength, 0);
  assert.equal((await server.ask("/v1/status")).body.stream?.readers, 0);
});

Deno.test("only an admin's key without a scope hears what becomes of keys, live and resumed, and how often", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 100 } });
  const scopes = [{}, { channel: "web" }, { locationId: "ams" }] as const;
  const listeners: { readonly key: string; readonly hears: boolean }[] = [];
  for (const role of roles) {
    for (const scope of scopes) {
      const hears = role === "admin" && Object.keys(scope).length === 0;
      listeners.push({ key: await keyFor(server, role, scope), hears });
    }
  }
  const from = String((await server.ask("/v1/status")).body["position"]);
  const isMarker = ({ data }: Message) => data["type"] === "order.placed";
  const hearing = listeners.map(async ({ key }) => {
    const stream = await open(server, { key });
    return () => read(stream, (messages) => changes(messages).some(isMarker));
  });
  const waiting = await Promise.all(hearing);
  const made = await server.ask("/v1/admin/keys", { json: { name: "new", role: "viewer" } });
  await server.ask(`/v1/admin/keys/${made.body.id}`, { method: "DELETE" });
  await place(server, "marker");
  const secretive = (messages: readonly Message[]) =>
    changes(messages).map(({ data }) => String(data["type"])).filter((type) =>
      type.startsWith("key.")
    );
  for (const [n, { key, hears }] of listeners.entries()) {
    const wanted = hears ? ["key.created", "key.revoked"] : [];
    const live = await waiting[n]?.() ?? [];
    assert.deepEqual(secretive(live), wanted);
    const resumed = await open(server, { key, query: `?after=${from}` });
    const told = await read(resumed, (messages) => changes(messages).some(isMarker));
    assert.deepEqual(secretive(told), wanted);
    const brief = await open(server, { key, query: `?brief=true&after=${from}` });
    const last = changes(told).at(-1)?.id;
    const counted = await read(brief, (all) => changes(all).at(-1)?.id === last);
    assert.equal(
      changes(counted).reduce((sum, { data }) => sum + Number(data["changes"]), 0),
      changes(told).length,
    );
  }
});
