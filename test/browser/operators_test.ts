/** What operations managers meet in the dashboard, in a real Chromium: forms, names, files, days. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { adminKey, keyFor, orderFor, stockOver } from "../support/server.ts";
import {
  assertAccessible,
  browserTest,
  picture,
  place,
  signIn,
  textOf,
  visitor,
  waitForLive,
} from "./support.ts";

interface Look {
  readonly color: string;
  readonly weight: number;
  readonly size: number;
}

/** The looks of some texts as they are drawn. */
const looksOf = async (page: Page, selector: string): Promise<readonly Look[]> =>
  await page.evaluate(
    `[...document.querySelectorAll(${JSON.stringify(selector)})].map((element) => {
    const { color, fontWeight, fontSize } = getComputedStyle(element);
    return { color, weight: Number(fontWeight), size: Number.parseFloat(fontSize) };
  })`,
  );

browserTest("the nought that somebody has to act on is the loudest of its row", async (at) => {
  await stockOver(at.server, { ams: { mug: 3, pot: 9 } });
  const { id } = await place(at, "N-1", { mug: 3 });
  await at.server.ask("/v1/orders", {
    json: orderFor("N-2", { mug: 2 }, { onShortage: "backorder" }),
  });
  await using one = await visitor(at);
  const { page } = one;
  await signIn(page, adminKey);
  await page.goto("/inventory?sku=mug");
  const row = "tr:has(a[href='/inventory/ams/mug'])";
  const [nought] = await looksOf(page, `${row} [data-units=available] span`);
  const others = await looksOf(page, `${row} td:not([data-units=available]) :is(span, a)`);
  assert.ok(nought !== undefined && others.length > 3);
  for (const other of others) {
    assert.ok(nought.weight > other.weight, JSON.stringify({ nought, other }));
    assert.ok(nought.size > other.size, JSON.stringify({ nought, other }));
    assert.notEqual(nought.color, other.color);
  }
  // A nought that is none of anybody's business stays quiet.
  await page.goto(`/orders/${id}`);
  const [quiet] = await looksOf(page, "[data-quantity=cancelled] span");
  const [told] = await looksOf(page, "[data-quantity=quantity] span");
  assert.ok(quiet !== undefined && told !== undefined && quiet.color !== told.color);
  await page.goto("/orders?status=backordered");
  await page.getByRole("link", { name: "N-2" }).click();
  const [waiting] = await looksOf(page, "[data-quantity=backordered] span");
  assert.deepEqual(waiting?.color, nought.color);
});

/** Opens the form of a stock row's count, and fills it in. */
const typeCount = async (page: Page, onHand: string) => {
  await page.getByText("Count…").click();
  await page.getByLabel("Units on hand as counted").fill(onHand);
  await page.locator("#count-reason").fill("cycle count");
};

const expectTyped = async (page: Page, onHand: string) => {
  await page.locator("#count-reason").waitFor();
  assert.equal(await page.getByLabel("Units on hand as counted").inputValue(), onHand);
  assert.equal(await page.locator("#count-reason").inputValue(), "cycle count");
};

browserTest(
  "a count below what is promised says so, and is still there to be mended",
  async (at) => {
    await stockOver(at.server, { ams: { mug: 6 } });
    await place(at, "P-1", { mug: 5 });
    await using one = await visitor(at);
    const { page } = one;
    await signIn(page, adminKey);
    await page.goto("/inventory/ams/mug");
    await typeCount(page, "3");
    await page.keyboard.press("Enter");
    const way = "5 are promised to orders; 2 must be rejected or cancelled first";
    await page.getByRole("alert").getByText(way).waitFor();
    await expectTyped(page, "3");
    assert.equal(
      new URL(page.url()).pathname,
      "/inventory/ams/mug",
      "a reload sends nothing again",
    );
    await assertAccessible(page, "a refused count");
    await picture(page, "refused-count");
    await page.getByLabel("Units on hand as counted").fill("5");
    await page.keyboard.press("Enter");
    await page.getByText("The count is taken over.").waitFor();
    await textOf(page, "[data-units=onHand]", "5");
    await page.getByText("Count…").click();
    assert.equal(await page.locator("#count-reason").inputValue(), "", "what is done is done with");
  },
);

browserTest("what is typed while no engine answers is sent when one does, once", async (at) => {
  await stockOver(at.server, { ams: { mug: 6 } });
  await using one = await visitor(at);
  const { page } = one;
  await signIn(page, adminKey);
  await page.goto("/inventory/ams/mug");
  await page.getByText("Adjust…").click();
  await page.getByLabel("Units more, or less with a minus").fill("4");
  await page.locator("#adjust-reason").fill("found");
  at.goDown();
  for (let press = 0; press < 2; press++) {
    await page.getByRole("button", { name: "Adjust" }).click();
    await page.getByRole("alert").getByText("Allot does not answer").waitFor();
    assert.equal(await page.locator("#adjust-reason").inputValue(), "found");
  }
  at.restore();
  await page.getByRole("button", { name: "Adjust" }).click();
  await page.getByText("The stock is adjusted.").waitFor();
  await textOf(page, "[data-units=onHand]", "10");
});

