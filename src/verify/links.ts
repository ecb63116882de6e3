/**
 * Keys that point at orders: references, backorder keys, timers. They are listed before the orders are
 * read; each order strikes out its own; what is missing or left over may have changed meanwhile and is
 * looked at again, together with its order, before it is reported.
 */
import { orderKeys } from "../order/keys.ts";
import { unpackOrderDocument } from "../order/order-codec.ts";
import { Effect } from "effect";
import { epochMsOf } from "../kernel/instant.ts";
import { verifyLimits } from "../kernel/limits.ts";
import type { Order } from "../order/order.ts";
import type { ReferenceDocument } from "../order/document.ts";
import type { OrderTimer } from "../order/document.ts";
import { keys } from "../store/keys.ts";
import { hashOf } from "../store/shelves.ts";
import { type Key } from "../kernel/key.ts";
import { Store, type StoreError } from "../store/store.ts";
import { forEachPage, readable, readAgain } from "./read.ts";
import { Findings, type Invariant } from "./report.ts";

/** 53 bits. Two texts with one hash can hide a violation, once in ten million stores, never make one. */
const wideHash = (text: string): number =>
  hashOf(text) * 0x200000 + (hashOf(`${text}\u0001`) & 0x1fffff);

export const linkHash = (...parts: readonly string[]): number => wideHash(JSON.stringify(parts));

const backorderedSkus = (order: Order): readonly string[] => [
  ...new Set(order.lines.filter(({ backordered }) => backordered > 0).map(({ sku }) => sku)),
];

const orderOf = (orderId: string): Effect.Effect<Order | null, StoreError, Store> =>
  Effect.map(
    readAgain(orderKeys.order(orderId), unpackOrderDocument),
    (stored) => stored?.value.order ?? null,
  );

const exists = (key: Key): Effect.Effect<boolean, StoreError, Store> =>
  Effect.flatMap(
    Store,
    (store) => Effect.map(store.get(key), ({ versionstamp }) => versionstamp !== null),
  );

/** Whether any timer resumes the order: it may have been put off since the order was made. */
const hasResumeTimer = Effect.fnUntraced(function* (
  orderId: string,
  createdAtMs: number,
): Effect.fn.Return<boolean, StoreError, Store> {
  if (yield* exists(keys.timer(createdAtMs, `${orderId}:allocate`))) return true;
  let found = false;
  yield* forEachPage(
    ["timer"],
    verifyLimits.entriesPerRead,
    (entries) =>
      Effect.forEach(
        entries,
        (entry) =>
          Effect.map(readable<OrderTimer>(entry, new Findings()), (stored) => {
            found ||= stored?.value.orderId === orderId && stored.value.command.type === "allocate";
          }),
        { discard: true },
      ),
  );
  return found;
});

export class Links {
  readonly #references = new Set<number>();
  readonly #backorders = new Set<number>();
  readonly #resumed = new Set<number>();
  readonly #timed = new Set<number>();

  constructor(private readonly findings: Findings) {}

