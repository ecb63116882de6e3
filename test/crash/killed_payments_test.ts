/** A process that is killed while a payment provider has a call of it in hand. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import {
  assertSound,
  type EngineProcess,
  eventually,
  placeOrder,
  startFlags,
  startProcess,
  stockUp,
  withFolder,
} from "../process/process.ts";

const wrongClock = fileURLToPath(new URL("../process/supervisor/wrong-clock.ts", import.meta.url));
/** Each life begins when nobody waits any more for what the last one had begun. */
const betweenLivesMs = 2 * 60_000;

interface Done {
  readonly kind: string;
  readonly paymentId: string;
  readonly amount: { readonly amount: string };
}

/** Does what it is asked for once, or not at all, and says so, or does not. */
class Provider implements AsyncDisposable {
  does: "all" | "nothing" = "all";
  isSilent = false;
  readonly ledger = new Map<string, Done>();
  /** Ids that it was called for, as often as it was. */
  readonly calls: string[] = [];
  readonly #kept = new AbortController();
  readonly #server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {}, signal: this.#kept.signal },
    (request) => this.#answer(request),
  );

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  async #answer(request: Request): Promise<Response> {
    if (request.method === "GET") {
      const id = request.url.split("/").at(-1) ?? "";
      return this.ledger.has(id)
        ? Response.json({ status: "succeeded", reference: `at_${id}` })
        : new Response(null, { status: 404 });
    }
    const { id, ...asked } = await request.json();
    this.calls.push(id);
    if (this.does === "all" && !this.ledger.has(id)) this.ledger.set(id, asked);
    if (this.isSilent) return await new Promise<never>(() => {});
    return Response.json({ status: "succeeded", reference: `at_${id}` });
  }

  sumOf(paymentId: string, kind: string): number {
    let sum = 0;
    for (const done of this.ledger.values()) {
      if (done.paymentId === paymentId && done.kind === kind) sum += Number(done.amount.amount);
    }
    return sum;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#kept.abort();
    await this.#server.finished;
  }
}

const usd = (amount: string) => ({ amount, currency: "USD" });

/** An engine with the provider's stand, in one life after another. */
class Lives {
  #life = 0;

  constructor(private readonly cwd: string, readonly provider: Provider) {}

  start(): Promise<EngineProcess> {
    return startProcess({
      cwd: this.cwd,
      flags: [...startFlags, "--preload", wrongClock],
      env: {
        ALLOT_KV: "store.sqlite3",
        ALLOT_OUTBOUND_ALLOW: "127.0.0.1",
        CLOCK_OFFSET_MS: String(betweenLivesMs * this.#life++),
      },
    });
  }
}

const done = async (engine: EngineProcess, path: string, json: unknown = {}) => {
  const { status, body, text } = await engine.ask(path, { json });
  assert.ok(status === 200 || status === 201, `${path}: ${text}`);
  return body;
};

/** A paid order that has left: its money is asked for. Its id. */
const ship = async (engine: EngineProcess, externalId: string): Promise<string> => {
  const { status, text, body } = await placeOrder(engine, externalId, { mug: 2 }, {
    payments: [{
      ...{ provider: "card", status: "authorized", amount: usd("500.00") },
      reference: `pi_${externalId}`,
    }],
  });
  assert.equal(status, 201, text);
  const work = `/v1/fulfillment-orders/${body["fulfillmentOrders"][0]?.["id"]}`;
  for (const step of ["accept", "pick"]) await done(engine, `${work}/${step}`);
  await done(engine, `${work}/ship`, { carrier: "DHL" });
  return String(body["id"]);
};

const paymentOf = async (engine: EngineProcess, orderId: string) => {
  const { body } = await engine.ask(`/v1/orders/${orderId}`);
  const [payment] = body["payments"];
  const amountOf = (name: string) => Number(payment?.[name]?.["amount"]);
  return {
    id: String(payment?.["id"]),
    ...{ captured: amountOf("captured"), refunded: amountOf("refunded") },
    isOpen: amountOf("capturePending") + amountOf("refundPending") > 0,
  };
};

const settled = (engine: EngineProcess, orderId: string) =>
  eventually(`the payment of ${orderId} is settled`, async () => {
    const payment = await paymentOf(engine, orderId);
    return payment.isOpen ? null : payment;
  });

const kill = async (engine: EngineProcess): Promise<void> => {
  engine.signal("SIGKILL");
  await engine.ended;
};

Deno.test("killed while the provider has a call, done or not, a process captures and gives back once", () =>
  withFolder(async (cwd) => {
    await using provider = new Provider();
    const lives = new Lives(cwd, provider);
    const called = (times: number) =>
      eventually(
        `the provider is called ${times} times`,
        () => provider.calls.length >= times || null,
      );
    let first = "";
    {
      await using engine = await lives.start();
      await stockUp(engine, { ams: { mug: 9 } });
      const saved = await engine.ask("/v1/providers/card", {
        method: "PUT",
        json: { type: "http", url: provider.url, capabilities: { multipleCaptures: true } },
      });
      assert.equal(saved.status, 201, saved.text);
      provider.isSilent = true;
      first = await ship(engine, "first");
      await called(1);
      await kill(engine);
    }
    let second = "";
    {
      await using engine = await lives.start();
      // It was done: that is found, and nobody is called again.
      assert.ok((await settled(engine, first)).captured > 0);
      assert.equal(provider.calls.length, 1);
      provider.does = "nothing";
      second = await ship(engine, "second");
      await called(2);
      await kill(engine);
    }
    {
      await using engine = await lives.start();
      provider.does = "all";
      provider.isSilent = false;
      // It was not done: the provider has never heard of it, and is called once more.
      assert.ok((await settled(engine, second)).captured > 0);
      assert.equal(provider.calls.length, 3);
      provider.isSilent = true;
      await done(engine, `/v1/orders/${first}/returns`, {
        lines: [{ lineId: "1", quantity: 1, reason: "unwanted" }],
        received: {
          locationId: "ams",
          inspected: [{ lineId: "1", quantity: 1, disposition: "restock", accepted: true }],
        },
      });
      await done(engine, `/v1/orders/${first}/refunds`, { reason: "It came back", credit: {} });
      await called(4);
      await kill(engine);
    }
    await using engine = await lives.start();
    provider.isSilent = false;
    assert.ok((await settled(engine, first)).refunded > 0);
    assert.equal(provider.calls.length, 4);
    for (const order of [first, second]) {
      const { id, captured, refunded } = await paymentOf(engine, order);
      assert.equal(captured, provider.sumOf(id, "capture"));
      assert.equal(refunded, provider.sumOf(id, "refund"));
    }
    engine.signal("SIGTERM");
    assert.equal(await engine.ended, 0);
    await assertSound("store.sqlite3", cwd);
  }));
