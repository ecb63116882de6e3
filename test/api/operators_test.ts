/** What operations managers meet in the dashboard, asked without scripts: forms, names, files, days. */
import assert from "node:assert/strict";
import { dashboardLimits } from "../../api/dashboard/limits.ts";
import { createCsvReader } from "../../src/import/csv.ts";
import { askPage as ask, signInTo as signIn } from "../support/dashboard.ts";
import { keyFor, orderFor, startServer, stockOver, type TestServer } from "../support/server.ts";

/** The value that a field of a page has; undefined where it has none. */
const valueOf = (page: string, id: string): string | undefined => {
  const input = new RegExp(`<input id="${id}"[^>]*>`).exec(page)?.[0] ?? "";
  return /\bvalue="([^"]*)"/.exec(input)?.[1];
};

const chosenIn = (page: string, id: string): string | undefined => {
  const select = new RegExp(`<select id="${id}".*?</select>`, "s").exec(page)?.[0] ?? "";
  return /<option value="([^"]*)" selected/.exec(select)?.[1];
};

const isOpen = (page: string, id: string): boolean =>
  new RegExp(`<details class="act" id="${id}" open`).test(page);

Deno.test("a refused form has what was typed into it, and no other form has", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 5 } });
  const { cookie, csrf } = await signIn(server);
  const typed = { csrf, delta: "-9", unavailable: "0", reason: 'lost "at" sea', reference: "R<1>" };
  const answer = await ask(server, "/inventory/ams/mug/adjust", { cookie, form: typed });
  assert.equal(answer.status, 409);
  const page = await answer.text();
  assert.ok(isOpen(page, "act-adjust") && !isOpen(page, "act-count"));
  assert.equal(valueOf(page, "field-delta"), "-9");
  assert.equal(valueOf(page, "adjust-reason"), "lost &quot;at&quot; sea");
  assert.equal(valueOf(page, "adjust-reference"), "R&lt;1&gt;");
  assert.equal(valueOf(page, "count-reason"), undefined);
  // It is sent anew, and of this page.
  assert.equal(new Set(page.match(/name="once" value="[^"]+"/g)).size > 1, true);
  assert.match(page, /data-page="\/inventory\/ams\/mug"/);
  const plain = await (await ask(server, "/inventory/ams/mug", { cookie })).text();
  assert.ok(!isOpen(plain, "act-adjust") && !plain.includes("sea"));

  const receive = { csrf, locationId: "nowhere", sku: "mug", delta: "3", reason: "received" };
  const refused = await ask(server, "/inventory/receive", { cookie, form: receive });
  assert.equal(refused.status, 404);
  const again = await refused.text();
  assert.ok(isOpen(again, "act-receive"));
  assert.equal(valueOf(again, "receive-sku"), "mug");
});

Deno.test("of two forms to one address, the one that was sent has what was typed", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 5 } });
  const placed = await server.ask("/v1/orders", { json: orderFor("a", { mug: 1 }) });
  const path = `/orders/${placed.body.id}`;
  const { cookie, csrf } = await signIn(server);
  const form = { csrf, form: "hold", code: "address", reason: "" };
  const refused = await ask(server, `${path}/hold`, { cookie, form });
  assert.equal(refused.status, 422);
  const page = await refused.text();
  assert.ok(isOpen(page, "act-hold") && !isOpen(page, "act-cancel"));
  assert.equal(chosenIn(page, "hold-code"), "address");
  const other = await ask(server, `${path}/hold`, { cookie, form: { ...form, form: "another" } });
  assert.ok(!isOpen(await other.text(), "act-hold"));
});

Deno.test("no secret that was sent comes back in a page", async () => {
  await using server = await startServer();
  const wrong = await ask(server, "/sign-in", {
    form: { key: "a secret that is wrong", next: "/" },
  });
  assert.equal(wrong.status, 401);
  assert.doesNotMatch(await wrong.text(), /a secret that is wrong/);
});

Deno.test("the page of a new key shows its secret, and a repeat does not", async () => {
  await using server = await startServer();
  const { cookie, csrf } = await signIn(server);
  const form = { csrf, once: "one-press", name: "Night", role: "support", channel: "web" };
  const send = async () => await (await ask(server, "/keys", { cookie, form })).text();
  const page = await send();
  const secret = /id="new-key" class="secret">([^<]+)</.exec(page)?.[1] ?? "";
  assert.match(secret, /^allot_[\w-]{43}$/);
  assert.equal((await server.ask("/v1/orders?channel=app", { key: secret })).status, 403);
  const repeat = await send();
  assert.ok(!repeat.includes(secret) && repeat.includes("shown only once"));
  const list = await (await ask(server, "/keys", { cookie })).text();
  assert.ok(!list.includes(secret) && list.includes(">Night<"));
  assert.equal([...(await server.ask("/v1/admin/keys")).body.data].length, 2);
  const answer = await ask(server, "/keys", { cookie, form });
  assert.equal(answer.headers.get("cache-control"), "no-store");
  await answer.body?.cancel();
});