/** Ends every session of this browser as it would end by itself. */
const endSession = (page: Page) => page.context().clearCookies({ name: "allot_session" });

const signInAgain = async (page: Page, key: string) => {
  await page.getByLabel("API key").fill(key);
  await page.keyboard.press("Enter");
};

browserTest("what was typed when the session ended is there after signing in again", async (at) => {
  await stockOver(at.server, { ams: { mug: 6 } });
  const support = await keyFor(at.server, "operations");
  await using one = await visitor(at);
  const { page } = one;
  await signIn(page, support);
  // The form is sent.
  await page.goto("/inventory/ams/mug");
  await waitForLive(page);
  await typeCount(page, "4");
  await endSession(page);
  await page.keyboard.press("Enter");
  await signInAgain(page, support);
  await page.getByText("What you had typed is still here. It was not sent.").waitFor();
  await expectTyped(page, "4");
  assert.equal((await at.server.ask("/v1/inventory?sku=mug")).body.data?.[0]?.onHand, 6);
  // The page finds out by itself, and a wrong key is no way in.
  await endSession(page);
  at.breakStreams();
  at.restore();
  await signInAgain(page, "not a key");
  await page.getByRole("alert").waitFor();
  await signInAgain(page, support);
  await expectTyped(page, "4");
  await page.keyboard.press("Enter");
  await page.getByText("The count is taken over.").waitFor();
  // Somebody else at the same machine sees nothing of it.
  await typeCount(page, "1");
  await endSession(page);
  await page.keyboard.press("Enter");
  await signInAgain(page, adminKey);
  await page.getByRole("heading", { level: 1, name: "mug at ams" }).waitFor();
  assert.equal(await page.getByText("What you had typed").count(), 0);
  assert.equal(await page.locator("#count-reason").inputValue(), "");
  assert.equal(await page.evaluate("sessionStorage.length"), 0);
});

browserTest("no key that somebody types or is shown is kept in the browser", async (at) => {
  await using one = await visitor(at);
  const { page } = one;
  const kept = () =>
    page.evaluate("JSON.stringify([{ ...sessionStorage }, { ...localStorage }, document.cookie])");
  await page.goto("/sign-in");
  await page.getByLabel("API key").fill("a wrong key that nobody has");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").waitFor();
  assert.equal(await page.getByLabel("API key").inputValue(), "");
  assert.doesNotMatch(String(await kept()), /wrong key/);
  await signIn(page, adminKey);
  await page.goto("/keys");
  await page.getByText("New key…").click();
  await page.getByLabel("Name").fill("Night shift");
  await page.getByLabel("Role").selectOption("warehouse");
  await page.getByRole("button", { name: "Make the key" }).click();
  const secret = await page.locator("#new-key").textContent() ?? "";
  assert.match(secret, /^allot_/);
  await picture(page, "new-key");
  await assertAccessible(page, "a new key");
  await page.reload();
  await page.getByRole("link", { name: "Night shift" }).waitFor();
  assert.equal(await page.getByText(secret).count(), 0, "it is shown once");
  assert.ok(!String(await kept()).includes(secret));
  assert.equal((await at.server.ask("/v1/orders", { key: secret })).status, 200);
});

browserTest("locations, items and keys are made, changed and revoked in the page", async (at) => {
  await using one = await visitor(at);
  const { page, complaints } = one;
  await signIn(page, adminKey);
  await page.goto("/locations");
  await page.getByText("New location…").click();
  await page.getByLabel("Id").fill("ams");
  await page.getByLabel("Name").fill("Amsterdam");
  await page.getByLabel("Country").fill("XX");
  await page.getByLabel("City").fill("Amsterdam");
  await page.getByRole("button", { name: "Make the location" }).click();
  await page.getByRole("alert").getByText("ISO 3166-1").waitFor();
  complaints.length = 0;
  assert.equal(await page.getByLabel("City").inputValue(), "Amsterdam");
  await page.getByLabel("Country").fill("NL");
  await page.getByRole("button", { name: "Make the location" }).click();
  await page.getByText("The location is made.").waitFor();
  await page.getByRole("link", { name: "Amsterdam" }).click();
  await page.getByLabel("Gets new orders").selectOption("false");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("The location is saved.").waitFor();
  const place = await at.server.ask("/v1/locations/ams");
  assert.equal(place.body.active, false);
  assert.equal(place.body.address?.city, "Amsterdam");

  await page.goto("/items");
  await page.getByText("New item…").click();
  await page.locator("#new-sku").fill("mug/blue");
  await page.getByLabel("Name").fill("Blue mug");
  await page.getByRole("button", { name: "Make the item" }).click();
  await page.getByText("The item is made.").waitFor();
  await page.getByLabel("Find a SKU").fill("mug/blue");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Blue mug" }).waitFor();
  await page.getByLabel("Weight in grams").fill("350");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("The item is saved.").waitFor();
  const item = await at.server.ask("/v1/items/mug%2Fblue");
  assert.equal(item.body.weightGrams, 350);

  const key = await keyFor(at.server, "viewer");
  await page.goto("/keys");
  await page.getByRole("link", { name: "viewer" }).click();
  await page.getByLabel("Role").selectOption("support");
  await page.getByLabel("Only for the channel").fill("web");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("The key is changed.").waitFor();
  assert.equal((await at.server.ask("/v1/orders?channel=app", { key })).status, 403);
  await page.getByText("Revoke…").click();
  await page.getByRole("button", { name: /^Revoke viewer/ }).click();
  await page.getByText("The key is revoked.").waitFor();
  assert.equal((await at.server.ask("/v1/orders", { key })).status, 401);
  assert.deepEqual(complaints, []);
});

