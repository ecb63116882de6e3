import assert from "node:assert/strict";
import { Context, Effect } from "effect";
import { Inventory } from "../../actors/stock/inventory.ts";
import { KvStore } from "../../src/store/kv.ts";
import { below } from "../../src/kernel/key.ts";
import { Store } from "../../src/store/store.ts";
import { unpackValue } from "../../src/store/values.ts";
import { importLimits } from "../../src/import/limits.ts";
import type { ImportJob, OutcomeCounts, RowOutcome, RowResult } from "../../src/import/job.ts";
import type { Money } from "../../src/kernel/money.ts";
import { type Application, startApplication } from "../../api/server.ts";
import { eventually } from "../actors/services.ts";
import { stockUp } from "../support/engine.ts";
import { readRetail, retailMapping } from "../import/retail.ts";

const adminKey = "test-admin-key";

const withApplication = async (test: (application: Application) => Promise<void>) => {
  const application = await startApplication({
    port: 0,
    host: "127.0.0.1",
    kvPath: ":memory:",
    adminKey,
    logLevel: "Error",
    shelves: 1,
    autoCloseAfterMs: 3_600_000,
    inFlightCommands: 100,
  }, KvStore.layer({ path: ":memory:" }));
  try {
    await test(application);
  } finally {
    await application.close();
  }
};

const stock = (application: Application, units: Readonly<Record<string, number>>) =>
  Effect.runPromiseWith(application.context)(stockUp({ london: units }));

interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

const call = async <Body>(
  application: Application,
  method: string,
  path: string,
  options: {
    readonly body?: BodyInit | undefined;
    readonly type?: string;
    readonly key?: string;
    readonly headers?: Readonly<Record<string, string>>;
  } = {},
): Promise<Answer<Body>> => {
  const response = await application.fetch(
    new Request(`http://allot${path}`, {
      method,
      headers: {
        authorization: `Bearer ${options.key ?? adminKey}`,
        ...(options.body === undefined ? {} : { "content-type": options.type ?? "text/csv" }),
        ...options.headers,
      },
      ...(options.body === undefined ? {} : { body: options.body }),
    }),
  );
  return { status: response.status, headers: response.headers, body: await response.json() };
};

interface ImportBody {
  readonly id: string;
  readonly status: string;
  readonly detail?: string;
  readonly uploaded: boolean;
  readonly bytesRead: number;
  readonly summary: {
    readonly rows: OutcomeCounts & { readonly total: number; readonly skipped: number };
    readonly orders: OutcomeCounts;
    readonly lines: number;
    readonly units: number;
    readonly unitsReserved: number;
    readonly amounts: readonly Money[];
  };
  readonly results?: readonly RowResult[];
}

interface ProblemBody {
  readonly type: string;
  readonly detail: string;
  readonly errors?: readonly { readonly parameter?: string; readonly pointer?: string }[];
}

interface PageBody<A> {
  readonly data: readonly A[];
  readonly nextCursor: string | null;
}

/** The job when it is over. */
const finished = (application: Application, path: string, key?: string) =>
  Effect.runPromise(
    eventually(
      Effect.promise(() =>
        call<ImportBody>(application, "GET", path, key === undefined ? {} : { key })
      ),
      ({ body }) => body.status !== "running",
    ),
  ).then(({ body }) => body);

const importText = async (
  application: Application,
  text: BodyInit,
  query = "channel=web",
  headers: Readonly<Record<string, string>> = {},
) => {
  const accepted = await call<ImportBody>(
    application,
    "POST",
    `/v1/imports/orders?${query}`,
    { body: text, headers },
  );
  assert.equal(accepted.status, 202, JSON.stringify(accepted.body));
  assert.equal(accepted.body.uploaded, true);
  const location = accepted.headers.get("location") ?? "";
  assert.equal(location, `/v1/imports/${accepted.body.id}`);
  return await finished(application, location);
};

const headings = "externalId,sku,quantity,unitPrice,currency,country";
const row = (externalId: string, sku: string, quantity: number): string =>
  `${externalId},${sku},${quantity},2.50,GBP,GB`;

