/** Returns in a real Chromium: asked for on the order's page, taken in and inspected by scanner at a desk. */
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
  visitor,
  waitForLive,
  widths,
} from "./support.ts";

/** An order of which everything was shipped. */
const shipped = async (
  at: Stand,
  externalId: string,
  units: Readonly<Record<string, number>>,
): Promise<string> => {
  const { id, fulfillmentId } = await place(at, externalId, units);
  for (const step of ["accept", "pick"]) {
    await at.server.ask(`/v1/fulfillment-orders/${fulfillmentId}/${step}`, { json: {} });
  }
  const answer = await at.server.ask(`/v1/fulfillment-orders/${fulfillmentId}/ship`, {
    json: { carrier: "DHL" },
  });
  assert.equal(answer.status, 200, answer.text);
  return id;
};

/** A return of so many units of each line, that may come. */
const authorized = async (
  at: Stand,
  orderId: string,
  units: readonly number[],
): Promise<string> => {
  const { body } = await at.server.ask(`/v1/orders/${orderId}/returns`, {
    json: {
      lines: units.map((quantity, n) => ({ lineId: `${n + 1}`, quantity, reason: "unwanted" })),
    },
  });
  await at.server.ask(`/v1/returns/${body.id}/authorize`, { json: {} });
  return String(body.id);
};

const returnOf = async ({ server }: Stand, id: string) =>
  (await server.ask(`/v1/returns/${id}`)).body;

/** The engine has all that was counted. */
const sent = (page: Page) => page.locator("#station[data-unsent='0']").waitFor();

const ready = (page: Page) => page.locator("#station[data-ready]").waitFor();

browserTest("a return is asked for on its order's page, and found in the list", async (at) => {
  await stockOver(at.server, { ams: { mug: 20 } });
  const id = await shipped(at, "R-1", { mug: 3 });
  await using looking = await visitor(at);
  const { page, complaints } = looking;
  await signIn(page, adminKey);
  await page.goto(`/orders/${id}`);
  await waitForLive(page);
  await page.getByText("Return…").click();
  await page.getByLabel("Units of mug (line 1)").and(page.locator("#return-line-1")).fill("2");
  await page.locator("#return-reason").selectOption("damaged");
  await page.getByRole("button", { name: "Ask for the return" }).click();
  await page.getByRole("status").getByText("The return is asked for.").waitFor();
  await textOf(page, "#return-status", "Requested");
  await page.getByText("Authorize…").click();
  await page.getByRole("button", { name: "Authorize it" }).click();
  await textOf(page, "#return-status", "Authorized");
  await page.getByRole("link", { name: "Returns", exact: true }).first().click();
  await page.getByRole("row", { name: "R-1" }).getByText("Authorized").waitFor();
  await page.getByLabel("Scan or type a return's id, or the number of an order or a parcel").fill(
    "R-1",
  );
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Return of R-1" }).waitFor();
  const { lines } = (await at.server.ask("/v1/returns")).body.data[0];
  assert.deepEqual([lines[0].quantity, lines[0].reason], [2, "damaged"]);
  assert.deepEqual(complaints, []);
});

browserTest("what is refused says why, and stays in the form", async (at) => {
  await stockOver(at.server, { ams: { mug: 20 } });
  await at.server.ask("/v1/return-policies/default", {
    method: "PUT",
    json: { finalSale: ["mug"] },
  });
  const id = await shipped(at, "R-2", { mug: 1 });
  await using looking = await visitor(at);
  const { page } = looking;
  await signIn(page, adminKey);
  await page.goto(`/orders/${id}`);
  await waitForLive(page);
  await page.getByText("Return…").click();
  await page.locator("#return-line-1").fill("1");
  await page.locator("#return-note").fill("The handle is loose");
  await page.getByRole("button", { name: "Ask for the return" }).click();
  await page.getByRole("alert").getByText("its sale is final").waitFor();
  assert.equal(await page.locator("#return-note").inputValue(), "The handle is loose");
  await page.locator("#return-overrideReason").fill("The handle was broken");
  await page.getByRole("button", { name: "Ask for the return" }).click();
  await textOf(page, "#return-status", "Requested");
});

browserTest(
  "a return is received and inspected by scanner alone, and no scan presses anything, at 360 pixels",
  async (at) => {
    await stockOver(at.server, { ams: { mug: 20, lamp: 20 } });
    const orderId = await shipped(at, "R-3", { mug: 3, lamp: 2 });
    const id = await authorized(at, orderId, [2, 1]);
    await using looking = await visitor(at, { width: 360 });
    const { page, complaints } = looking;
    await page.addInitScript(senses);
    await signIn(page, adminKey);
    await page.goto(`/returns/${id}`);
    await ready(page);
    const scanner = await Scanner.at(page);
    await scanner.scan("mug");
    await scanner.scan("MUG");
    await textOf(page, "[data-picked=mug]", "2 / 2");
    await scanner.scan("mug");
    await page.getByRole("alert").getByText("All 2 of mug are received already").waitFor();
    await scanner.scan("pot");
    await page.getByRole("alert").getByText("pot is not in this return").waitFor();
    await sent(page);
    await textOf(page, "#return-status", "Partially received");
    assert.deepEqual(
      [...(await returnOf(at, id)).lines].map(({ received }) => received),
      [2, 0],
    );
    const { body } = await at.server.ask("/v1/inventory?sku=mug");
    assert.deepEqual([body.data[0].onHand, body.data[0].unavailable], [19, 2]);
    await page.locator("#actions button").first().focus();
    await scanner.scan("lamp");
    await sent(page);
    await textOf(page, "#return-status", "Received");
    await assertAccessible(page, "the desk that receives");

    await page.getByRole("link", { name: "Inspect by scanner" }).click();
    await ready(page);
    await scanner.scan("mug");
    await scanner.scan("scrap");
    await page.getByRole("status").getByText("Now: Scrap").waitFor();
    await scanner.scan("mug");
    await textOf(page, "[data-picked=mug]", "2 / 2");
    await sent(page);
    await assertAccessible(page, "the desk that inspects");
    await picture(page, "return-desk-360");
    const before = await returnOf(at, id);
    assert.deepEqual([...before.lines[0].inspected], [
      { disposition: "restock", quantity: 1 },
      { disposition: "scrap", quantity: 1 },
    ]);
    assert.equal(before.status, "received");
    await page.getByLabel("Quarantine", { exact: true }).check();
    await scanner.scan("lamp");
    await textOf(page, "#return-status", "Closed");
    assert.deepEqual([...(await returnOf(at, id)).lines[1].inspected], [
      { disposition: "quarantine", quantity: 1 },
    ]);
    const stock = await at.server.ask("/v1/inventory?sku=mug");
    assert.deepEqual([stock.body.data[0].onHand, stock.body.data[0].unavailable], [18, 0]);
    assert.deepEqual(complaints, []);
  },
);

browserTest("the list and a return are accessible at every width", async (at) => {
  await stockOver(at.server, { ams: { mug: 20 } });
  const orderId = await shipped(at, "R-4", { mug: 3 });
  const id = await authorized(at, orderId, [2]);
  for (const width of widths) {
    await using looking = await visitor(at, { width });
    const { page } = looking;
    await signIn(page, adminKey);
    for (const [name, path] of [["returns", "/returns"], ["return", `/returns/${id}`]] as const) {
      await page.goto(path);
      await waitForLive(page);
      await assertAccessible(page, `${name} at ${width}`);
      await picture(page, `${name}-${width}`);
    }
  }
});