browserTest("two people change one location: the second sees what the first did", async (at) => {
  await stockOver(at.server, { ams: {} });
  await using one = await visitor(at);
  const { page } = one;
  await signIn(page, adminKey);
  await page.goto("/locations/ams");
  await page.getByLabel("City").fill("Utrecht");
  const saved = await at.server.ask("/v1/locations/ams", {
    method: "PUT",
    json: { name: "Amsterdam", type: "store", address: { country: "NL" } },
  });
  assert.equal(saved.status, 200);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("alert").getByText("changed in the meantime").waitFor();
  assert.equal(await page.getByLabel("City").inputValue(), "Utrecht");
  await page.getByRole("heading", { level: 1, name: "Amsterdam" }).waitFor();
});

browserTest("an order shows whom it is for, and its goods and places by name", async (at) => {
  await stockOver(at.server, { ams: { mug: 20 } });
  await at.server.ask("/v1/locations/ams", {
    method: "PUT",
    json: { name: "Amsterdam", type: "warehouse", address: { country: "NL" } },
  });
  await at.server.ask("/v1/items/mug", { method: "PUT", json: { name: "Blue mug" } });
  const unitPrice = { amount: "12.50", currency: "USD" };
  const { id } = await place(at, "W-1", {}, {
    customer: { name: "Ada Example", email: "ada@example.com", phone: "+31 20 000 0000" },
    note: "Ring twice.\nThen wait.",
    lines: [{
      ...{ sku: "mug", quantity: 3, unitPrice },
      discount: { amount: "1.00", currency: "USD" },
      tax: { amount: "2.25", currency: "USD" },
    }],
  });
  await using one = await visitor(at);
  const { page, complaints } = one;
  await signIn(page, adminKey);
  await page.goto(`/orders/${id}`);
  await page.getByRole("link", { name: "ada@example.com" }).waitFor();
  for (const text of ["+31 20 000 0000", "Ring twice.", "Then wait."]) {
    await page.getByText(text).first().waitFor();
  }
  const lines = page.getByRole("region", { name: "Lines" }).last();
  await lines.getByText("Blue mug").waitFor();
  assert.equal(await page.locator("[data-line-total]").textContent(), "US$38.75");
  await page.getByRole("region", { name: "Fulfillment orders" }).last().getByText("Amsterdam")
    .waitFor();
  await picture(page, "order-whole");
  await page.goto("/inventory");
  await page.getByRole("cell", { name: "Amsterdam" }).waitFor();
  await page.getByText("Blue mug").waitFor();
  assert.deepEqual(complaints, []);
});

browserTest(
  "days are those of whoever looks, and a list becomes a file as it is seen",
  async (at) => {
    await stockOver(at.server, { ams: { mug: 20 } });
    // New York puts its clocks forward on 9 March 2025, so that the day has 23 hours: 05:00 to 04:00 UTC.
    const times = {
      "before": "2025-03-09T04:59:59Z",
      "first": "2025-03-09T05:00:00Z",
      "last": "2025-03-10T03:59:59Z",
      "after": "2025-03-10T04:00:00Z",
    };
    for (const [externalId, placedAt] of Object.entries(times)) {
      await place(at, externalId, { mug: 1 }, { placedAt });
    }
    await using one = await visitor(at, { timezoneId: "America/New_York" });
    const { page, complaints } = one;
    const day = "/orders?from=2025-03-09&to=2025-03-09";
    // The very first page is looked at before anybody has said where they are.
    await page.goto(day);
    await page.getByLabel("API key").fill(adminKey);
    await page.keyboard.press("Enter");
    await page.getByLabel("Placed from (America/New_York)").waitFor();
    const found = async () => (await page.locator("#found tbody a").allTextContents()).toSorted();
    await page.getByRole("link", { name: "first", exact: true }).waitFor();
    assert.deepEqual(await found(), ["first", "last"]);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Export CSV" }).click(),
    ]);
    assert.equal(download.suggestedFilename(), "orders.csv");
    const rows = (await Deno.readTextFile(await download.path())).trim().split("\r\n");
    assert.deepEqual(rows.slice(1).map((row) => row.split(",")[1]).toSorted(), ["first", "last"]);
    assert.deepEqual(complaints, []);
  },
);