Deno.test("the retail data is imported to the unit and the penny, and a second time changes nothing", async () => {
  const text = await readRetail();
  await withApplication(async (application) => {
    const skus = new Set(text.split("\n").slice(1).map((line) => line.split(",")[1] ?? ""));
    const all = [...skus];
    for (let n = 0; n < all.length; n += 100) {
      await stock(
        application,
        Object.fromEntries(all.slice(n, n + 100).map((sku) => [sku, 1_000])),
      );
    }
    const saved = await call(application, "PUT", "/v1/imports/mappings/retail", {
      body: JSON.stringify(retailMapping),
      type: "application/json",
    });
    assert.equal(saved.status, 201);

    const first = await importText(application, text, "channel=retail&mapping=retail");
    assert.equal(first.status, "completed");
    assert.deepEqual(first.summary.orders, { created: 19, duplicate: 0, rejected: 3, credit: 1 });
    assert.deepEqual(first.summary.rows, {
      total: 183,
      created: 135,
      duplicate: 0,
      rejected: 47,
      credit: 1,
      skipped: 0,
    });
    assert.equal(first.summary.lines, 135);
    assert.equal(first.summary.units, 2_067);
    assert.equal(first.summary.unitsReserved, 2_067);
    assert.deepEqual(first.summary.amounts, [{ amount: "4757.16", currency: "GBP" }]);
    assert.equal(first.bytesRead, new TextEncoder().encode(text).length);
    const results = first.results ?? [];
    assert.deepEqual(results.map(({ line }) => line), Array.from({ length: 183 }, (_, n) => n + 2));
    assert.deepEqual(
      results.filter(({ detail }) => detail?.startsWith("The row has")).map(({ line }) => line),
      [121, 172, 175, 179],
    );
    assert.deepEqual(
      results.filter(({ outcome }) => outcome === "credit").map(({ externalId }) => externalId),
      ["C536383"],
    );

    const reserved = async () => {
      const inventory = Context.get(application.context, Inventory);
      const levels = await Effect.runPromise(inventory.levels({ limit: 1_000 }));
      return levels.reduce((sum, level) => sum + level.reserved, 0);
    };
    assert.equal(await reserved(), 2_067);

    const second = await importText(application, text, "channel=retail&mapping=retail");
    assert.deepEqual(second.summary.orders, { created: 0, duplicate: 19, rejected: 3, credit: 1 });
    assert.equal(second.summary.units, 0);
    assert.deepEqual(
      second.results?.filter(({ outcome }) => outcome === "duplicate").map((one) => one.orderId),
      results.filter(({ outcome }) => outcome === "created").map(({ orderId }) => orderId),
    );
    assert.equal(await reserved(), 2_067);
  });
});

Deno.test("twin lines of one sku are two lines that count together", () =>
  withApplication(async (application) => {
    await stock(application, { mug: 5 });
    const twins = [headings, row("A", "mug", 2), row("A", "mug", 3)].join("\n");
    const { summary } = await importText(application, twins);
    assert.deepEqual(summary.orders, { created: 1, duplicate: 0, rejected: 0, credit: 0 });
    assert.equal(summary.lines, 2);
    assert.equal(summary.unitsReserved, 5);

    await stock(application, { mug: 5 });
    const tooMany = [headings, row("B", "mug", 3), row("B", "mug", 3)].join("\n");
    const { results } = await importText(application, tooMany);
    const pointer = (index: number) => `/lines/${index}/quantity`;
    assert.deepEqual(
      results?.map(({ problem, errors }) => [problem, errors]),
      [0, 1].map((index) => ["insufficient-stock", [{
        pointer: pointer(index),
        column: "quantity",
        detail: "6 of mug asked for, 5 available",
      }]]),
    );
  }));

Deno.test("an order that is there with other content is rejected, the rest is created", () =>
  withApplication(async (application) => {
    await stock(application, { mug: 50 });
    await importText(application, [headings, row("A", "mug", 2)].join("\n"));
    const text = [headings, row("A", "mug", 3), row("B", "mug", 1)].join("\n");
    const { results } = await importText(application, text);
    assert.deepEqual(results?.map(({ outcome, problem }) => [outcome, problem]), [
      ["rejected", "order-exists"],
      ["created", undefined],
    ]);
  }));

