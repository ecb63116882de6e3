/** Receiving deliveries in a real Chromium: by scanner, and by a person at its keyboard. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { adminKey, stockOver } from "../support/server.ts";
import { Scanner, senses } from "./scanner.ts";
import { assertAccessible, browserTest, picture, signIn, type Stand, visitor } from "./support.ts";

const soon = "2030-05-04T08:00:00Z";

const desk = async (at: Stand, path: string, width: number) => {
  const one = await visitor(at, { width });
  await one.page.addInitScript(senses);
  await signIn(one.page, adminKey);
  await one.page.goto(path);
  await one.page.locator("#receiving[data-ready]").waitFor();
  return { ...one, scanner: await Scanner.at(one.page) };
};

const order = async ({ server }: Stand) => {
  const { body } = await server.ask("/v1/purchase-orders", {
    json: {
      ...{ externalId: "PO-1", supplierId: "potter", locationId: "ams", expectedAt: soon },
      lines: [{ sku: "mug", quantity: 3 }, { sku: "cup", quantity: 2 }],
    },
  });
  return { path: `/purchase-orders/${body.id}`, lines: [...body.lines ?? []] };
};

browserTest(
  "scans count up what has come, and only the button sends it, at 360 pixels",
  async (at) => {
    await stockOver(at.server, { ams: {} });
    const { path, lines } = await order(at);
    const one = await desk(at, path, 360);
    await using _ = one;
    const { page, scanner } = one;
    const [mug, cup] = lines.map(({ id }) => page.locator(`[id="line-${id}"]`));
    assert.ok(mug !== undefined && cup !== undefined);
    await assertAccessible(page, "receiving");
    const received = async () => {
      const { body } = await at.server.ask(`/v1${path}`);
      return [...body.lines ?? []].map((line) => Number(line.received));
    };
    const places = ["#scan", "#field-reference", "#receiving button", "#actions button", "a.back"];
    for (const place of places) {
      await page.locator(place).first().focus();
      await scanner.scan("mug");
      await page.locator("#receiving[data-last]").waitFor();
    }
    await page.getByRole("alert").getByText("mug: 5 of 3, more than were to come").waitFor();
    await scanner.scan("CUP");
    await page.getByText("cup: 1 of 2").waitFor();
    await scanner.scan("lamp");
    await page.getByRole("alert").getByText("lamp is not to come with this").waitFor();
    assert.deepEqual([await mug.inputValue(), await cup.inputValue()], ["5", "1"]);
    assert.equal(await page.locator("#field-reference").inputValue(), "");
    assert.deepEqual(await received(), [0, 0]);
    // What is counted is there after a reload.
    await page.reload();
    await page.locator("#receiving[data-ready]").waitFor();
    assert.equal(await mug.inputValue(), "5");
    await mug.fill("2");
    await page.locator("#field-reference").fill("DN-1");
    await picture(page, "receiving");
    await page.getByRole("button", { name: "Receive what is counted" }).click();
    await page.getByRole("status").getByText("Received.").waitFor();
    assert.deepEqual(await received(), [2, 1]);
    await page.locator("#receiving[data-ready]").waitFor();
    assert.equal(await mug.inputValue(), "0");
    assert.deepEqual(one.complaints, []);
  },
);

browserTest("a file is looked at before it is imported, and a transfer is received", async (at) => {
  await stockOver(at.server, { ams: { mug: 5 }, ber: {} });
  const one = await visitor(at);
  await using _ = one;
  const { page } = one;
  await signIn(page, adminKey);
  await page.goto("/transfers/import");
  await assertAccessible(page, "importing transfers");
  const text = `externalId,from,to,sku,quantity,expectedAt\nT-1,ams,ber,mug,4,2030-05-04\n`;
  await page.locator("#supply-file").setInputFiles({
    ...{ name: "transfers.csv", mimeType: "text/csv", buffer: Buffer.from(text) },
  });
  await page.waitForFunction("document.getElementById('supply-csv').value.includes('T-1')");
  await page.getByRole("button", { name: "Import" }).click();
  await page.getByText("1 made, 0 there before, 0 rejected").waitFor();
  await page.getByRole("link", { name: "T-1" }).click();
  await page.getByRole("button", { name: "All shipped" }).click();
  await page.locator("#receiving[data-ready]").waitFor();
  await assertAccessible(page, "a transfer");
  const scanner = await Scanner.at(page);
  await scanner.scan("mug");
  await page.getByText("mug: 1 of 4").waitFor();
  await page.getByRole("button", { name: "Receive what is counted" }).click();
  await page.getByRole("status").getByText("Received.").waitFor();
  const { body } = await at.server.ask("/v1/transfers");
  assert.equal(Number(body.data?.[0]?.lines?.[0]?.received), 1);
  for (const list of ["/transfers", "/purchase-orders"]) {
    await page.goto(list);
    await assertAccessible(page, list);
  }
  assert.deepEqual(one.complaints, []);
});
