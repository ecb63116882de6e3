/** Customers are told of their orders, by a real SMTP server: what, in which words, by whom, and how often. */
import assert from "node:assert/strict";
import { Context, Effect } from "effect";
import type { SMTPServer, SMTPServerOptions } from "smtp-server";
import type { Settings } from "../../api/settings.ts";
import { below } from "../../src/kernel/key.ts";
import { Store } from "../../src/store/store.ts";
import { clockOff, type MovedClock } from "../support/clock.ts";
import { cutAll, mailSettingsFor, type Received, reply, withSmtp } from "../support/smtp.ts";
import { eventually } from "../process/process.ts";
import { type Json, orderFor, startServer, type TestServer } from "../support/server.ts";

const address = "ada.example@customer.example";

const place = { name: "Amsterdam", type: "warehouse", address: { country: "NL" } };

/** A server with plenty of mugs, whose mail goes to a mail server of the test's. */
const withMail = (
  work: (stage: Stage) => Promise<void>,
  { smtp = {}, ...settings }: Partial<Settings> & { readonly smtp?: SMTPServerOptions } = {},
) =>
  withSmtp(smtp, async (port, received, mailServer) => {
    const clock = clockOff(0);
    await using server = await startServer({
      settings: { mail: mailSettingsFor(port), ...settings },
      clock,
    });
    const stage = new Stage(server, received, clock, mailServer);
    await stage.stock();
    await work(stage);
  });

class Stage {
  #orders = 0;

  constructor(
    readonly server: TestServer,
    readonly received: Received[],
    readonly clock: MovedClock,
    readonly mailServer: SMTPServer,
  ) {}

  async stock(): Promise<void> {
    await this.do("/v1/locations/ams", place, "PUT");
    await this.do("/v1/items/mug", { name: "Stoneware mug" }, "PUT");
    await this.do("/v1/inventory/adjustments", {
      ...{ locationId: "ams", reason: "received" },
      changes: [{ sku: "mug", delta: 100 }],
    });
  }

  async do(path: string, json: unknown = {}, method = "POST"): Promise<Json> {
    const answer = await this.server.ask(path, { method, json });
    assert.ok(answer.status < 300, `${path}: ${answer.text}`);
    return answer.body;
  }

  /** Places an order; nothing of it is sent before `rest`. */
  place(more: Readonly<Record<string, unknown>> = {}): Promise<Json> {
    return this.do(
      "/v1/orders",
      orderFor(`m-${++this.#orders}`, { mug: 2 }, {
        customer: { name: "Ada Example", email: address },
        ...more,
      }),
    );
  }

  async ship(order: Json): Promise<Json> {
    const at = `/v1/fulfillment-orders/${order.fulfillmentOrders?.[0]?.id}`;
    for (const step of ["accept", "pick", "pack"]) await this.do(`${at}/${step}`);
    return await this.do(`${at}/ship`, { carrier: "DHL", trackingNumber: "JD0146" });
  }

  /** Until nothing is to be sent now. */
  rest(): Promise<void> {
    return this.server.application.catchUp();
  }

  async later(ms: number): Promise<void> {
    this.clock.moveTo(this.clock.currentTimeMillisUnsafe() + ms);
    await this.rest();
  }

  async told(order: Json): Promise<Json> {
    const { status, body } = await this.server.ask(`/v1/orders/${order.id}/messages`);
    assert.equal(status, 200);
    return body;
  }

  /** Kinds and outcomes of an order's messages. */
  async outcomes(order: Json): Promise<readonly string[]> {
    return [...(await this.told(order)).data ?? []].map((each) => `${each.kind} ${each.outcome}`);
  }

  /** Everything that the store has, as text. */
  stored(family: string): Promise<string> {
    return Effect.runPromise(Effect.provide(
      Effect.gen(function* () {
        const store = yield* Store;
        const entries = yield* store.list({ ...below([family]), limit: 100 });
        return entries.map(({ value }) => new TextDecoder().decode(value ?? new Uint8Array()))
          .join("\n");
      }),
      Context.pick(Store)(this.server.application.context),
    ));
  }
}

