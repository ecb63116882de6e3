/** Files as marketplaces and shops write them, imported over HTTP: to the cent, and each row with its result. */
import assert from "node:assert/strict";
import { sampleBytes, small } from "../import/samples.ts";
import { eventually } from "../process/process.ts";
import { type Json, startServer, stockOver, type TestServer } from "../support/server.ts";

const skus = [
  ..."MUG-01 CARD-9 TV-24 FERN-1 TOTE-1 MUG-1 SOAP-1 SQ-1 SQ-2 SQ-3".split(" "),
  "Gift wrap",
  "00017",
];

const withStock = async (test: (server: TestServer) => Promise<void>): Promise<void> => {
  await using server = await startServer();
  await stockOver(server, { ams: Object.fromEntries(skus.map((sku) => [sku, 1_000])) });
  await test(server);
};

const imported = async (
  server: TestServer,
  body: BodyInit,
  query: string,
  type = "text/csv",
): Promise<Json> => {
  const accepted = await server.ask(`/v1/imports/orders?channel=shop&${query}`, {
    method: "POST",
    body,
    headers: { "content-type": type },
  });
  assert.equal(accepted.status, 202, accepted.text);
  return await eventually("that the import ends", async () => {
    const { body } = await server.ask(`/v1/imports/${accepted.body.id}`);
    return String(body.status) === "completed" ? body : null;
  });
};

/** What became of each row, and the orders' totals. */
const outcomesOf = async (server: TestServer, job: Json) => {
  const rows = [...job.results].map(({ line, outcome }) => `${line} ${outcome}`);
  const ids = new Set([...job.results].flatMap(({ orderId }) => orderId ? [String(orderId)] : []));
  const totals: string[] = [];
  for (const id of ids) {
    const { body } = await server.ask(`/v1/orders/${id}`);
    totals.push(`${body.externalId} ${body.totals.subtotal.amount} ${body.totals.total.amount}`);
  }
  return { rows, totals };
};

interface Sample {
  readonly file: string;
  readonly mapping: string;
  readonly type?: string;
  readonly rows: readonly string[];
  /** External id, goods and total of each order. */
  readonly totals: readonly string[];
}

const samples: readonly Sample[] = [
  {
    file: "amazon-orders.txt",
    mapping: "amazon",
    rows: ["2 created", "3 created", "4 created", "5 created", "6 created"],
    totals: [
      "902-1111111-0000001 39.98 48.17",
      "902-1111111-0000002 24.50 24.50",
      "902-1111111-0000003 5.00 5.00",
      "902-1111111-0000004 5.00 5.00",
      "902-1111111-0000005 19.99 26.58",
    ],
  },
  {
    file: "amazon-all-orders.txt",
    mapping: "amazon",
    rows: ["2 created", "3 skipped", "4 skipped", "5 created", "6 created"],
    totals: ["902-2222222-0000001 19.99 21.59", "902-2222222-0000003 39.98 43.18"],
  },
  {
    file: "amazon-jp-sjis.txt",
    mapping: "amazon",
    type: "text/csv; charset=Shift_JIS",
    rows: ["2 created"],
    totals: ["249-1111111-0000001 1980 1980"],
  },
  {
    file: "shopify-orders.csv",
    mapping: "shopify",
    rows: ["2 created", "4 created", "5 created", "6 created", "7 created"],
    totals: ["#1001 52.00 56.29", "#1002 30.00 30.00", "#1003 25.00 0.00"],
  },
  {
    file: "woocommerce-orders.csv",
    mapping: "woocommerce",
    rows: ["2 created", "3 created", "4 created"],
    totals: ["3001 44.98 53.57", "3002 19.99 14.99"],
  },
  {
    file: "ebay-orders.csv",
    mapping: "ebay",
    rows: ["4 created", "5 created", "6 created", "7 created", "9 skipped", "10 skipped"],
    totals: ["27-00001-00001 19.99 23.99", "27-00001-00002 44.98 50.98"],
  },
  {
    file: "etsy-items.csv",
    mapping: "etsy",
    rows: ["2 created", "3 created", "4 created"],
    totals: ["9001 73.00 81.00", "9002 9.00 13.65"],
  },
  {
    file: "squarespace-orders.csv",
    mapping: "squarespace",
    rows: ["2 created", "3 created", "4 skipped"],
    totals: ["00017 20.00 30.00"],
  },
  {
    file: "bigcommerce-orders.csv",
    mapping: "bigcommerce",
    rows: ["2 created"],
    totals: ["701 44.98 48.98"],
  },
];

for (const { file, mapping, type, rows, totals } of samples) {
  Deno.test(`${file} is imported to the cent by the ready mapping, and once`, () =>
    withStock(async (server) => {
      const job = await imported(server, sampleBytes(file), `mapping=${mapping}`, type);
      assert.deepEqual(await outcomesOf(server, job), { rows, totals });
      assert.equal(job.summary.orders.created, totals.length);
      assert.equal(job.summary.rows.total, rows.length);
      const again = await imported(server, sampleBytes(file), `mapping=${mapping}`, type);
      assert.deepEqual(await outcomesOf(server, again), {
        rows: rows.map((row) => row.replace("created", "duplicate")),
        totals,
      });
    }));
}

