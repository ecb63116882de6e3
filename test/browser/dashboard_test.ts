/** The dashboard in a real Chromium: the main ways, by keyboard, live, at two widths, for every role. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Page } from "playwright-core";
import { adminKey, keyFor, orderFor, stockOver } from "../support/server.ts";
import { readRetail, retailMapping } from "../import/retail.ts";
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

const chooseFile = (page: Page, buffer: Buffer, name = "orders.csv"): Promise<void> =>
  page.locator("#import-file").setInputFiles({ name, mimeType: "text/csv", buffer });

browserTest(
  "a wrong key is refused, a right one sees orders come in without a reload",
  async (at) => {
    await stockOver(at.server, { ams: { mug: 20 } });
    await using one = await visitor(at);
    const { page, complaints } = one;
    await page.goto("/orders");
    await page.getByLabel("API key").fill("not a key");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").waitFor();
    complaints.length = 0;

    // A link to sign in fills the key in; the address does not keep it, and nobody is signed in by it alone.
    await page.goto(`/sign-in?next=/#key=${encodeURIComponent(adminKey)}`);
    await page.waitForURL((url) => url.hash === "");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
    await waitForLive(page);
    await page.evaluate("window.sameDocument = true");
    await textOf(page, "[data-count=allocated]", "0");
    await place(at, "A-1", { mug: 2 });
    await textOf(page, "[data-count=allocated]", "1");
    await textOf(page, "[data-units=reserved]", "2");
    await page.getByText("1 orders and 2 units in the last hour").waitFor();
    assert.equal(await page.locator(".chart canvas").count(), 2);

    await page.getByRole("link", { name: "Allocated", exact: true }).click();
    await page.getByRole("link", { name: "A-1" }).waitFor();
    await waitForLive(page);
    await place(at, "A-2", { mug: 1 });
    await page.getByRole("link", { name: "A-2" }).waitFor();
    assert.deepEqual(complaints, []);
  },
);

browserTest("text from outside is shown and never run", async (at) => {
  const evil = "<script>window.hacked=1</script><img src=x onerror=window.hacked=1>";
  await stockOver(at.server, { ams: { [evil.slice(0, 60)]: 5 } });
  const { id, fulfillmentId } = await place(at, evil, { [evil.slice(0, 60)]: 1 }, {
    customer: { name: evil },
    metadata: { [evil.slice(0, 40)]: evil },
  });
  await using one = await visitor(at);
  const { page, complaints } = one;
  await signIn(page, adminKey);
  for (
    const path of [
      "/orders",
      `/orders/${id}`,
      `/fulfillment-orders/${fulfillmentId}`,
      `/fulfillment-orders/${fulfillmentId}/packing-slip`,
      "/fulfillment/ams",
      "/inventory",
      `/fulfillment/ams?missed=${encodeURIComponent(evil)}`,
      `/orders?q=${encodeURIComponent(`"><script>window.hacked=1</script>`)}`,
    ]
  ) {
    await page.goto(path);
    assert.equal(await page.evaluate("window.hacked"), undefined, path);
    assert.equal(await page.locator("main script, main img").count(), 0, path);
  }
  await page.goto(`/orders/${id}`);
  await page.getByRole("heading", { level: 1, name: evil }).waitFor();
  assert.deepEqual(complaints, []);
});

browserTest("a cancelled order gives its stock back before the reader's eyes", async (at) => {
  await stockOver(at.server, { ams: { mug: 20 } });
  const { id } = await place(at, "C-1", { mug: 5 });
  await using one = await visitor(at);
  const { page, complaints } = one;
  await signIn(page, adminKey);
  const stockPage = await page.context().newPage();
  await stockPage.goto("/inventory/ams/mug");
  await textOf(stockPage, "[data-units=available]", "15");
  await waitForLive(stockPage);

  await page.goto(`/orders/${id}`);
  await page.getByText("Hold…").click();
  await page.locator("#hold-reason").fill("Ask the customer");
  await page.keyboard.press("Enter");
  await textOf(page, "#order-status", "Held");
  await page.getByText("Ask the customer").first().waitFor();
  await page.getByText("Release…").click();
  await page.locator("#release-reason").fill("They answered");
  await page.keyboard.press("Enter");
  await textOf(page, "#order-status", "Allocated");
  await page.getByText("They answered").waitFor();

  await page.getByText("Cancel lines…").click();
  await page.getByLabel("Units of mug (line 1)").fill("2");
  await page.locator("#cancel-lines-reason").fill("Wants fewer");
  await page.keyboard.press("Enter");
  await textOf(page, "[data-quantity=cancelled]", "2");
  await textOf(stockPage, "[data-units=available]", "17");

  await page.getByText("Cancel…", { exact: true }).click();
  await page.locator("#cancel-reason").fill("Changed their mind");
  await page.keyboard.press("Enter");
  await textOf(page, "#order-status", "Cancelled");
  await textOf(stockPage, "[data-units=available]", "20");
  await stockPage.getByText("Order cancelled").first().waitFor();
  assert.deepEqual(complaints, []);
});

browserTest("what somebody is typing stays while the page changes under it", async (at) => {
  await stockOver(at.server, { ams: { mug: 20 } });
  const { id, fulfillmentId } = await place(at, "T-1", { mug: 5 });
  await using one = await visitor(at);
  const { page } = one;
  await signIn(page, adminKey);
  await page.goto(`/orders/${id}`);
  await waitForLive(page);
  await page.getByText("Cancel…", { exact: true }).click();
  await page.locator("#cancel-reason").fill("Half a sent");
  await at.server.ask(`/v1/fulfillment-orders/${fulfillmentId}/accept`, {
    json: {},
  });
  await textOf(page, "#order-status", "Fulfilling");
  await page.keyboard.type("ence");
  assert.equal(await page.locator("#cancel-reason").inputValue(), "Half a sentence");
});

browserTest("one field finds an order by whatever somebody has of it", async (at) => {
  await stockOver(at.server, { ams: { mug: 20, lamp: 5 } });
  const { id, fulfillmentId } = await place(at, "F-1", { lamp: 1 }, {
    customer: { name: "Ben Sample", id: "cus-7" },
  });
  await place(at, "F-2", { mug: 1 });
  await using one = await visitor(at);
  const { page, complaints } = one;
  await signIn(page, adminKey);
  const search = async (text: string) => {
    await page.goto("/orders");
    await page.getByLabel("Search for").fill(text);
    await page.keyboard.press("Enter");
  };
  for (const text of [id, fulfillmentId]) {
    await search(text);
    await page.getByRole("heading", { level: 1, name: "Order F-1" }).waitFor();
  }
  for (const text of ["F-1", "cus-7", "lamp"]) {
    await search(text);
    await page.getByRole("link", { name: "F-1" }).waitFor();
    assert.equal(await page.getByRole("link", { name: "F-2" }).count(), 0, text);
  }
  await search("nothing like it");
  await page.getByText("No order has this id").waitFor();
  assert.deepEqual(complaints, []);
});

browserTest("a dropped stream is told plainly, and resumed without a gap", async (at) => {
  await stockOver(at.server, { ams: { mug: 20 } });
  await place(at, "S-1", { mug: 1 });
  await using one = await visitor(at);
  const { page } = one;
  await signIn(page, adminKey);
  await waitForLive(page);
  await place(at, "S-2", { mug: 1 });
  await textOf(page, "[data-count=allocated]", "2");
  at.breakStreams();
  await page.locator("#live-state[data-state=stale]").getByText("Not live").waitFor();
  await place(at, "S-3", { mug: 1 });
  await place(at, "S-4", { mug: 1 });
  await textOf(page, "[data-count=allocated]", "2");
  at.restore();
  await waitForLive(page);
  await textOf(page, "[data-count=allocated]", "4");
  assert.match(
    at.resumedAfter.at(-1) ?? "",
    /^evt_[0-9a-f]{20}_\d{5}$/,
    "resumes behind what it has seen",
  );
});

browserTest("numbers are said to be stale when the engine has not been heard of", async (at) => {
  await using one = await visitor(at);
  const { page } = one;
  await page.clock.install();
  await signIn(page, adminKey);
  await waitForLive(page);
  at.hush();
  await page.clock.fastForward(20_000);
  await page.locator("#live-state[data-state=stale]").getByText("Not live").waitFor();
  at.restore();
  await waitForLive(page);
});

browserTest(
  "a file is previewed, mapped and imported, and its rejected rows come back",
  async (at) => {
    await stockOver(at.server, { ams: { mug: 100 } });
    await using one = await visitor(at);
    const { page, complaints } = one;
    await signIn(page, adminKey);
    await page.goto("/imports");
    await page.getByLabel("Channel").fill("market");
    const rows = [
      "Invoice,Article,Count,Price",
      "I-1,mug,2,4.50",
      "I-2,mug,many,4.50",
      "I-3,mug,500,4.50",
      '"=I-4",mug,1,x',
    ];
    await chooseFile(page, Buffer.from(`${rows.join("\n")}\n`));
    await page.getByText("Make a mapping for these columns…").click();
    await page.getByLabel("Name of the mapping").fill("market");
    const columns = {
      externalId: "Invoice",
      sku: "Article",
      quantity: "Count",
      unitPrice: "Price",
    };
    for (const [name, column] of Object.entries(columns)) {
      await page.locator(`select[name="column:${name}"]`).selectOption(column);
    }
    await page.locator('input[name="constant:currency"]').fill("EUR");
    await page.getByText("Further parts of an order").click();
    await page.locator('input[name="constant:country"]').fill("NL");
    await page.getByRole("button", { name: "Save the mapping" }).click();
    await page.getByText("2 × mug at 4.50 EUR").waitFor();
    await picture(page, "import-preview");
    await page.getByRole("button", { name: "Import", exact: true }).click();
    await textOf(page, "#job-status", "Completed");
    await textOf(page, "[data-orders=created]", "1");
    await textOf(page, "[data-orders=rejected]", "3");
    await page.reload();
    await assertAccessible(page, "an import");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByText("Download the rejected rows").click(),
    ]);
    const rejected = await Deno.readTextFile(await download.path());
    assert.match(rejected, /^3,I-2,/m);
    assert.match(rejected, /^4,I-3,insufficient-stock,/m);
    assert.match(rejected, /^5,'=I-4,/m, "a cell is never a formula");
    assert.deepEqual(complaints, []);
  },
);

browserTest(
  "how a file is written is guessed, read anew when it is changed, and imported so",
  async (at) => {
    await stockOver(at.server, { ams: { mug: 100 } });
    await using one = await visitor(at);
    const { page, complaints } = one;
    await signIn(page, adminKey);
    await page.goto("/imports");
    await page.getByLabel("Channel").fill("market");
    const rows = [
      "Bestellung;Artikel;Menge;Preis;Kunde;Datum",
      "B-1;mug;2;1.234,50;J\u00fcrgen;24.12.2025 18:30",
      "B-2;mug;1;4,50;J\u00fcrgen;25.12.2025 09:00",
    ];
    await chooseFile(page, Buffer.from(`${rows.join("\r\n")}\r\n`, "latin1"));
    await page.getByRole("columnheader", { name: "Artikel" }).waitFor();
    await page.getByText("Make a mapping for these columns…").click();
    const chosen = (name: string) => page.locator(`#act-mapping [name="${name}"]`).inputValue();
    assert.deepEqual(
      [
        await chosen("delimiter"),
        await chosen("encoding"),
        await chosen("decimal"),
        await chosen("group"),
        await chosen("dateFormat"),
      ],
      [";", "windows-1252", ",", ".", "D.M.YYYY H:mm"],
    );
    await page.getByLabel("Name of the mapping").fill("german");
    await page.locator('select[name="delimiter"]').selectOption(",");
    await page.getByRole("columnheader", { name: "Bestellung;Artikel" }).waitFor();
    await page.locator('select[name="delimiter"]').selectOption(";");
    await page.getByRole("columnheader", { name: "Artikel" }).waitFor();
    assert.equal(await page.getByLabel("Name of the mapping").inputValue(), "german");
    const columns = {
      externalId: "Bestellung",
      sku: "Artikel",
      quantity: "Menge",
      unitPrice: "Preis",
    };
    for (const [name, column] of Object.entries(columns)) {
      await page.locator(`select[name="column:${name}"]`).selectOption(column);
    }
    await page.locator('input[name="constant:currency"]').fill("EUR");
    await page.getByText("Further parts of an order").click();
    await page.locator('select[name="column:customerName"]').selectOption("Kunde");
    await page.locator('select[name="column:placedAt"]').selectOption("Datum");
    await page.locator('input[name="constant:country"]').fill("DE");
    await page.locator('input[name="constant:country"]').blur();
    // What the mapping would make of the file shows before it is saved.
    await page.getByText("2 × mug at 1234.50 EUR").waitFor();
    await page.getByRole("button", { name: "Save the mapping" }).click();
    await page.getByText("The mapping german is saved.").waitFor();
    await page.getByRole("region", { name: "What german makes of it" }).waitFor();
    await page.getByRole("button", { name: "Import", exact: true }).click();
    await textOf(page, "#job-status", "Completed");
    await textOf(page, "[data-orders=created]", "2");
    const { body } = await at.server.ask("/v1/orders?channel=market&externalId=B-1", {});
    assert.equal(body.data[0].customer.name, "J\u00fcrgen");
    assert.equal(body.data[0].totals.total.amount, "2469.00");
    assert.deepEqual(complaints, []);
  },
);

browserTest(
  "a file of orders, one a line, is dropped and imported without a mapping",
  async (at) => {
    await stockOver(at.server, { ams: { mug: 100 } });
    await using one = await visitor(at);
    const { page, complaints } = one;
    await signIn(page, adminKey);
    await page.goto("/imports");
    const lines = [
      JSON.stringify(orderFor("D-1", { mug: 2 })),
      "{ not an order",
      JSON.stringify(orderFor("D-2", { mug: 1_000 })),
    ];
    const dataTransfer = await page.evaluateHandle(`(() => {
    const dropped = new DataTransfer();
    dropped.items.add(new File([${JSON.stringify(lines.join("\n") + "\n")}], "orders.ndjson"));
    return dropped;
  })()`);
    await page.dispatchEvent("#drop", "drop", { dataTransfer });
    await page.getByText("2 × mug at 10.00 USD").waitFor();
    await assertAccessible(page, "a preview");
    await page.getByRole("button", { name: "Import", exact: true }).click();
    await textOf(page, "#job-status", "Completed");
    await textOf(page, "[data-orders=created]", "1");
    await textOf(page, "[data-orders=rejected]", "2");
    await page.getByRole("link", { name: "Created" }).click();
    await page.getByRole("link", { name: "D-1" }).waitFor();
    assert.deepEqual(complaints, []);
  },
);

browserTest(
  "the file of a real shop is imported, and says which rows were rejected",
  async (at) => {
    const csv = await readRetail();
    const [, ...rows] = csv.trimEnd().split("\n");
    const skus = [...new Set(rows.map((row) => row.split(",")[1] ?? ""))];
    await stockOver(at.server, {
      ams: Object.fromEntries(skus.slice(1).map((sku) => [sku, 9_999])),
    });
    await using one = await visitor(at);
    const { page, complaints } = one;
    await signIn(page, adminKey);
    await page.goto("/imports");
    await page.getByLabel("Channel").fill("shop");
    await chooseFile(page, Buffer.from(csv), "online-retail.csv");
    await page.getByText("Make a mapping for these columns…").click();
    await page.getByLabel("Name of the mapping").fill("retail");
    await page.getByText("Further parts of an order").click();
    for (const [name, field] of Object.entries(retailMapping.fields)) {
      if ("column" in field) {
        await page.locator(`select[name="column:${name}"]`).selectOption(field.column);
      } else if ("constant" in field) {
        await page.locator(`input[name="constant:${name}"]`).fill(field.constant);
      }
    }
    await page.getByLabel("How dates are written").fill(retailMapping.dateFormat ?? "");
    await page.getByLabel("Credits' ids begin with").fill("C");
    await page.getByRole("button", { name: "Save the mapping" }).click();
    await page.getByText("6 × 71053 at 3.39 GBP").waitFor();
    await page.getByRole("button", { name: "Import", exact: true }).click();
    await textOf(page, "#job-status", "Completed");
    const id = new URL(page.url()).pathname.split("/").at(-1);
    const { body } = await at.server.ask(`/v1/imports/${id}`, {});
    for (const outcome of ["created", "rejected", "credit"] as const) {
      const count = Number(body["summary"]?.["orders"]?.[outcome]);
      assert.ok(count > 0, outcome);
      await textOf(page, `[data-orders=${outcome}]`, String(count));
    }
    await page.reload();
    await page.getByRole("cell", { name: "536365" }).first().waitFor();
    assert.deepEqual(complaints, []);
  },
);

browserTest("a role sees and may do only what its key may over the API", async (at) => {
  await stockOver(at.server, { ams: { mug: 20 }, ber: { lamp: 20 } });
  const { id } = await place(at, "R-1", { mug: 1 });
  const other = await place(at, "R-2", { lamp: 1 });
  const viewer = await keyFor(at.server, "viewer");
  const warehouse = await keyFor(at.server, "warehouse", { locationId: "ams" });

  await using looking = await visitor(at);
  await signIn(looking.page, viewer);
  await looking.page.goto(`/orders/${id}`);
  await looking.page.getByText("R-1").first().waitFor();
  assert.equal(await looking.page.locator("#actions button, #actions summary").count(), 0);
  assert.equal(await looking.page.getByRole("link", { name: "Verify" }).count(), 0);
  const csrf = await looking.page.locator("form.who input[name=csrf]").inputValue();
  const tried = await looking.page.request.post(`/orders/${id}/cancel`, {
    form: { csrf, reason: "Because" },
  });
  assert.equal(tried.status(), 403);
  assert.equal((await looking.page.request.post("/verify", { form: { csrf } })).status(), 403);

  await using working = await visitor(at);
  await signIn(working.page, warehouse);
  await working.page.goto("/fulfillment");
  await working.page.waitForURL("**/fulfillment/ams");
  await working.page.getByRole("link", { name: "R-1" }).waitFor();
  await working.page.goto("/fulfillment/ber");
  await working.page.getByRole("alert").waitFor();
  await working.page.goto(`/orders/${other.id}`);
  await working.page.getByRole("alert").getByText("There is no order").waitFor();

  const { body } = await at.server.ask("/v1/admin/keys", {});
  const mine = [...(body.data ?? [])].find(({ role }) => String(role) === "viewer");
  const revoked = await at.server.ask(`/v1/admin/keys/${mine?.id}`, {
    method: "DELETE",
  });
  assert.ok(revoked.status < 300, revoked.text);
  await looking.page.goto("/orders");
  await looking.page.getByRole("heading", { name: "Sign in" }).waitFor();
});

