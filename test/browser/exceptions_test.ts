/** Delivery exceptions in a real Chromium: the list, its actions, and what carriers reported wrongly. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { adminKey, keyFor, stockOver } from "../support/server.ts";
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

const hourMs = 3_600_000;

/** A shipment of an order of its own, with what the carrier says of it. */
const shipped = async (at: Stand, externalId: string, carrier: string, description?: string) => {
  const { id, fulfillmentId } = await place(at, externalId, { mug: 1 });
  const ask = async (path: string, json: unknown) => {
    const answer = await at.server.ask(path, { json });
    assert.equal(answer.status, 200, answer.text);
    return answer.body;
  };
  for (const step of ["accept", "pick", "pack"]) {
    await ask(`/v1/fulfillment-orders/${fulfillmentId}/${step}`, {});
  }
  const { shipments } = await ask(`/v1/fulfillment-orders/${fulfillmentId}/ship`, { carrier });
  const shipmentId = String(shipments[0].id);
  await ask(`/v1/shipments/${shipmentId}/tracking`, {
    ...{ status: "exception", occurredAt: new Date(Date.now() - 2 * hourMs).toISOString() },
    ...(description === undefined ? {} : { description }),
  });
  return { id, shipmentId };
};

const shipmentOf = async ({ server }: Stand, id: string) =>
  (await server.ask(`/v1/shipments/${id}`)).body;

const rowOf = (page: Page, name: string) => page.getByRole("row", { name });

browserTest(
  "exceptions are listed with reason, carrier and age, and worked off in the list",
  async (at) => {
    await stockOver(at.server, { ams: { mug: 20 } });
    const one = await shipped(at, "E-1", "DHL", "Address unknown");
    const two = await shipped(at, "E-2", "UPS");
    const three = await shipped(at, "E-3", "DHL");
    await using looking = await visitor(at);
    const { page, complaints } = looking;
    await signIn(page, adminKey);
    await page.getByRole("link", { name: "Delivery exceptions" }).click();
    await page.getByRole("heading", { level: 1, name: "Delivery exceptions" }).waitFor();
    const row = rowOf(page, "E-1");
    for (const text of ["Address unknown", "DHL", "2 hours ago"]) {
      await row.getByText(text, { exact: true }).locator("visible=true").first().waitFor();
    }

    await row.getByText("Note…").click();
    await row.getByLabel("Note").fill("Asked the customer");
    await row.getByRole("button", { name: "Write it down" }).click();
    await page.getByRole("status").getByText("The note is written down.").waitFor();
    await row.getByText("Asked the customer").waitFor();

    await rowOf(page, "E-2").getByText("Reship…").click();
    await rowOf(page, "E-2").getByLabel("Reason").fill("Lost by the carrier");
    await rowOf(page, "E-2").getByRole("button", { name: "Send its units once more" }).click();
    await page.getByText("Given up: its units are fulfilled once more.").waitFor();
    await rowOf(page, "E-2").waitFor({ state: "detached" });
    assert.equal((await shipmentOf(at, two.shipmentId)).status, "replaced");
    assert.equal((await at.server.ask(`/v1/orders/${two.id}`)).body.status, "allocated");

    await rowOf(page, "E-3").getByText("Report…").click();
    await rowOf(page, "E-3").getByLabel("Status").selectOption("in_transit");
    await rowOf(page, "E-3").getByRole("button", { name: "Report", exact: true }).click();
    await rowOf(page, "E-3").waitFor({ state: "detached" });
    assert.equal((await shipmentOf(at, three.shipmentId)).status, "in_transit");

    await row.getByRole("button", { name: "Delivered" }).click();
    await page.getByText("All shipments are on their way as planned.").waitFor();
    assert.equal((await at.server.ask(`/v1/orders/${one.id}`)).body.status, "delivered");
    assert.deepEqual(complaints, []);
  },
);

