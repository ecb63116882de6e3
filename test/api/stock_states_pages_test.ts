/** The forms of stock states and of channels: they ask the API for what they say, and show what came of it. */
import assert from "node:assert/strict";
import { askPage as ask, signInTo as signIn } from "../support/dashboard.ts";
import { keyFor, startServer, stockOver } from "../support/server.ts";

Deno.test("units are moved by a form, and the page says in which bucket they are", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 9 } });
  const { cookie, csrf } = await signIn(server);
  const page = "/inventory/ams/mug";
  const move = (form: Readonly<Record<string, string>>) =>
    ask(server, `${page}/move`, { cookie, form: { csrf, ...form } });
  const moved = await move({ quantity: "4", from: "available", to: "quality_control" });
  assert.equal(moved.status, 303, await moved.text());
  const shown = await (await ask(server, page, { cookie })).text();
  assert.match(shown, /data-bucket="quality_control">4</);
  assert.match(shown, /<option value="quality_control">/);
  const refused = await move({ quantity: "5", from: "quality_control", to: "available" });
  assert.equal(refused.status, 409);
  assert.match(await refused.text(), /5 of mug asked for out of quality_control, and 4 are there/);
  const adjusted = await ask(server, `${page}/adjust`, {
    cookie,
    form: { csrf, delta: "2", unavailable: "2", bucket: "damaged", reason: "received" },
  });
  assert.equal(adjusted.status, 303);
  await adjusted.body?.cancel();
  const [row] = [...(await server.ask("/v1/inventory?sku=mug")).body.data];
  assert.deepEqual(row?.buckets, { quality_control: 4, damaged: 2 });
});

Deno.test("a channel's settings are made and changed by forms, which show what is there", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: {}, ber: {} });
  const { cookie, csrf } = await signIn(server);
  const empty = await (await ask(server, "/channels", { cookie })).text();
  assert.match(empty, /each sells of all locations/);
  const form = {
    ...{ csrf, served: "locationIds", locations: "ams, ber", buffer: "10 %" },
    ...{ buffers: "a=b = 2\r\nmug = 25%\r\n", exposes: "sum" },
  };
  const made = await ask(server, "/channels", { cookie, form: { id: "web", ...form } });
  assert.equal(made.status, 303, await made.text());
  const read = async () => {
    const { createdAt: _, updatedAt: __, ...told } = (await server.ask("/v1/channels/web")).body;
    return told;
  };
  assert.deepEqual(await read(), {
    ...{ id: "web", version: 1, exposes: "sum", locationIds: ["ams", "ber"] },
    buffer: { percent: 10 },
    buffers: [{ sku: "a=b", units: 2 }, { sku: "mug", percent: 25 }],
  });
  const page = await (await ask(server, "/channels/web", { cookie })).text();
  assert.match(page, /value="ams, ber"/);
  assert.match(page, /a=b = 2\nmug = 25 %/);
  const change = (version: string, more: Readonly<Record<string, string>>) =>
    ask(server, "/channels/web", { cookie, form: { ...form, version, ...more } });
  const wrong = await change("1", { locations: "nowhere" });
  assert.equal(wrong.status, 422);
  assert.match(await wrong.text(), /is no location/);
  const all = { served: "all", buffer: "", buffers: "" };
  const changed = await change("1", all);
  assert.equal(changed.status, 303, await changed.text());
  assert.deepEqual(await read(), { id: "web", version: 2, exposes: "sum" });
  const late = await change("1", all);
  assert.equal(late.status, 412, "what somebody else has saved meanwhile is not lost");
  await late.body?.cancel();
});

Deno.test("who may only read sees a channel's settings, and no form", async () => {
  await using server = await startServer();
  await server.ask("/v1/channels/web", { method: "PUT", json: { buffer: { units: 3 } } });
  const { cookie } = await signIn(server, await keyFor(server, "channel", { channel: "web" }));
  const page = await (await ask(server, "/channels/web", { cookie })).text();
  assert.match(page, /<dd>3<\/dd>/);
  assert.doesNotMatch(page, /name="buffer"/);
});
