/** Processes that place orders and tell their customers, and what must be so when everything is at rest. */
import assert from "node:assert/strict";
import { Effect, Layer } from "effect";
import { engineLayer } from "../../../actors/engine.ts";
import { Identifiers } from "../../../actors/ledger/identifiers.ts";
import { messageDelivery } from "../../../actors/message/message-sink.ts";
import { Orders } from "../../../actors/order/orders.ts";
import { below } from "../../../src/kernel/key.ts";
import { messageFamily } from "../../../src/message/keys.ts";
import { messageIdOf, messageKeyOf } from "../../../src/message/kind.ts";
import { messageOutboxName } from "../../../src/message/outbox.ts";
import type { MessageRecord } from "../../../src/message/record.ts";
import { Sealing, SecretsKeyMissing } from "../../../src/secrets/sealing.ts";
import { keys } from "../../../src/store/keys.ts";
import { forEachPage } from "../../../src/store/pages.ts";
import { Store } from "../../../src/store/store.ts";
import { decodeJson } from "../../../src/store/values.ts";
import type { PlaceOrderRequest } from "../../../src/order/request.ts";
import type { DatabaseOptions } from "../../sim/database.ts";
import { Chance } from "../../sim/random.ts";
import { bySystem, nobodyListens } from "../../support/engine.ts";
import { limitsForTests } from "../../support/limits.ts";
import { Crew } from "../reactors/crew.ts";
import { Post } from "./post.ts";

const idAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/** Secrets are no matter here, and a real one would be made in real time. */
const sealing = Layer.succeed(Sealing, {
  seal: () => Effect.fail(new SecretsKeyMissing({ detail: "There is no key." })),
  open: () => Effect.die("There is no secret."),
  keyedHash: () => Effect.succeed("hash"),
});

const noAnswerMs = 20_000;

export class MessageStage {
  readonly crew: Crew<Orders>;
  readonly post: Post;
  /** The messages that there must be, by what they are known by, with their `Message-ID`. */
  readonly expected = new Map<string, string>();

  constructor(
    { kv, seed, members, placed }: {
      readonly kv: Deno.Kv;
      readonly seed: number;
      readonly members: number;
      readonly placed?: DatabaseOptions["placed"];
    },
  ) {
    const chance = new Chance(seed);
    this.post = new Post(chance.fork());
    const text = (names: Chance, length: number) =>
      Array.from({ length }, () => idAlphabet.charAt(names.between(0, 31))).join("");
    this.crew = new Crew<Orders>({
      kv,
      chance,
      members,
      ...(placed === undefined ? {} : { placed }),
      layer: (process) => {
        const names = chance.fork();
        const mail = this.post.mailFor(process);
        const engine = engineLayer({
          settings: { autoCloseAfterMs: limitsForTests.autoCloseAfterMs },
          shelves: 1,
          identifiers: Layer.succeed(Identifiers, {
            orderTail: () => text(names, 10),
            commitId: () => text(names, 20),
          }),
          deliveries: Effect.map(messageDelivery(mail), (delivery) => ({
            ...nobodyListens(),
            [messageOutboxName]: delivery,
          })),
        });
        return engine.pipe(Layer.provide(sealing));
      },
    });
  }

