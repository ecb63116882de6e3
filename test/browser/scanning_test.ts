/** Picking in a real Chromium: by scanner, which is a keyboard that types quickly, and by a person at one. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { adminKey, stockOver } from "../support/server.ts";
import { Scanner, senses } from "./scanner.ts";
import {
  assertAccessible,
  browserTest,
  picture,
  place,
  signIn,
  type Stand,
  textOf,
  type Visitor,
  visitor,
} from "./support.ts";

interface Worker extends Visitor {
  readonly scanner: Scanner;
  readonly path: string;
  readonly id: string;
}

/** A worker at a phone, before a fulfillment order that is accepted. */
const worker = async (
  at: Stand,
  units: Readonly<Record<string, number>>,
  accepted = true,
): Promise<Worker> => {
  const { id, fulfillmentId } = await place(at, "S-1", units);
  const path = `/fulfillment-orders/${fulfillmentId}`;
  if (accepted) await at.server.ask(`/v1${path}/accept`, { json: {} });
  const one = await visitor(at, { width: 360 });
  await one.page.addInitScript(senses);
  await signIn(one.page, adminKey);
  await one.page.goto(path);
  await one.page.locator("#station[data-ready]").waitFor();
  return { ...one, scanner: await Scanner.at(one.page), path, id };
};

const pickedIs = (page: Page, sku: string, picked: number, all: number) =>
  textOf(page, `[data-picked="${sku}"]`, `${picked} / ${all}`);

/** The engine has all that was counted. */
const sent = (page: Page) => page.locator("#station[data-unsent='0']").waitFor();

const fulfillmentOf = async ({ server }: Stand, { path }: Worker) =>
  (await server.ask(`/v1${path}`)).body;

const eventsOf = async ({ server }: Stand, { id }: Worker) => {
  const { body } = await server.ask(`/v1/orders/${id}/events?limit=200`);
  return new Set([...body.data].map(({ type }) => String(type)));
};

browserTest(
  "a hundred scans 50 ms apart are a hundred picks and nothing else, at 360 pixels",
  async (at) => {
    await stockOver(at.server, { ams: { mug: 100, lamp: 100 } });
    const one = await worker(at, { mug: 60, lamp: 60 });
    await using _ = one;
    const { page, scanner } = one;
    const startMs = Date.now();
    for (let n = 0; n < 100; n++) {
      const dueMs = startMs + 50 * n;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - Date.now())));
      await scanner.scan(n % 2 === 0 ? "mug" : "lamp", dueMs, 5);
    }
    await pickedIs(page, "mug", 50, 60);
    await pickedIs(page, "lamp", 50, 60);
    await sent(page);
    const { lines, status } = await fulfillmentOf(at, one);
    assert.deepEqual([...lines].map(({ picked }) => picked), [50, 50]);
    assert.equal(status, "partially_picked");
    assert.deepEqual(
      [...await eventsOf(at, one)].sort(),
      ["fulfillment_order.accepted", "fulfillment_order.picked", "order.allocated", "order.placed"],
    );
    assert.equal(await page.evaluate("heard.filter((tone) => tone === 'high').length"), 100);
    assert.deepEqual(one.complaints, []);
  },
);

browserTest("scans after the last pick press nothing, wherever the focus is", async (at) => {
  await stockOver(at.server, { ams: { mug: 9 } });
  const one = await worker(at, { mug: 2 });
  await using _ = one;
  const { page, scanner } = one;
  await scanner.scan("mug");
  await scanner.scan("mug");
  await pickedIs(page, "mug", 2, 2);
  await textOf(page, "#work-status", "Picked");
  const places = [
    "#scan",
    "#actions button",
    "#act-reject summary",
    "#ship-carrier",
    "#ship-trackingNumber",
    "a.back",
  ];
  for (const place of places) {
    await page.locator(place).first().focus();
    for (const code of ["mug", "MUG", "a mug"]) {
      await scanner.scan(code);
      await page.locator("#station[data-last=wrong]").waitFor();
    }
  }
  // With the focus nowhere, too.
  await page.evaluate("document.activeElement.blur()");
  await scanner.scan("mug");
  await page.getByRole("alert").getByText("All 2 of mug are picked already").waitFor();
  assert.equal((await fulfillmentOf(at, one)).status, "picked");
  for (const field of ["#ship-carrier", "#ship-trackingNumber", "#scan"]) {
    assert.equal(await page.locator(field).inputValue(), "", field);
  }
  assert.equal(await page.locator("#act-reject").getAttribute("open"), null);
  await page.getByRole("button", { name: "Packed" }).click();
  await textOf(page, "#work-status", "Packed");
  for (let n = 0; n < 3; n++) await scanner.scan("mug");
  await page.locator("#station[data-last=wrong]").waitFor();
  const after = await fulfillmentOf(at, one);
  assert.deepEqual([after.status, [...after.shipments].length], ["packed", 0]);
});