Deno.test("whole orders come as NDJSON, each for its own channel if none is given", () =>
  withApplication(async (application) => {
    await stock(application, { mug: 50 });
    const order = (externalId: string, more: object) =>
      JSON.stringify({
        externalId,
        currency: "GBP",
        customer: { name: "Ann" },
        shippingAddress: { country: "GB" },
        lines: [{ sku: "mug", quantity: 1, unitPrice: { amount: "1.00", currency: "GBP" } }],
        ...more,
      });
    const accepted = await call<ImportBody>(application, "POST", "/v1/imports/orders", {
      type: "application/x-ndjson",
      body: [order("A", { channel: "web" }), order("A", { channel: "shop" }), order("B", {})].join(
        "\n",
      ),
    });
    assert.equal(accepted.status, 202);
    const { results } = await finished(application, `/v1/imports/${accepted.body.id}`);
    assert.deepEqual(results?.map(({ outcome }) => outcome), ["created", "created", "rejected"]);
    assert.equal(results?.[2]?.errors?.[0]?.pointer, "/channel");
  }));

Deno.test("what cannot be read at all is refused at once, and leaves no job", () =>
  withApplication(async (application) => {
    const refused = async (query: string, body: string, type = "text/csv") => {
      const answer = await call<ProblemBody>(
        application,
        "POST",
        `/v1/imports/orders?${query}`,
        { body, type },
      );
      return [answer.status, answer.body.errors?.[0]?.parameter];
    };
    const text = [headings, row("A", "mug", 1)].join("\n");
    assert.deepEqual(await refused("", text), [422, "channel"]);
    assert.deepEqual(await refused("channel=web&mapping=nothing", text), [422, "mapping"]);
    assert.deepEqual(await refused("channel=web&surprise=1", text), [422, "surprise"]);
    assert.deepEqual(await refused("channel=web", "a,b\n1,2\n"), [422, undefined]);
    assert.deepEqual(await refused("channel=web", ""), [422, undefined]);
    assert.deepEqual(await refused("channel=web", text, "application/json"), [415, undefined]);
    assert.deepEqual(await storedJobs(application), []);
  }));

const storedJobs = (application: Application): Promise<readonly ImportJob[]> =>
  Effect.runPromise(
    Effect.map(
      Context.get(application.context, Store).list({ ...below(["import_job"]), limit: 10 }),
      (entries) =>
        entries.flatMap(({ value }) => value === null ? [] : [unpackValue<ImportJob>(value)]),
    ),
  );

Deno.test("an upload that breaks off places the orders before the last, and says so", () =>
  withApplication(async (application) => {
    await stock(application, { mug: 50 });
    const encoder = new TextEncoder();
    const pieces = [
      `${headings}\n${row("A", "mug", 1)}\n${row("B", "mug", 1)}\n`,
      row("B", "mu", 1),
    ];
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: (controller) => {
        const piece = pieces.shift();
        if (piece === undefined) controller.error(new Error("connection reset"));
        else controller.enqueue(encoder.encode(piece));
      },
    });
    const answer = await call<ProblemBody>(application, "POST", "/v1/imports/orders?channel=web", {
      body,
    });
    assert.deepEqual([answer.status, answer.body.type], [400, "/problems/malformed-request"]);
    const [job] = await storedJobs(application);
    const over = await finished(application, `/v1/imports/${job?.id}`);
    assert.equal(over.status, "interrupted");
    assert.equal(over.uploaded, false);
    assert.ok(over.summary.orders.created <= 1);
    assert.ok(over.results?.every(({ externalId }) => externalId === "A"));

    const whole = [headings, row("A", "mug", 1), row("B", "mug", 1), row("B", "mug", 1)].join("\n");
    const again = await importText(application, whole);
    assert.equal(again.summary.orders.created + again.summary.orders.duplicate, 2);
    assert.equal(again.summary.orders.rejected, 0);
  }));