const ofDates = {
  "/v1/calendars/work": {
    name: "Working days",
    week: { mon: [["09:00", "12:30"], ["13:00", "17:00"]], tue: [["09:00", "17:00"]] },
    exceptions: [{ date: "2026-12-25", open: false }, {
      date: "2026-12-24",
      hours: [["09:00", "12:00"]],
    }],
  },
  "/v1/carriers/dhl": {
    name: "DHL",
    calendarId: "work",
    services: [{
      service: "standard",
      transit: [{ country: "DE", days: 1 }, { country: "DE", postalPrefix: "27", days: 2 }],
    }],
  },
};

/** Of two that wait for goods on their way, the first. */
const placeWaiting = async (at: Pick<Stand, "server">): Promise<string> => {
  await at.server.ask("/v1/purchase-orders", {
    json: {
      ...{ externalId: "PO-1", locationId: "ams", expectedAt: "2099-12-24T10:00:00Z" },
      lines: [{ sku: "tray", quantity: 5 }],
    },
  });
  const waits = (name: string, more: object = {}) =>
    at.server.ask("/v1/orders", {
      json: orderFor(name, { tray: 4 }, { onShortage: "backorder", ...more }),
    });
  const { body } = await waits("P-3");
  await waits("P-4", { priority: 3, shipComplete: true });
  return String(body.id);
};