browserTest(
  "a person types into forms what a scanner cannot, and goes on by keyboard",
  async (at) => {
    await stockOver(at.server, { ams: { mug: 9 } });
    const one = await worker(at, { mug: 1 }, false);
    await using _ = one;
    const { page, scanner } = one;
    /** As fast as a quick typist. */
    const type = (text: string) => page.keyboard.type(text, { delay: 130 });
    const tabTo = async (name: string) => {
      for (let n = 0; n < 40; n++) {
        await page.keyboard.press("Tab");
        const focused = await page.evaluate("document.activeElement.textContent");
        if (String(focused).trim() === name) return;
      }
      assert.fail(`Tab does not lead to ${name}`);
    };
    await scanner.scan("mug");
    await page.getByRole("alert").getByText("Accept it before you pick").waitFor();
    await tabTo("Accept");
    await page.keyboard.press("Enter");
    await textOf(page, "#work-status", "Accepted");
    await page.locator("#station[data-ready]").waitFor();
    await type("Mug");
    await page.keyboard.press("Enter");
    await textOf(page, "#work-status", "Picked");
    await tabTo("Packed");
    await page.keyboard.press("Space");
    await textOf(page, "#work-status", "Packed");
    await page.locator("#ship-carrier").focus();
    await type("Parcel mug");
    // In the middle of it something is scanned: what was typed stays.
    await page.waitForTimeout(200);
    await scanner.scan("mug");
    await page.locator("#station[data-last=wrong]").waitFor();
    assert.equal(await page.locator("#ship-carrier").inputValue(), "Parcel mug");
    await page.keyboard.press("Tab");
    await type("JD1, JD2");
    await page.waitForTimeout(200);
    await page.keyboard.press("Enter");
    await textOf(page, "#work-status", "Shipped");
    const { shipments } = await fulfillmentOf(at, one);
    assert.deepEqual(
      [shipments[0].carrier, [...shipments[0].trackingNumbers]],
      ["Parcel mug", ["JD1", "JD2"]],
    );
  },
);

browserTest("right and wrong are told by color, sound and vibration", async (at) => {
  await stockOver(at.server, { ams: { mug: 9, "Lamp-XL": 9 } });
  await at.server.ask("/v1/items/mug", { method: "PUT", json: { name: "Mug, blue" } });
  const one = await worker(at, { mug: 1, "Lamp-XL": 1 });
  await using _ = one;
  const { page, scanner } = one;
  await textOf(page, "[data-next=what]", "1 × Mug, blue");
  await picture(page, "station-360");
  await scanner.scan("MUG");
  await page.locator("#scan-said.good").getByText("Mug, blue: 1 of 1").waitFor();
  await textOf(page, "[data-next=what]", "1 × Lamp-XL");
  await scanner.scan("chair");
  const wrong = page.locator("#scan-said.bad[role=alert]");
  await wrong.getByText("chair is not in this order").waitFor();
  await assertAccessible(page, "the station with a wrong scan");
  await picture(page, "station-wrong-360");
  await scanner.scan("lamp-xl");
  await pickedIs(page, "Lamp-XL", 1, 1);
  assert.deepEqual(await page.evaluate("heard"), ["high", "low", "high"]);
  assert.deepEqual(await page.evaluate("felt"), [40, [150, 80, 150], 40]);
  const colors = await page.evaluate(`[...document.querySelectorAll("[data-row]")]
    .map((row) => getComputedStyle(row).color)`);
  assert.equal(new Set(colors as string[]).size, 1, "all are done, and green");
  await sent(page);
});

browserTest("a label's number is a tracking number only when somebody says so", async (at) => {
  await stockOver(at.server, { ams: { mug: 9 } });
  const one = await worker(at, { mug: 1 });
  await using _ = one;
  const { page, scanner } = one;
  await scanner.scan("mug");
  await textOf(page, "#work-status", "Picked");
  for (const label of ["jda", "jdb"]) {
    await page.locator("#ship-trackingNumber").focus();
    await scanner.scan(label);
    await page.getByRole("alert").getByText(`${label} is not in this order`).waitFor();
    await page.getByRole("button", { name: "Use it as a tracking number" }).click();
  }
  assert.equal(await page.locator("#ship-trackingNumber").inputValue(), "jda, jdb");
  await page.locator("#ship-carrier").fill("DHL");
  await page.getByRole("button", { name: "Ship", exact: true }).click();
  await textOf(page, "#work-status", "Shipped");
  const { shipments } = await fulfillmentOf(at, one);
  assert.deepEqual([...shipments[0].trackingNumbers], ["jda", "jdb"]);
});

