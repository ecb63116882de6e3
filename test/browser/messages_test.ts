/** Messages to customers in a real browser: a template written and looked at, and what an order's customer was told. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { adminKey, keyFor, stockOver } from "../support/server.ts";
import { mailSettingsFor, withSmtp } from "../support/smtp.ts";
import {
  assertAccessible,
  browserTest,
  picture,
  place,
  signIn,
  visitor,
  widths,
} from "./support.ts";

const customer = { customer: { name: "Ada Example", email: "ada@customer.example" } };

/** The message, in the frame within the frame of the preview. */
const shown = (page: Page) =>
  page.frameLocator("iframe[name=preview]").frameLocator("iframe[title='The message']");

const subjectShown = (page: Page) => page.frameLocator("iframe[name=preview]").locator("h1");

browserTest("a template is looked at as it is typed, saved, used, and taken back", async (at) => {
  await using one = await visitor(at);
  const { page, complaints } = one;
  await signIn(page, adminKey);
  await page.getByRole("link", { name: "Messages" }).click();
  await page.getByRole("link", { name: "Shipped in de", exact: true }).click();
  await subjectShown(page).getByText("Ihre Bestellung 10482 ist unterwegs").waitFor();
  await shown(page).getByText("Guten Tag Mira Öztürk,").waitFor();

  const subject = page.getByLabel("Subject");
  const html = page.getByLabel("HTML", { exact: true });
  await html.fill("<h2>Servus {{ customer.name }}</h2>\n<p>{{ shipment.carrier }} & Co</p>");
  await subject.fill("Unterwegs: {{ order.number }}");
  await page.getByRole("button", { name: "Show" }).click();
  await shown(page).getByRole("heading", { name: "Servus Mira Öztürk" }).waitFor();
  await subjectShown(page).getByText("Unterwegs: 10482").waitFor();
  // The page stays as it was, with what was typed.
  assert.equal(await subject.inputValue(), "Unterwegs: {{ order.number }}");

  await html.fill("<p>\n{{ order.nmber }}</p>");
  await page.getByRole("button", { name: "Show" }).click();
  await page.frameLocator("iframe[name=preview]").getByText("html: undefined variable: order.nmber")
    .waitFor();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("alert").getByText("undefined variable: order.nmber").waitFor();
  assert.equal(await html.inputValue(), "<p>\n{{ order.nmber }}</p>");

  await html.fill("\n<p>{{ order.number }}</p>\n");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("The template is saved").waitFor();
  const saved = await at.server.ask("/v1/messages/templates/shipped/de");
  assert.equal(saved.body.html, "\n<p>{{ order.number }}</p>\n");
  await shown(page).getByText("10482", { exact: true }).waitFor();

  await page.getByText("Take back…").click();
  await page.getByRole("button", { name: "Take it back" }).click();
  await page.getByText("The template is taken back").waitFor();
  await shown(page).getByText("Guten Tag Mira Öztürk,").waitFor();
  assert.deepEqual(complaints.filter((each) => !each.includes("422")), []);
});

browserTest("a template's message can do nothing to the page that shows it", async (at) => {
  const html = "<script>parent.document.title='taken'</script>" +
    "<img src=x onerror=\"top.document.title='taken'\"><p>shown</p>";
  await at.server.ask("/v1/messages/templates/shipped/de", {
    method: "PUT",
    json: { subject: "s", html },
  });
  await using one = await visitor(at);
  const { page } = one;
  await signIn(page, adminKey);
  await page.goto("/messages/shipped/de");
  await shown(page).getByText("shown").waitFor();
  assert.equal(await page.title(), "Messages · Allot");
});

browserTest(
  "a language of its own begins with the one that customers get, and a reader saves nothing",
  async (at) => {
    await using one = await visitor(at);
    const { page } = one;
    await signIn(page, adminKey);
    await page.goto("/messages");
    await page.getByText("Write in another language…").click();
    await page.getByLabel("Language", { exact: true }).first().fill("fr");
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByText("There is none in fr yet").waitFor();
    await page.getByLabel("Subject").fill("Merci");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("The template is saved").waitFor();
    await page.goto("/messages");
    await page.getByRole("link", { name: "Order received in fr" }).waitFor();

    await using other = await visitor(at);
    await signIn(other.page, await keyFor(at.server, "support"));
    await other.page.goto("/messages/order_received/fr");
    await other.page.getByLabel("Subject").fill("Salut {{ order.number }}");
    for (let n = 0; n < 2; n++) await other.page.getByRole("button", { name: "Show" }).click();
    await subjectShown(other.page).getByText("Salut 10482").waitFor();
    assert.equal(await other.page.getByRole("button", { name: "Save" }).count(), 0);
  },
);

browserTest(
  "an order's page has what its customer was told, and why no more",
  async (at) => {
    await stockOver(at.server, { ams: { mug: 20 } });
    await using one = await visitor(at);
    const { page, complaints } = one;
    await signIn(page, adminKey);
    const { id } = await place(at, "M-1", { mug: 1 }, customer);
    await page.goto(`/orders/${id}`);
    const card = page.getByRole("region", { name: "Messages to the customer" }).first();
    await card.getByText("Order received").waitFor();
    await card.getByText("Sent", { exact: true }).waitFor();
    await at.server.ask("/v1/messages/channels/web", { method: "PUT", json: { enabled: false } });
    await page.reload();
    await card.getByText("Others tell the customers of this channel.").waitFor();
    assert.deepEqual(complaints, []);
  },
  (work) => withSmtp({}, (port) => work({ settings: { mail: mailSettingsFor(port) } })),
);

for (const dark of [false, true]) {
  browserTest(
    `messages can be read by everybody${dark ? ", in the dark" : ""}`,
    async (at) => {
      await stockOver(at.server, { ams: { mug: 20 } });
      const { id } = await place(at, "M-1", { mug: 1 }, customer);
      await at.server.ask("/v1/messages/channels/web", {
        method: "PUT",
        json: {
          from: "Nordlicht <orders@nord.example>",
          language: "en",
          timeZone: "Europe/Berlin",
        },
      });
      await at.server.application.catchUp();
      for (const width of widths) {
        await using one = await visitor(at, { width, dark });
        const { page } = one;
        await signIn(page, adminKey);
        const pages = { messages: "/messages", template: "/messages/shipped/en" };
        for (const [name, path] of Object.entries({ ...pages, told: `/orders/${id}` })) {
          await page.goto(path);
          if (name === "template") await shown(page).getByText("Hello Mira Öztürk,").waitFor();
          const what = `${name}-${width}${dark ? "-dark" : ""}`;
          await assertAccessible(page, what);
          await picture(page, `messages-${what}`);
        }
      }
    },
    (work) => withSmtp({}, (port) => work({ settings: { mail: mailSettingsFor(port) } })),
  );
}
