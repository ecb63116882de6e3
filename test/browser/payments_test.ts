/** Payments in a real Chromium: those that somebody has to look after, and what may be done with them on an order's page. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { adminKey, keyFor, stockOver } from "../support/server.ts";
import {
  assertAccessible,
  browserTest,
  place,
  signIn,
  type Stand,
  textOf,
  visitor,
  waitForLive,
  widths,
} from "./support.ts";

const usd = (amount: string) => ({ amount, currency: "USD" });

/** An order that was paid by hand, of which one unit was cancelled: somebody has to give the money back. */
const partlyCancelled = async (at: Stand, externalId: string): Promise<string> => {
  const { id } = await place(at, externalId, { mug: 2 }, {
    payments: [
      { provider: "manual", method: "bank_transfer", amount: usd("20.00"), status: "captured" },
    ],
  });
  const cancelled = await at.server.ask(`/v1/orders/${id}/cancel`, {
    json: { reason: "One too many", lines: [{ lineId: "1", quantity: 1 }] },
  });
  assert.equal(cancelled.status, 200, cancelled.text);
  return id;
};

const balanceIs = (page: Page, name: string, amount: string): Promise<void> =>
  page.locator(`[data-balance=${name}]`).getByText(amount).waitFor();

const paymentOf = async ({ server }: Stand, orderId: string) =>
  (await server.ask(`/v1/orders/${orderId}`)).body.payments[0];

browserTest(
  "a payment that somebody has to look after is found, and recorded where it stands",
  async (at) => {
    await stockOver(at.server, { ams: { mug: 20 } });
    const id = await partlyCancelled(at, "P-1");
    await place(at, "P-2", { mug: 1 }, {
      payments: [{ provider: "manual", amount: usd("10.00"), status: "captured" }],
    });
    await using looking = await visitor(at);
    const { page, complaints } = looking;
    await signIn(page, adminKey);
    await page.goto("/payments");
    await waitForLive(page);
    await page.getByRole("row", { name: "P-1" }).getByText("By hand").waitFor();
    assert.equal(await page.getByRole("row", { name: "P-2" }).count(), 0);
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 });
      await assertAccessible(page, `payments at ${width}`);
    }

    await page.getByRole("link", { name: "P-1" }).click();
    await textOf(page, "#payments .urgent", "By hand");
    await balanceIs(page, "owed", "10.00");
    await balanceIs(page, "pending", "10.00");
    await balanceIs(page, "refundDue", "0.00");
    // By hand nobody is called, so nothing is captured here.
    assert.equal(await page.getByRole("button", { name: "Capture what is due" }).count(), 0);
    await page.getByText("Record…").click();
    await page.locator("#payments").getByLabel("Amount").fill("10.00");
    await page.locator("#payments").getByLabel("What was done").selectOption("refund");
    await page.locator("#record-payment-1-reference").fill("statement 7");
    await page.getByRole("button", { name: "Record it" }).click();
    await page.getByRole("status").getByText("It is recorded.").waitFor();
    await balanceIs(page, "refunded", "10.00");
    await balanceIs(page, "pending", "0.00");
    const payment = await paymentOf(at, id);
    assert.deepEqual([payment.refunded.amount, payment.attention], ["10.00", []]);

    await page.goto("/payments");
    await page.getByText("There is none.").waitFor();
    await page.getByLabel("Status").selectOption("partially_refunded");
    await page.getByRole("button", { name: "Show" }).click();
    await page.getByRole("row", { name: "P-1" }).waitFor();
    assert.deepEqual(complaints, []);

    await page.goto(`/orders/${id}`);
    await page.locator("#money").getByText("Refund…").click();
    // More than was paid is refused, and what was typed stays.
    const money = page.locator("#money");
    await money.getByLabel("Refund of").selectOption("goodwill");
    await money.getByLabel("Amount").fill("99.00");
    await money.getByLabel("Reason").fill("a scratch");
    await money.getByRole("button", { name: "Give it back" }).click();
    await page.getByRole("alert").waitFor();
    assert.equal(await money.getByLabel("Reason").inputValue(), "a scratch");
    assert.equal((await paymentOf(at, id)).refundPending.amount, "0.00");
    // What it would do is told, and not done.
    await money.getByLabel("Amount").fill("3.00");
    await money.getByRole("button", { name: "Say what it would do" }).click();
    await page.getByRole("status").getByText("3.00 USD would be given back: 3.00 USD by manual")
      .waitFor();
    assert.equal(await money.getByLabel("Reason").inputValue(), "a scratch");
    assert.equal((await paymentOf(at, id)).refundPending.amount, "0.00");

    // Who may not move money sees it, and no forms.
    const viewer = await keyFor(at.server, "viewer");
    await using other = await visitor(at);
    await signIn(other.page, viewer);
    await other.page.goto(`/orders/${id}`);
    await balanceIs(other.page, "refunded", "10.00");
    for (const text of ["Record…", "Refund…"]) {
      assert.equal(await other.page.getByText(text).count(), 0, text);
    }
  },
);