browserTest("a held order says so when it is scanned, and counts nothing", async (at) => {
  await stockOver(at.server, { ams: { mug: 9 } });
  const one = await worker(at, { mug: 3 });
  await using _ = one;
  const { page, scanner } = one;
  await scanner.scan("mug");
  await sent(page);
  await at.server.ask(`/v1/orders/${one.id}/hold`, { json: { reason: "odd", code: "fraud" } });
  await scanner.scan("mug");
  await page.locator("#scan-said.bad").getByText("held for fraud").waitFor();
  await page.getByText("Held: Fraud").waitFor();
  await sent(page);
  await scanner.scan("mug");
  await pickedIs(page, "mug", 1, 3);
  assert.equal((await fulfillmentOf(at, one)).lines[0].picked, 1);
  assert.equal(await page.getByRole("link", { name: "Packing slip" }).count(), 0);

  await page.goto("/fulfillment/ams");
  await page.getByRole("row", { name: "S-1" }).getByText("Held: Fraud").waitFor();
  await page.getByRole("link", { name: "S-1" }).focus();
  await scanner.scan("S-2");
  await page.getByRole("alert").getByText("Nothing here is called").waitFor();
  for (const code of ["s-1", one.path.split("/").at(-1)?.toUpperCase() ?? ""]) {
    await page.goto("/fulfillment/ams");
    await scanner.scan(code);
    await page.getByText("The order is held for fraud").first().waitFor();
  }
});

browserTest(
  "scans are kept while the engine does not answer, and counted once when it does",
  async (at) => {
    await stockOver(at.server, { ams: { mug: 9 } });
    const one = await worker(at, { mug: 6 });
    await using _ = one;
    const { page, scanner, path } = one;
    // The first batch is taken and its answer lost, the next does not come through.
    let asked = 0;
    await page.route("**/scans", async (route) => {
      if (asked++ === 0) await route.fetch();
      await route.abort();
    });
    for (let n = 0; n < 3; n++) await scanner.scan("mug");
    await page.getByText("not sent yet: 3").waitFor();
    await pickedIs(page, "mug", 3, 6);
    await page.reload();
    await page.locator("#station[data-ready]").waitFor();
    await scanner.scan("mug");
    await page.unroute("**/scans");
    await sent(page);
    await pickedIs(page, "mug", 4, 6);
    const { lines } = await fulfillmentOf(at, one);
    assert.equal(lines[0].picked, 4, path);
  },
);

browserTest(
  "what two workers pick of one line is counted once, and the second is told",
  async (at) => {
    await stockOver(at.server, { ams: { mug: 9 } });
    const one = await worker(at, { mug: 3 });
    await using _ = one;
    const { page, scanner, path } = one;
    let release = () => {};
    const held = new Promise<void>((resolve) => release = resolve);
    await page.route("**/scans", async (route) => {
      await held;
      await route.continue();
    });
    for (let n = 0; n < 3; n++) await scanner.scan("mug");
    await at.server.ask(`/v1${path}/pick`, { json: { lines: [{ lineId: "1", quantity: 2 }] } });
    release();
    await page.locator("#scan-said.bad").getByText("2 of the last scans not counted").waitFor();
    await sent(page);
    await pickedIs(page, "mug", 3, 3);
    assert.equal((await fulfillmentOf(at, one)).lines[0].picked, 3);
  },
);

browserTest("on every page a scan presses no button", async (at) => {
  await stockOver(at.server, { ams: { mug: 9 } });
  const { id } = await place(at, "G-1", { mug: 1 });
  await using one = await visitor(at);
  const { page } = one;
  const scanner = await Scanner.at(page);
  await signIn(page, adminKey);
  await page.goto(`/orders/${id}`);
  await page.getByText("Cancel…", { exact: true }).click();
  await page.locator("#cancel-reason").fill("Changed their mind");
  await page.getByRole("button", { name: "Cancel the whole order" }).focus();
  for (const code of ["mug", "m u g", "mug mug"]) await scanner.scan(code);
  await page.getByRole("button", { name: "Sign out" }).focus();
  await scanner.scan("mug");
  await page.getByRole("link", { name: "Inventory" }).focus();
  await scanner.scan("mug");
  assert.equal(new URL(page.url()).pathname, `/orders/${id}`);
  assert.equal((await at.server.ask(`/v1/orders/${id}`)).body.status, "allocated");
  // Into a field of a form a scan goes as it does everywhere.
  await page.goto("/orders");
  await page.getByLabel("Search for").focus();
  await scanner.scan("mug");
  await page.getByRole("link", { name: "G-1" }).waitFor();
});