Deno.test("a customer is told that the order is there, shipped and delivered, each once", () =>
  withMail(async (stage) => {
    const order = await stage.place();
    const { shipments } = await stage.ship(order);
    const shipmentId = String(shipments?.[0]?.id);
    await stage.do(`/v1/shipments/${shipmentId}/tracking`, {
      ...{ status: "delivered", occurredAt: new Date(stage.clock.currentTimeMillisUnsafe()) },
    });
    await stage.rest();
    const { received } = stage;
    assert.deepEqual(received.map(({ mail }) => mail.messageId), [
      `<${order.id}.order_received@nord.example>`,
      `<${order.id}.shipped.${shipmentId}@nord.example>`,
      `<${order.id}.delivered.${shipmentId}@nord.example>`,
    ]);
    for (const { to, mail } of received) {
      assert.deepEqual(to, [address]);
      assert.equal(mail.headers.get("auto-submitted"), "auto-generated");
      assert.match(mail.text ?? "", /Hello Ada Example,/);
      assert.match(mail.html || "", /Stoneware mug/);
    }
    const told = await stage.told(order);
    assert.equal(told.notTold, null);
    assert.deepEqual(
      [...told.data ?? []].map(({ kind, part, outcome, attempts, language }) => ({
        ...{ kind, part, outcome, attempts, language },
      })),
      [
        { kind: "order_received", part: null, outcome: "sent", attempts: 1, language: "en" },
        { kind: "shipped", part: shipmentId, outcome: "sent", attempts: 1, language: "en" },
        { kind: "delivered", part: shipmentId, outcome: "sent", attempts: 1, language: "en" },
      ],
    );
    const hashes = new Set([...told.data ?? []].map(({ addressHash }) => addressHash));
    assert.equal(hashes.size, 1);
    assert.match(String([...hashes][0]), /^[\w-]{22}$/);
    for (const family of ["customer_message", "waiting_message", "attempts", "log", "cursor"]) {
      assert.ok(!(await stage.stored(family)).includes(address), family);
    }
    const { body: status } = await stage.server.ask("/v1/status");
    const lane = [...status.lanes ?? []].find(({ name }) => String(name) === "message");
    assert.deepEqual([lane?.status, lane?.waiting], ["active", 0]);
    const metrics = await stage.server.ask("/metrics", { key: null });
    assert.match(metrics.text, /allot_lane_lag_seconds\{[^}]*lane="message"/);
    assert.match(metrics.text, /allot_messages_total\{[^}]*outcome="sent"/);
    const verified = await stage.do("/v1/admin/verify");
    assert.equal(verified.ok, true, JSON.stringify(verified));
  }));

Deno.test("a customer is told how to send it back, what comes in exchange, and what was refunded", () =>
  withMail(async (stage) => {
    const { server, received } = stage;
    await stage.do("/v1/locations/ams", {
      ...place,
      address: { line1: "Prinsengracht 1", city: "Amsterdam", country: "NL" },
    }, "PUT");
    await stage.do("/v1/return-policies/default", { expiresAfterDays: 30 }, "PUT");
    const amount = { amount: "20.00", currency: "USD" };
    const order = await stage.place({
      payments: [{ provider: "manual", method: "card", amount, status: "captured" }],
    });
    await stage.ship(order);
    const { id } = await stage.do(`/v1/orders/${order.id}/returns`, {
      lines: [{ lineId: "1", quantity: 1, reason: "unwanted" }],
      exchange: {
        lines: [{ sku: "mug", quantity: 1, unitPrice: { amount: "4.00", currency: "USD" } }],
      },
    });
    await stage.do(`/v1/returns/${id}/authorize`);
    await stage.rest();
    const about = (text: string) => received.filter(({ mail }) => mail.text?.includes(text)).length;
    assert.equal(about("Prinsengracht 1"), 1, "where to send it");
    await stage.do(`/v1/returns/${id}/receive`);
    await stage.do(`/v1/returns/${id}/inspect`, {
      lines: [{ lineId: "1", quantity: 1, disposition: "restock" }],
    });
    await stage.do(`/v1/orders/${order.id}/refunds`, { reason: "came back", credit: {} });
    const { payments: [payment] } = (await server.ask(`/v1/orders/${order.id}`)).body;
    await stage.do(`/v1/payments/${payment.id}/record`, {
      ...{ kind: "refund", reference: "bank-7" },
      amount: { amount: "6.00", currency: "USD" },
    });
    await stage.rest();
    const outcomes = await stage.outcomes(order);
    for (const kind of ["return_authorized", "exchanged", "return_received", "refunded"]) {
      assert.deepEqual(
        outcomes.filter((each) => each.startsWith(`${kind} `)),
        [`${kind} sent`],
        kind,
      );
    }
    assert.equal(about("$6.00"), 1, "how much was given back");
  }));