Deno.test("uploads of one key that do not go on keep nobody else from importing", () =>
  withApplication(async (application) => {
    await stock(application, { mug: 5 });
    const made = await call<{ readonly key: string }>(application, "POST", "/v1/admin/keys", {
      type: "application/json",
      body: JSON.stringify({ name: "web", role: "channel", scope: { channel: "web" } }),
    });
    const feeds: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>[] = [];
    const stalled = Array.from(
      { length: importLimits.runningJobsPerKey + 2 },
      () =>
        call(application, "POST", "/v1/imports/orders?channel=slow", {
          body: new ReadableStream<Uint8Array<ArrayBuffer>>({
            start: (controller) => void feeds.push(controller),
          }),
        }),
    );
    const text = [headings, row("A", "mug", 1)].join("\n");
    const own = await call<ImportBody>(application, "POST", "/v1/imports/orders", {
      body: text,
      key: made.body.key,
    });
    assert.equal(own.status, 202);
    for (const feed of feeds) feed.error(new Error("connection reset"));
    for (const answer of await Promise.all(stalled)) assert.equal(answer.status, 400);
    // All that they held is there again.
    assert.equal((await importText(application, text)).summary.orders.duplicate, 1);
  }));

Deno.test("an import is read in the charset that its media type names, or refused", () =>
  withApplication(async (application) => {
    await stock(application, { mug: 5 });
    const text = [headings, row("Caf\u00e9", "mug", 1)].join("\n");
    const post = (body: BodyInit, charset: string) =>
      call<ImportBody & ProblemBody>(application, "POST", "/v1/imports/orders?channel=web", {
        body,
        type: `text/csv; charset=${charset}`,
      });
    const latin = Uint8Array.from(text, (character) => character.charCodeAt(0));
    for (
      const [body, charset] of [[latin, "ISO-8859-1"], [text, '"utf-8"'], [
        latin,
        "windows-1252",
      ]] as const
    ) {
      const answer = await post(body, charset);
      assert.equal(answer.status, 202, charset);
      const job = await finished(application, `/v1/imports/${answer.body.id}`);
      assert.deepEqual(job.results?.map(({ externalId }) => externalId), ["Caf\u00e9"], charset);
    }
    const refused = await post(text, "koi8-r");
    assert.deepEqual(
      [refused.status, refused.body.type],
      [415, "/problems/unsupported-media-type"],
    );
  }));

Deno.test("a repeated key gets the first answer, and another file of the same size is refused", () =>
  withApplication(async (application) => {
    await stock(application, { mug: 50 });
    const key = { "idempotency-key": "import-1" };
    const text = [headings, row("A", "mug", 1)].join("\n");
    const first = await importText(application, text, "channel=web", key);
    const post = (body: string) =>
      call<ImportBody & ProblemBody>(application, "POST", "/v1/imports/orders?channel=web", {
        body,
        headers: key,
      });
    const repeat = await post(text);
    assert.equal(repeat.status, 202);
    assert.equal(repeat.headers.get("idempotent-replayed"), "true");
    assert.equal(repeat.body.id, first.id);
    const other = await post(text.replace("A,", "B,"));
    assert.deepEqual([other.status, other.body.type], [422, "/problems/idempotency-mismatch"]);
    assert.equal((await storedJobs(application)).length, 1);
  }));

Deno.test("results come in pages in the order of the file, all of them or of one outcome", () =>
  withApplication(async (application) => {
    await stock(application, { mug: 5_000 });
    const rows = importLimits.resultsPerPage * 2 + 100;
    const text = [
      headings,
      ...Array.from({ length: rows }, (_, n) => row(`A${n}`, n % 10 === 3 ? "" : "mug", 1)),
    ].join("\n");
    const { id, results, summary } = await importText(application, text);
    assert.equal(results, undefined);
    assert.equal(summary.orders.created, rows * 0.9);
    const read = async (outcome?: RowOutcome) => {
      const found: RowResult[] = [];
      let cursor: string | null = null;
      do {
        const query = new URLSearchParams({
          limit: "150",
          ...(outcome === undefined ? {} : { outcome }),
          ...(cursor === null ? {} : { cursor }),
        });
        const page: Answer<PageBody<RowResult>> = await call(
          application,
          "GET",
          `/v1/imports/${id}/results?${query}`,
        );
        assert.equal(page.status, 200);
        found.push(...page.body.data);
        cursor = page.body.nextCursor;
      } while (cursor !== null);
      return found;
    };
    const everything = await read();
    assert.deepEqual(
      everything.map(({ line }) => line),
      Array.from({ length: rows }, (_, n) => n + 2),
    );
    assert.deepEqual(
      await read("rejected"),
      everything.filter((one) => one.outcome === "rejected"),
    );
    const bad = await call(application, "GET", `/v1/imports/${id}/results?cursor=x`);
    assert.equal(bad.status, 422);
  }));