  /** To be run before any order is read. */
  readonly list: Effect.Effect<void, StoreError, Store> = Effect.suspend(() => {
    const { counts } = this.findings;
    return Effect.all([
      this.#eachReference((key, { orderId }) => {
        counts.references++;
        this.#references.add(linkHash(String(key[1]), String(key[2]), orderId));
        return Effect.void;
      }),
      this.#eachBackorder((sku, orderId) => {
        counts.backorders++;
        this.#backorders.add(linkHash(sku, orderId));
        return Effect.void;
      }),
      this.#eachTimer((_key, { orderId, command }) => {
        counts.timers++;
        this.#timed.add(wideHash(orderId));
        if (command.type === "allocate") this.#resumed.add(wideHash(orderId));
        return Effect.void;
      }),
    ], { discard: true });
  });

  /** An order strikes out what points at it, and what should and does not is looked at again. */
  checkOrder(order: Order): Effect.Effect<void, StoreError, Store> {
    const looks: Effect.Effect<void, StoreError, Store>[] = [];
    this.#timed.delete(wideHash(order.id));
    if (!this.#references.delete(linkHash(order.channel, order.externalId, order.id))) {
      looks.push(this.#lookAtReference(order));
    }
    for (const sku of backorderedSkus(order)) {
      if (!this.#backorders.delete(linkHash(sku, order.id))) {
        looks.push(this.#lookAtBackorder(sku, order.id));
      }
    }
    if (order.allocating && !this.#resumed.has(wideHash(order.id))) {
      looks.push(this.#lookAtResumption(order.id));
    }
    return looks.length === 0 ? Effect.void : Effect.all(looks, { discard: true });
  }

  /** To be run after every order was read: looks again at what no order struck out. */
  readonly finish: Effect.Effect<void, StoreError, Store> = Effect.suspend(() =>
    Effect.all([
      this.#references.size === 0
        ? Effect.void
        : this.#eachReference((key, { orderId }) =>
          this.#references.has(linkHash(String(key[1]), String(key[2]), orderId))
            ? this.#lookAtOwner(key, orderId)
            : Effect.void
        ),
      this.#backorders.size === 0
        ? Effect.void
        : this.#eachBackorder((sku, orderId) =>
          this.#backorders.has(linkHash(sku, orderId))
            ? this.#lookAtBackorder(sku, orderId)
            : Effect.void
        ),
      this.#timed.size === 0
        ? Effect.void
        : this.#eachTimer((key, { orderId }) =>
          this.#timed.has(wideHash(orderId)) ? this.#lookAtTimed(key, orderId) : Effect.void
        ),
    ], { discard: true })
  );

  #eachReference(
    onReference: (
      key: Key,
      reference: ReferenceDocument,
    ) => Effect.Effect<void, StoreError, Store>,
  ): Effect.Effect<void, StoreError, Store> {
    return this.#each<ReferenceDocument>(["reference"], onReference);
  }

  #eachBackorder(
    onBackorder: (sku: string, orderId: string) => Effect.Effect<void, StoreError, Store>,
  ): Effect.Effect<void, StoreError, Store> {
    return this.#each(["backorder"], (key) => onBackorder(String(key[1]), String(key[2])));
  }

  #eachTimer(
    onTimer: (key: Key, timer: OrderTimer) => Effect.Effect<void, StoreError, Store>,
  ): Effect.Effect<void, StoreError, Store> {
    return this.#each<OrderTimer>(["timer"], onTimer);
  }

  #each<A>(
    prefix: Key,
    onValue: (key: Key, value: A) => Effect.Effect<void, StoreError, Store>,
  ): Effect.Effect<void, StoreError, Store> {
    return forEachPage(
      prefix,
      verifyLimits.entriesPerRead,
      (entries) =>
        Effect.forEach(entries, (entry) =>
          Effect.flatMap(
            readable<A>(entry, this.findings),
            (stored) => stored === null ? Effect.void : onValue(entry.key, stored.value),
          ), { discard: true }),
    );
  }

  /**
   * Looks at an order and at what should agree with it until the order stays as it is meanwhile: both
   * change in one commit. `wrong` says what is wrong, or null.
   */
  #settle<A>(
    orderId: string,
    look: Effect.Effect<A, StoreError, Store>,
    wrong: (order: Order | null, looked: A) => string | null,
    found: { readonly invariant: Invariant; readonly keys: readonly Key[] },
  ): Effect.Effect<void, StoreError, Store> {
    const { findings } = this;
    return Effect.gen(function* () {
      for (let attempt = 0; attempt < verifyLimits.secondLooks; attempt++) {
        const before = yield* orderOf(orderId);
        const looked = yield* look;
        const detail = wrong(before, looked);
        if (detail === null) return;
        const after = yield* orderOf(orderId);
        if (before?.version === after?.version) {
          return findings.add(found.invariant, [...found.keys, orderKeys.order(orderId)], detail);
        }
      }
      findings.unsettled++;
    });
  }

  #lookAtReference({ id, channel, externalId }: Order): Effect.Effect<void, StoreError, Store> {
    const key = orderKeys.reference(channel, externalId);
    return Effect.flatMap(readAgain<ReferenceDocument>(key), (stored) =>
      Effect.sync(() => {
        if (stored?.value.orderId === id) return;
        const detail = stored === null
          ? `Order ${id} has no reference.`
          : `Order ${id} and order ${stored.value.orderId} have one reference.`;
        this.findings.add("one-order-per-reference", [key, orderKeys.order(id)], detail);
      }));
  }

  #lookAtOwner(key: Key, orderId: string): Effect.Effect<void, StoreError, Store> {
    return this.#settle(
      orderId,
      Effect.void,
      (order) =>
        order === null
          ? `The reference names order ${orderId}, which is not there.`
          : order.channel !== key[1] || order.externalId !== key[2]
          ? `The reference names order ${orderId}, which has another.`
          : null,
      { invariant: "one-order-per-reference", keys: [key] },
    );
  }

  #lookAtBackorder(sku: string, orderId: string): Effect.Effect<void, StoreError, Store> {
    const key = orderKeys.backorder(sku, orderId);
    return this.#settle(
      orderId,
      exists(key),
      (order, there) => {
        const waits = order !== null && backorderedSkus(order).includes(sku);
        if (waits === there) return null;
        return waits
          ? `Order ${orderId} waits for ${sku} and has no backorder key.`
          : `There is a backorder key for ${sku}, and order ${orderId} does not wait for it.`;
      },
      { invariant: "backorder-keys", keys: [key] },
    );
  }

  #lookAtResumption(orderId: string): Effect.Effect<void, StoreError, Store> {
    return this.#settle(
      orderId,
      Effect.flatMap(
        orderOf(orderId),
        (order) =>
          order === null
            ? Effect.succeed(true)
            : hasResumeTimer(orderId, epochMsOf(order.createdAt)),
      ),
      (order, there) =>
        order?.allocating === true && !there
          ? `Order ${orderId} is being allocated and no timer resumes it.`
          : null,
      { invariant: "timers", keys: [] },
    );
  }

  #lookAtTimed(key: Key, orderId: string): Effect.Effect<void, StoreError, Store> {
    return this.#settle(
      orderId,
      exists(key),
      (order, there) =>
        order === null && there ? `A timer is for order ${orderId}, which is not there.` : null,
      { invariant: "timers", keys: [key] },
    );
  }
}