Deno.test("nobody is told of history, of what is silent, of a marketplace, or without an address", () =>
  withMail(async (stage) => {
    const nobody = { customer: { name: "Ada Example" } };
    const old = { placedAt: "2020-01-01T00:00:00Z" };
    const cases: readonly (readonly [string, Json])[] = [
      ["history", await stage.place(old)],
      ["silent", await stage.place({ metadata: { silent: "true" } })],
      ["channel", await stage.place({ channel: "amazon-de" })],
      ["no_address", await stage.place(nobody)],
    ];
    await stage.ship(cases[0]?.[1] ?? assert.fail());
    await stage.rest();
    assert.equal(stage.received.length, 0);
    for (const [reason, order] of cases) {
      assert.deepEqual(await stage.told(order), { notTold: reason, data: [] });
    }
    await stage.do("/v1/messages/channels/amazon-de", { language: "de" }, "PUT");
    await stage.place({ channel: "amazon-de" });
    await stage.do("/v1/messages/channels/web", { enabled: false }, "PUT");
    const quiet = await stage.place();
    await stage.rest();
    assert.deepEqual(stage.received.map(({ mail }) => mail.headers.get("content-language")), [
      "de",
    ]);
    assert.equal((await stage.told(quiet)).notTold, "channel");
  }));

Deno.test("imports tell nobody of history, nor of a file whose mapping says so", () =>
  withMail(async (stage) => {
    const of = (column: string) => ({ column });
    const mapping = {
      fields: {
        ...{ externalId: of("id"), sku: of("sku"), quantity: { constant: "1" } },
        ...{ unitPrice: { constant: "1.00" }, currency: { constant: "EUR" } },
        ...{ customerName: { constant: "Ada" }, customerEmail: { constant: address } },
        ...{ country: { constant: "NL" }, placedAt: of("placed") },
      },
    };
    const silent = { ...mapping, metadata: { silent: { constant: "true" } } };
    await stage.do("/v1/imports/mappings/news", mapping, "PUT");
    await stage.do("/v1/imports/mappings/silent", silent, "PUT");
    const now = new Date(stage.clock.currentTimeMillisUnsafe()).toISOString();
    const bring = async (mapping: string, id: string, placed: string) => {
      const answer = await stage.server.ask(`/v1/imports/orders?channel=web&mapping=${mapping}`, {
        body: `id,sku,placed\n${id},mug,${placed}\n`,
        headers: { "content-type": "text/csv" },
      });
      assert.equal(answer.status, 202, answer.text);
    };
    await bring("silent", "i-1", now);
    await bring("news", "i-2", "2020-05-01T10:00:00Z");
    await bring("news", "i-3", now);
    await eventually("all are placed", async () => {
      const { body } = await stage.server.ask("/v1/orders");
      return [...body.data ?? []].length === 3 || null;
    });
    await stage.rest();
    assert.deepEqual(stage.received.map(({ mail }) => mail.subject), ["We have your order i-3"]);
  }));

Deno.test("a channel has its own sender, name and language, and its templates are the saved ones", () =>
  withMail(async (stage) => {
    await stage.do("/v1/messages/channels/web", {
      ...{ from: "Süd <hallo@sued.example>", shopName: "Südlicht", language: "de-AT" },
    }, "PUT");
    await stage.do("/v1/messages/templates/order_received/de", {
      ...{ subject: "Servus {{ shop.name }}", html: "<p>{{ order.number }}</p>" },
    }, "PUT");
    await stage.place();
    await stage.rest();
    await stage.place({ metadata: { language: "en" } });
    await stage.rest();
    assert.deepEqual(
      stage.received.map(({ from, mail }) => [from, mail.from?.value[0]?.name, mail.subject]),
      [
        ["hallo@sued.example", "Süd", "Servus Südlicht"],
        ["hallo@sued.example", "Süd", "We have your order m-2"],
      ],
    );
    // The id stays what it was, whoever sends it.
    assert.ok(stage.received.every(({ mail }) => mail.messageId?.endsWith("@nord.example>")));
  }));

Deno.test("a template that fails for an order is not in the way of the message", () =>
  withMail(async (stage) => {
    await stage.do("/v1/messages/templates/order_received/en", {
      ...{ subject: "s", html: "{{ order.totals.discount.amount | divided_by: 0 }}" },
    }, "PUT");
    const order = await stage.place();
    await stage.rest();
    assert.deepEqual(await stage.outcomes(order), ["order_received sent"]);
  }));

