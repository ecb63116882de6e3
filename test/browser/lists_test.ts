/** Lists that change while somebody points at a row, or is among the rows by keyboard. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { adminKey, stockOver } from "../support/server.ts";
import { browserTest, place, signIn, visitor, waitForLive } from "./support.ts";

const rowOf = (page: Page, name: string) => page.getByRole("row", { name });

const placeOf = async (page: Page, name: string) => {
  const box = await rowOf(page, name).boundingBox();
  return box === null ? null : [box.x, box.y, box.width, box.height];
};

const bar = (page: Page) => page.locator(".waits button");

for (const [name, path] of [["orders", "/orders"], ["the queue", "/fulfillment/ams"]] as const) {
  browserTest(
    `rows of ${name} stand still under a resting pointer, and say what is new`,
    async (at) => {
      await stockOver(at.server, { ams: { mug: 20 } });
      await place(at, "M-1", { mug: 1 });
      const gone = await place(at, "M-2", { mug: 1 });
      await using one = await visitor(at);
      const { page } = one;
      await signIn(page, adminKey);
      await page.goto(path);
      await waitForLive(page);
      await rowOf(page, "M-1").hover();
      const before = await placeOf(page, "M-1");
      for (const name of ["M-3", "M-4"]) await place(at, name, { mug: 1 });
      await bar(page).getByText("2 new: show").waitFor();
      await at.server.ask(`/v1/orders/${gone.id}/cancel`, { json: { reason: "wish" } });
      await place(at, "M-5", { mug: 1 });
      await bar(page).getByText("3 new: show").waitFor();
      // However long it rests.
      await page.waitForTimeout(4_000);
      assert.deepEqual(await placeOf(page, "M-1"), before);
      for (const name of ["M-3", "M-5"]) assert.equal(await rowOf(page, name).count(), 0, name);
      await bar(page).click();
      for (const name of ["M-3", "M-4", "M-5"]) await rowOf(page, name).waitFor();
      assert.equal(await bar(page).isVisible(), false);

      await rowOf(page, "M-1").hover();
      await place(at, "M-6", { mug: 1 });
      await bar(page).getByText("1 new: show").waitFor();
      await page.mouse.move(2, 2);
      await rowOf(page, "M-6").waitFor();
      await place(at, "M-7", { mug: 1 });
      await rowOf(page, "M-7").waitFor();
    },
  );
}

browserTest("rows stand still while one of them has the focus, and no longer", async (at) => {
  await stockOver(at.server, { ams: { mug: 20 } });
  const { id } = await place(at, "M-1", { mug: 1 });
  await using one = await visitor(at);
  const { page } = one;
  await signIn(page, adminKey);
  await page.goto("/orders");
  await waitForLive(page);
  await page.getByRole("link", { name: "M-1" }).focus();
  const before = await placeOf(page, "M-1");
  await place(at, "M-2", { mug: 1 });
  await bar(page).getByText("1 new: show").waitFor();
  assert.equal(await page.locator("a:focus").textContent(), "M-1");
  assert.equal(await rowOf(page, "M-2").count(), 0);
  assert.deepEqual(await placeOf(page, "M-1"), before);
  await page.locator("#field-q").focus();
  await rowOf(page, "M-2").waitFor();
  assert.equal(await bar(page).isVisible(), false);

  // What only changes in a row is told as well.
  await page.getByRole("link", { name: "M-1" }).focus();
  await at.server.ask(`/v1/orders/${id}/hold`, { json: { reason: "odd" } });
  await bar(page).getByText("Changes: show").waitFor();
  await page.keyboard.press("Shift+Tab");
  await bar(page).focus();
  await page.keyboard.press("Enter");
  await rowOf(page, "M-1").getByText("Held: Manual").waitFor();
});