for (const width of widths) {
  browserTest(`every page is accessible, and fits ${width} pixels, light and dark`, async (at) => {
    await stockOver(at.server, { ams: { mug: 20, lamp: 8 }, ber: { mug: 3 } });
    const { id, fulfillmentId } = await place(at, "P-1", { mug: 2, lamp: 1 });
    await place(at, "P-2", { mug: 1 });
    const waiting = await placeWaiting(at);
    await at.server.ask(`/v1/fulfillment-orders/${fulfillmentId}/accept`, {
      json: {},
    });
    for (const [path, json] of Object.entries(ofDates)) {
      await at.server.ask(path, { method: "PUT", json });
    }
    const paths = {
      "overview": "/",
      "orders": "/orders",
      "no-orders": "/orders?q=nothing",
      "order": `/orders/${id}`,
      "places": "/fulfillment",
      "queue": "/fulfillment/ams",
      "work": `/fulfillment-orders/${fulfillmentId}`,
      "pick-list": `/fulfillment-orders/${fulfillmentId}/pick-list`,
      "packing-slip": `/fulfillment-orders/${fulfillmentId}/packing-slip`,
      "pick-round": "/fulfillment/ams/pick-list",
      "inventory": "/inventory",
      "low-stock": "/inventory?show=low&below=5",
      "stock-row": "/inventory/ams/mug",
      "sku": "/inventory/mug",
      "awaited": "/inventory/tray",
      "waiting": `/orders/${waiting}`,
      "locations": "/locations",
      "location": "/locations/ams",
      "calendars": "/calendars",
      "calendar": "/calendars/work",
      "carriers": "/carriers",
      "carrier": "/carriers/dhl",
      "items": "/items",
      "item": "/items/mug",
      "keys": "/keys",
      "imports": "/imports",
      "verify": "/verify",
      "missing": "/orders/ord_nothing",
    };
    for (const dark of [false, true]) {
      await using one = await visitor(at, { width, dark });
      const { page } = one;
      await page.goto("/sign-in");
      await assertAccessible(page, "sign-in");
      await picture(page, `sign-in-${width}${dark ? "-dark" : ""}`);
      await signIn(page, adminKey);
      for (const [name, path] of Object.entries(paths)) {
        await page.goto(path);
        for (const summary of await page.locator("details.act > summary").all()) {
          await summary.click();
        }
        await assertAccessible(page, `${name} at ${width}${dark ? ", dark" : ""}`);
        await picture(page, `${name}-${width}${dark ? "-dark" : ""}`);
      }
      await page.goto("/verify");
      await page.getByRole("button", { name: "Verify now" }).click();
      await page.locator("#verdict").getByText("Everything holds").waitFor();
      await assertAccessible(page, "a verification");
      await picture(page, `verified-${width}${dark ? "-dark" : ""}`);
      assert.deepEqual(
        one.complaints.filter((text) => !text.includes("404 (Not Found)")),
        [],
      );
    }
  });
}