Deno.test("roles are offered no form that their key may not send", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 5 } });
  const { cookie, csrf } = await signIn(server, await keyFor(server, "viewer"));
  for (const path of ["/locations", "/locations/ams", "/items", "/items/mug"]) {
    const page = await (await ask(server, path, { cookie })).text();
    assert.doesNotMatch(page, /<form method="post" action="\/(locations|items)/, path);
    assert.doesNotMatch(page, /href="\/keys"/, path);
  }
  const form = { csrf, id: "x", name: "X", type: "store", country: "NL", active: "true" };
  assert.equal((await ask(server, "/locations", { cookie, form })).status, 403);
  for (const path of ["/keys", "/keys.csv"]) {
    assert.equal((await ask(server, path, { cookie })).status, 403);
  }
});

Deno.test("what a location's form does not ask for stays as it was", async () => {
  await using server = await startServer();
  const address = {
    name: "Gate 4",
    country: "NL",
    city: "Utrecht",
    latitude: 52.1,
    longitude: 5.1,
  };
  await server.ask("/v1/locations/utr", {
    method: "PUT",
    json: { name: "Utrecht", type: "warehouse", address, latitude: 52.1, longitude: 5.1 },
  });
  const { cookie, csrf } = await signIn(server);
  const form = {
    ...{ csrf, version: "1", name: "Utrecht", type: "store", country: "NL", city: "", phone: "1" },
    ...{ latitude: "52.2", longitude: "5.1", active: "true" },
  };
  assert.equal((await ask(server, "/locations/utr", { cookie, form })).status, 303);
  const { body } = await server.ask("/v1/locations/utr");
  const { city: _, ...rest } = address;
  assert.deepEqual(body.address, { ...rest, phone: "1" });
  assert.equal(body.latitude, 52.2);
  const stale = await ask(server, "/locations/utr", { cookie, form });
  assert.equal(stale.status, 412);
  const taken = await ask(server, "/locations", { cookie, form: { ...form, id: "utr" } });
  assert.equal(taken.status, 412, "a new one is never another one's end");
});

const rowsOf = (text: string): readonly (readonly string[])[] => {
  const reader = createCsvReader({ delimiter: ",", rowCharacters: 1e6 });
  // The reader keeps a heading to itself.
  const heading = text.slice(0, text.indexOf("\n") + 1);
  return [...reader.push(heading + text), ...reader.end()].map(({ cells }) => cells);
};

const csv = async (server: TestServer, path: string, cookie: string) => {
  const answer = await ask(server, path, { cookie });
  assert.equal(answer.status, 200, path);
  assert.equal(answer.headers.get("content-type"), "text/csv; charset=utf-8");
  assert.match(
    answer.headers.get("content-disposition") ?? "",
    /^attachment; filename="[\w-]+\.csv"$/,
  );
  // Reading it as text leaves out the mark of UTF-8.
  const bytes = new Uint8Array(await answer.arrayBuffer());
  assert.deepEqual([...bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf]);
  return rowsOf(new TextDecoder().decode(bytes));
};

Deno.test("every list becomes a file of all its pages, and no cell of it is a formula", async () => {
  await using server = await startServer();
  const evil = '=HYPERLINK("http://evil.test")';
  await stockOver(server, { ams: { mug: 1_000 } });
  await server.ask("/v1/items/mug", { method: "PUT", json: { name: evil } });
  const count = dashboardLimits.rowsPerExportPage + 5;
  for (let n = 0; n < count; n++) {
    const json = orderFor(`o-${n}`, { mug: 2 }, { customer: { name: evil } });
    assert.equal((await server.ask("/v1/orders", { json })).status, 201);
  }
  await server.ask("/v1/inventory/safety-stock", {
    method: "PUT",
    json: { locationId: "ams", levels: [{ sku: "mug", safetyStock: 999 }] },
  });
  const { cookie } = await signIn(server);
  const [heading = [], ...orders] = await csv(server, "/orders.csv", cookie);
  assert.equal(new Set(orders.map(([id]) => id)).size, count);
  assert.ok(orders.every((row) => row.length === heading.length));
  const first = Object.fromEntries(heading.map((name, n) => [name, orders[0]?.[n]]));
  assert.equal(first["externalId"], `o-${count - 1}`);
  assert.equal(first["customer"], `'${evil}`);
  assert.equal(first["total"], "20.00");
  assert.equal(first["locations"], "ams");
  const [, stock = []] = await csv(server, "/inventory.csv", cookie);
  const left = 1_000 - 2 * count - 999;
  assert.deepEqual(stock, ["ams", "mug", "1000", String(2 * count), "0", "999", "0", String(left)]);
  assert.ok(left < 0, "a number below zero is one, and no formula");
  const [, item = []] = await csv(server, "/items.csv", cookie);
  assert.deepEqual(item.slice(0, 2), ["mug", `'${evil}`]);
  assert.equal((await csv(server, "/locations.csv", cookie)).length, 2);
  assert.equal((await csv(server, "/keys.csv", cookie)).length, 2);
  assert.equal(
    (await csv(server, "/fulfillment-orders.csv?locationId=ams", cookie)).length,
    count + 1,
  );
});