Deno.test("a channel's key imports for its channel and sees its own imports alone", () =>
  withApplication(async (application) => {
    await stock(application, { mug: 5 });
    const made = await call<{ readonly key: string }>(application, "POST", "/v1/admin/keys", {
      type: "application/json",
      body: JSON.stringify({ name: "web", role: "channel", scope: { channel: "web" } }),
    });
    const { key } = made.body;
    assert.equal(typeof key, "string", JSON.stringify(made));
    const text = [headings, row("A", "mug", 1)].join("\n");
    const post = (query: string) =>
      call<ImportBody>(application, "POST", `/v1/imports/orders${query}`, { body: text, key });
    assert.equal((await post("?channel=shop")).status, 403);
    const own = await post("");
    assert.equal(own.status, 202);
    assert.equal(
      (await finished(application, `/v1/imports/${own.body.id}`, key)).status,
      "completed",
    );
    const other = await importText(application, text, "channel=shop");
    assert.equal((await call(application, "GET", `/v1/imports/${other.id}`, { key })).status, 404);
    const mapping = { body: JSON.stringify(retailMapping), type: "application/json", key };
    assert.equal(
      (await call(application, "PUT", "/v1/imports/mappings/own", mapping)).status,
      403,
    );
  }));

Deno.test("mappings are saved under their versions, listed by name, and checked", () =>
  withApplication(async (application) => {
    const put = (name: string, mapping: unknown, headers: Readonly<Record<string, string>> = {}) =>
      call<ProblemBody & { readonly version: number }>(
        application,
        "PUT",
        `/v1/imports/mappings/${name}`,
        { body: JSON.stringify(mapping), type: "application/json", headers },
      );
    assert.equal((await put("b", retailMapping)).status, 201);
    assert.equal((await put("a", retailMapping)).status, 201);
    assert.equal((await put("a", retailMapping)).body.version, 1);
    const german = { ...retailMapping, numbers: { decimal: ",", group: "." } };
    assert.equal((await put("a", german, { "if-match": '"7"' })).status, 412);
    assert.equal((await put("a", german, { "if-match": '"1"' })).body.version, 2);
    assert.equal((await put("a", german, { "if-none-match": "*" })).status, 412);
    const one = await call(application, "GET", "/v1/imports/mappings/a");
    assert.equal(one.headers.get("etag"), '"2"');
    const list = await call<PageBody<{ readonly name: string }>>(
      application,
      "GET",
      "/v1/imports/mappings?limit=1",
    );
    assert.deepEqual(list.body.data.map(({ name }) => name), ["a"]);
    const rest = await call<PageBody<{ readonly name: string }>>(
      application,
      "GET",
      `/v1/imports/mappings?cursor=${list.body.nextCursor}`,
    );
    assert.deepEqual([rest.body.data.map(({ name }) => name), rest.body.nextCursor], [["b"], null]);
    for (
      const wrong of [
        {},
        { ...retailMapping, surprise: 1 },
        { ...retailMapping, dateFormat: "H:mm" },
        { ...retailMapping, timeZone: "Mars/Olympus" },
        { ...retailMapping, countries: { EIRE: "Ireland" } },
        { ...retailMapping, numbers: { decimal: ",", group: "," } },
      ]
    ) {
      assert.equal((await put("a", wrong)).status, 422, JSON.stringify(wrong));
    }
    assert.equal((await call(application, "GET", "/v1/imports/mappings/none")).status, 404);
    assert.equal((await call(application, "GET", "/v1/imports/none")).status, 404);
  }));