Deno.test("what the mail server will never take is shown at the order, and is not tried again", () => {
  let asked = 0;
  return withMail(async (stage) => {
    const order = await stage.place();
    await stage.rest();
    await stage.later(2 * 3_600_000);
    assert.equal(asked, 1);
    const [message] = [...(await stage.told(order)).data ?? []];
    assert.equal(message?.outcome, "rejected");
    assert.equal(message?.reason, "550 no mailbox (address)");
    const { body: status } = await stage.server.ask("/v1/status");
    assert.equal([...status.lanes ?? []][0]?.failed, 0);
  }, {
    smtp: {
      onRcptTo: ({ address }, _, done) => {
        asked++;
        done(reply(550, `no mailbox ${address}`));
      },
    },
  });
});

Deno.test("what the mail server does not take now is tried again, and others do not wait for it", () => {
  let refusals = 1;
  return withMail(async (stage) => {
    const order = await stage.place();
    await stage.rest();
    assert.deepEqual(await stage.outcomes(order), ["order_received waiting"]);
    const other = await stage.place();
    await stage.rest();
    assert.deepEqual(await stage.outcomes(other), ["order_received sent"]);
    await stage.later(80_000);
    const [message] = [...(await stage.told(order)).data ?? []];
    assert.deepEqual([message?.outcome, message?.attempts, message?.reason], ["sent", 2, null]);
  }, {
    smtp: {
      onData: (stream, _, done) =>
        void stream.resume().on("end", () => done(refusals-- > 0 ? reply(451, "later") : null)),
    },
  });
});

Deno.test("what waits to be sent is not sent to who is not to be told any more", () => {
  let refusals = 1;
  return withMail(async (stage) => {
    const order = await stage.place();
    await stage.rest();
    await stage.do("/v1/messages/channels/web", { enabled: false }, "PUT");
    await stage.later(80_000);
    assert.deepEqual(await stage.outcomes(order), ["order_received expired"]);
    assert.equal(stage.received.length, 0);
  }, {
    smtp: { onMailFrom: (_, __, done) => done(refusals-- > 0 ? reply(452, "no space") : null) },
  });
});

Deno.test("what cannot be sent for a day is no news any more", () =>
  withMail(async (stage) => {
    const order = await stage.place();
    await stage.rest();
    for (const hours of [2, 10, 20]) await stage.later(hours * 3_600_000);
    assert.deepEqual(await stage.outcomes(order), ["order_received expired"]);
  }, { smtp: { onMailFrom: (_, __, done) => done(reply(452, "no space")) } }));

Deno.test("an answer that is lost after the message leaves it ambiguous, and it is not sent again", () => {
  let taken = 0;
  let cut = () => {};
  return withMail(async (stage) => {
    cut = () => cutAll(stage.mailServer);
    const order = await stage.place();
    await stage.rest();
    await stage.later(2 * 3_600_000);
    assert.deepEqual(await stage.outcomes(order), ["order_received ambiguous"]);
    assert.equal(taken, 1);
  }, {
    smtp: {
      onData: (stream) =>
        void stream.resume().on("end", () => {
          taken++;
          cut();
        }),
    },
  });
});

Deno.test("messages begin with what happens after a mail server was first set", async () => {
  const path = await Deno.makeTempFile({ suffix: ".sqlite3" });
  await withSmtp({}, async (port, received) => {
    const start = async (mail: Settings["mail"], work: (stage: Stage) => Promise<void>) => {
      await using server = await startServer({ path, settings: { mail } });
      await work(new Stage(server, received, clockOff(0), {} as SMTPServer));
    };
    await start(undefined, async (stage) => {
      await stage.stock();
      const order = await stage.place();
      await stage.rest();
      assert.deepEqual(await stage.told(order), { notTold: "not_set_up", data: [] });
      const { body: status } = await stage.server.ask("/v1/status");
      assert.deepEqual([...status.lanes ?? []], []);
    });
    await start(mailSettingsFor(port), async (stage) => {
      await stage.rest();
      await stage.place({ externalId: "new" });
      await stage.rest();
    });
    // While none was set, nothing is forgotten that is news still.
    await start(undefined, async (stage) => void await stage.place({ externalId: "between" }));
    await start(mailSettingsFor(port), (stage) => stage.rest());
    assert.deepEqual(received.map(({ mail }) => mail.subject), [
      "We have your order new",
      "We have your order between",
    ]);
  });
  await Deno.remove(path);
});