Deno.test("a text with tabs, an order apart and a long number are what they are", () =>
  withStock(async (server) => {
    const save = async (name: string, mapping: unknown) => {
      const saved = await server.ask(`/v1/imports/mappings/${name}`, {
        method: "PUT",
        json: mapping,
      });
      assert.equal(saved.status, 201, saved.text);
      return saved.body;
    };
    const fields = (externalId: string, quantity: string, price: string) => ({
      externalId: { column: externalId },
      sku: { column: "sku" },
      quantity: { column: quantity },
      unitPrice: { column: price },
      currency: { constant: "usd" },
      country: { column: "country" },
    });
    const tabs = await save("tabs", {
      fields: fields("order-id", "quantity", "price"),
      csv: { delimiter: "\t" },
    });
    assert.equal(tabs.csv.quoting, "none");
    const swallow = await imported(server, sampleBytes("tsv-quotes-swallow.txt"), "mapping=tabs");
    assert.deepEqual(await outcomesOf(server, swallow), {
      rows: ["2 created", "3 created", "4 created"],
      totals: ["T-1 19.99 19.99", "T-2 25.00 25.00", "T-3 5.00 5.00"],
    });
    await save("long", { fields: fields("order_id", "qty", "price") });
    const long = await imported(
      server,
      sampleBytes("long-ids.ndjson"),
      "mapping=long",
      "application/x-ndjson",
    );
    assert.deepEqual((await outcomesOf(server, long)).totals, [
      "576461413038785752 19.99 19.99",
      "576461413038785753 10.00 10.00",
    ]);
    await save("small", small());
    const apart = await imported(server, sampleBytes("not-adjacent.csv"), "mapping=small");
    assert.deepEqual(await outcomesOf(server, apart), {
      rows: ["2 created", "3 created", "4 created"],
      totals: ["A1 17.50 17.50", "A2 12.50 12.50"],
    });
  }));

Deno.test("a mapping that is saved under a ready one's name counts instead", () =>
  withStock(async (server) => {
    const list = await server.ask("/v1/imports/ready-mappings");
    const etsy = [...list.body.data].find(({ name }) => String(name) === "etsy");
    assert.ok(etsy !== undefined);
    const saved = await server.ask("/v1/imports/mappings/etsy", {
      method: "PUT",
      json: { ...etsy.mapping, fields: { ...etsy.mapping.fields, currency: { constant: "AUD" } } },
    });
    assert.equal(saved.status, 201, saved.text);
    const job = await imported(server, sampleBytes("etsy-items.csv"), "mapping=etsy");
    assert.deepEqual(job.summary.amounts, [{ amount: "82.00", currency: "AUD" }]);
    const unknown = await server.ask("/v1/imports/orders?channel=shop&mapping=gumroad", {
      method: "POST",
      body: "a,b\n",
      headers: { "content-type": "text/csv" },
    });
    assert.equal(unknown.status, 422);
  }));

Deno.test("what no file could be read by is not saved", async () => {
  await using server = await startServer();
  const refused = async (mapping: unknown) => {
    const { status, body, text } = await server.ask("/v1/imports/mappings/x", {
      method: "PUT",
      json: mapping,
    });
    assert.equal(status, 422, text);
    return [...body.errors].map(({ pointer }) => String(pointer));
  };
  assert.deepEqual(await refused(small({ currency: { constant: "EURO" } })), [
    "/fields/currency/constant",
  ]);
  assert.deepEqual(await refused(small({ lineTotal: { column: "Total" } })), ["/fields/lineTotal"]);
  assert.deepEqual(await refused(small({}, { numbers: { decimal: ",", group: "," } })), [
    "/numbers/group",
  ]);
});

Deno.test("an order shows its note, which is in no log", () =>
  withStock(async (server) => {
    const note = "Leave it at the back door, please. ".repeat(140).trim();
    const placed = await server.ask("/v1/orders", {
      json: {
        channel: "shop",
        externalId: "N1",
        currency: "USD",
        customer: { name: "Ida" },
        shippingAddress: { country: "US" },
        lines: [{ sku: "MUG-01", quantity: 1, unitPrice: { amount: "1.00", currency: "USD" } }],
        note: ` ${note}\n`,
      },
    });
    assert.equal(placed.status, 201, placed.text);
    assert.equal(placed.body.note, note);
    assert.equal((await server.ask(`/v1/orders/${placed.body.id}`)).body.note, note);
    const events = await server.ask(`/v1/orders/${placed.body.id}/events`);
    assert.ok(!events.text.includes("back door"));
    const proof = await server.ask("/v1/admin/verify", { method: "POST" });
    assert.deepEqual(proof.body.violations, []);
  }));