browserTest(
  "a wrong report is corrected in the reader's own time, and parcels get their numbers",
  async (at) => {
    await stockOver(at.server, { ams: { mug: 20 } });
    const { id, shipmentId } = await shipped(at, "E-1", "DHL", "Address unknown");
    await using looking = await visitor(at, { timezoneId: "America/New_York" });
    const { page, complaints } = looking;
    await signIn(page, adminKey);
    await page.goto(`/orders/${id}`);
    await page.getByRole("link", { name: shipmentId }).first().click();
    await textOf(page, "#shipment-status", "Exception");
    await waitForLive(page);

    await page.getByText("Tracking numbers…").click();
    await page.getByLabel("All of them, with commas").fill("A1, B2");
    await page.getByRole("button", { name: "Save the numbers" }).click();
    await page.getByText("B2", { exact: true }).waitFor();
    assert.deepEqual([...(await shipmentOf(at, shipmentId)).trackingNumbers], ["A1", "B2"]);

    const { tracking: [before] } = await shipmentOf(at, shipmentId);
    await page.getByText("Correct…").click();
    await page.locator("#correct-0-status").selectOption("delivered");
    await page.locator("#correct-0-reason").fill("Of another parcel");
    await page.getByRole("button", { name: "Correct the report" }).click();
    await textOf(page, "#shipment-status", "Delivered");
    const { tracking: [same] } = await shipmentOf(at, shipmentId);
    assert.equal(same?.occurredAt, before?.occurredAt, "a time that was left alone is the same");

    await page.getByText("Correct…").click();
    await page.locator("#correct-0-when").fill("2026-03-01T10:30");
    await page.locator("#correct-0-reason").fill("The day was wrong");
    await page.getByRole("button", { name: "Correct the report" }).click();
    // The page says "corrected" since the first time already.
    await page.locator('time[datetime="2026-03-01T15:30:00.000Z"]').first().waitFor();
    const { tracking: [moved] } = await shipmentOf(at, shipmentId);
    assert.equal(moved?.occurredAt, "2026-03-01T15:30:00.000Z");

    await page.getByText("Withdraw…").click();
    await page.locator("#withdraw-0-reason").fill("Not ours at all");
    await page.getByRole("button", { name: "Take it back" }).click();
    await textOf(page, "#shipment-status", "Shipped");
    assert.equal((await at.server.ask(`/v1/orders/${id}`)).body.status, "shipped");

    await page.getByText("Report…").click();
    await page.locator(`#report-${shipmentId}-when`).fill("2099-01-01T00:00");
    await page.getByRole("button", { name: "Report", exact: true }).click();
    await page.getByRole("alert").getByText("more than a day ahead").first().waitFor();
    assert.deepEqual(
      complaints.filter((text) => !text.includes("422")),
      [],
    );
  },
);

browserTest("a role sees exceptions, and is offered what its key may do about them", async (at) => {
  await stockOver(at.server, { ams: { mug: 20 } });
  await shipped(at, "E-1", "DHL");
  const offered = {
    viewer: [],
    support: ["Note…"],
    warehouse: ["Delivered", "Report…", "Note…"],
    operations: ["Delivered", "Report…", "Reship…", "Note…"],
  };
  for (const [role, actions] of Object.entries(offered)) {
    await using looking = await visitor(at);
    await signIn(looking.page, await keyFor(at.server, role));
    await looking.page.goto("/exceptions");
    const row = rowOf(looking.page, "E-1");
    await row.waitFor();
    const shown = await row.locator(".actions > details > summary, .actions > form > button")
      .allTextContents();
    assert.deepEqual(shown, actions, role);
  }
});

for (const width of widths) {
  browserTest(`exceptions and shipments are accessible, and fit ${width} pixels`, async (at) => {
    await stockOver(at.server, { ams: { mug: 20 } });
    const { shipmentId } = await shipped(at, "E-1", "DHL", "Address unknown");
    await at.server.ask(`/v1/shipments/${shipmentId}/note`, { json: { text: "Asked" } });
    for (const dark of [false, true]) {
      await using one = await visitor(at, { width, dark });
      const { page } = one;
      await signIn(page, adminKey);
      for (
        const [name, path] of [["exceptions", "/exceptions"], [
          "shipment",
          `/shipments/${shipmentId}`,
        ]]
      ) {
        await page.goto(path ?? "");
        await picture(page, `${name}-${width}${dark ? "-dark" : ""}`);
        for (const summary of await page.locator("details.act > summary").all()) {
          await summary.click();
        }
        await assertAccessible(page, `${name} at ${width}${dark ? ", dark" : ""}`);
      }
      assert.deepEqual(one.complaints, []);
    }
  });
}