  /** Asks one process after another until one has done it. */
  async #until<A, E>(effect: Effect.Effect<A, E, Orders>): Promise<A> {
    while (true) {
      await this.crew.until(() => this.crew.running.length > 0, "somebody runs");
      const [member] = this.crew.running;
      if (member === undefined) continue;
      const answer = this.crew.ask(member, effect).catch(() => undefined);
      const done = await Promise.race([answer, this.crew.pause(noAnswerMs)]);
      if (done !== undefined) return done;
      await this.crew.pause(100);
    }
  }

  #expects(orderId: string, kind: string): void {
    const cause = { orderId, kind, part: null };
    this.expected.set(messageKeyOf(cause), messageIdOf(cause, "nord.example"));
  }

  /** An order that is held: there is no stock, and a customer is told of orders that wait for it. */
  async place(n: number, more: Partial<PlaceOrderRequest> = {}): Promise<string> {
    const request: PlaceOrderRequest = {
      ...{ channel: "web", externalId: `m-${n}`, currency: "EUR", onShortage: "hold" },
      customer: { name: "Ada Example", email: `ada-${n}@customer.example` },
      shippingAddress: { country: "NL" },
      lines: [{ sku: "mug", quantity: 1, unitPrice: { amount: "10.00", currency: "EUR" } }],
      ...more,
    };
    const { document } = await this.#until(
      Effect.flatMap(Orders, (orders) => orders.place(request, bySystem)),
    );
    return document.state.id;
  }

  /** The same, where the customer is to be told. */
  async tell(n: number): Promise<string> {
    const id = await this.place(n);
    this.#expects(id, "order_received");
    return id;
  }

  async cancel(id: string): Promise<void> {
    await this.#until(
      Effect.flatMap(Orders, (orders) =>
        Effect.catchTag(
          orders.command(id, { type: "cancel", reason: "wish" }, bySystem),
          "Refused",
          () => orders.get(id),
        )),
    );
    this.#expects(id, "cancelled");
  }

  /** Makes it known that the stage has begun: what comes from here on is told. */
  async begin(): Promise<void> {
    await this.crew.everybodyRuns();
    await this.crew.until(async () => (await this.#position()) !== null, "the lane has begun");
  }

  async records(): Promise<ReadonlyMap<string, MessageRecord>> {
    const found = new Map<string, MessageRecord>();
    await this.crew.direct(Effect.gen(function* () {
      yield* forEachPage(
        yield* Store,
        { ...below([messageFamily]), limit: 100 },
        (entries) =>
          Effect.sync(() => {
            for (const { value } of entries) {
              if (value === null) continue;
              const record = decodeJson<MessageRecord>(value);
              found.set(messageKeyOf(record), record);
            }
          }),
      );
    }));
    return found;
  }

  async #position(): Promise<string | null> {
    const { value } = await this.crew.direct(
      Effect.flatMap(Store, (store) => store.get(keys.cursor(messageOutboxName))),
    );
    return value === null ? null : decodeJson<{ position: string }>(value).position;
  }

  /** Until the lane has nothing to do any more. */
  async rest(): Promise<void> {
    const [newest] = await this.crew.direct(
      Effect.flatMap(Store, (store) => store.list({ ...below(["log"]), limit: 1, reverse: true })),
    );
    const last = String(newest?.key[1]);
    await this.crew.until(
      async () => {
        const position = await this.#position();
        if (position === null || position < last) return false;
        const waiting = await this.crew.direct(
          Effect.flatMap(
            Store,
            (store) => store.list({ ...below(["waiting_message", messageOutboxName]), limit: 1 }),
          ),
        );
        return waiting.length === 0;
      },
      "everything is settled",
      2_000,
    );
  }

  /** Nothing came twice; and each message came, unless its record says that nobody knows. */
  async check({ unclear }: { readonly unclear: boolean }): Promise<void> {
    const { arrivals } = this.post;
    assert.deepEqual(arrivals.filter((id, n) => arrivals.indexOf(id) !== n), [], "came twice");
    const ids = new Set(this.expected.values());
    assert.deepEqual(arrivals.filter((id) => !ids.has(id)), [], "nobody was to be told");
    const records = await this.records();
    assert.deepEqual([...records.keys()].sort(), [...this.expected.keys()].sort());
    for (const [key, id] of this.expected) {
      const outcome = records.get(key)?.outcome;
      if (outcome === "sent") assert.ok(arrivals.includes(id), `${id} is said to be sent`);
      else assert.ok(unclear && outcome === "ambiguous", `${id} is ${outcome}`);
    }
  }
}