Deno.test("a file has what its list shows to the key, by the list's filters, and no more", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 5 }, ber: { lamp: 5 } });
  await server.ask("/v1/orders", { json: orderFor("here", { mug: 1 }) });
  await server.ask("/v1/orders", { json: orderFor("there", { lamp: 1 }, { channel: "app" }) });
  const whole = await signIn(server);
  const ids = async (path: string, cookie: string) =>
    (await csv(server, path, cookie)).slice(1).map((row) => row[1]);
  assert.deepEqual(await ids("/orders.csv", whole.cookie), ["there", "here"]);
  assert.deepEqual(await ids("/orders.csv?channel=app", whole.cookie), ["there"]);
  assert.deepEqual(await ids("/orders.csv?status=held", whole.cookie), []);
  const ams = await signIn(server, await keyFor(server, "warehouse", { locationId: "ams" }));
  assert.deepEqual(await ids("/orders.csv", ams.cookie), ["here"]);
  assert.deepEqual(await ids("/inventory.csv", ams.cookie), ["mug"]);
  const refused = await ask(server, "/inventory.csv?locationId=ber", { cookie: ams.cookie });
  assert.equal(refused.status, 403);
  assert.match(await refused.text(), /role="alert"/);
  assert.equal((await ask(server, "/orders.csv")).status, 303);
});

Deno.test("days begin and end where the reader is, as their browser says", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 9 } });
  const times = {
    "before": "2025-10-25T21:59:59.999Z",
    "first": "2025-10-25T22:00:00Z",
    "last": "2025-10-26T22:59:59.999Z",
    "after": "2025-10-26T23:00:00Z",
  };
  for (const [externalId, placedAt] of Object.entries(times)) {
    await server.ask("/v1/orders", { json: orderFor(externalId, { mug: 1 }, { placedAt }) });
  }
  const { cookie } = await signIn(server);
  const shown = async (zone: string) => {
    const answer = await ask(server, "/orders?from=2025-10-26&to=2025-10-26", {
      cookie: `${cookie}; allot_zone=${encodeURIComponent(zone)}`,
    });
    const page = await answer.text();
    return Object.keys(times).filter((name) => page.includes(`>${name}<`));
  };
  // The day has 25 hours there.
  assert.deepEqual(await shown("Europe/Amsterdam"), ["first", "last"]);
  assert.deepEqual(await shown("UTC"), ["last", "after"]);
  assert.deepEqual(await shown("Mars/Olympus"), ["last", "after"], "no zone is UTC");
});

Deno.test("signing in again leads back to the page of the form that came too late", async () => {
  await using server = await startServer();
  const late = (path: string, headers: Readonly<Record<string, string>>) =>
    ask(server, path, { form: { reason: "x" }, headers });
  const nextOf = (answer: Response) =>
    new URL(answer.headers.get("location") ?? answer.headers.get("hx-redirect") ?? "", "http://a")
      .searchParams.get("next");
  const from = (address: string) => ({ referer: `http://allot.test${address}` });
  assert.equal(
    nextOf(await late("/orders/x/cancel", from("/orders/x?done=hold"))),
    "/orders/x?done=hold",
  );
  assert.equal(nextOf(await late("/orders/x/cancel", { referer: "http://evil.test/orders" })), "/");
  assert.equal(nextOf(await late("/orders/x/cancel", {})), "/");
  const live = await ask(server, "/inventory/a/b?part=levels", {
    headers: { "hx-request": "true", "hx-current-url": "http://allot.test/inventory/a/b" },
  });
  assert.equal(nextOf(live), "/inventory/a/b");
});
