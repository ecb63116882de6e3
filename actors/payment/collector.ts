/**
 * Calls payment providers. What is to be called stands in keys that the commit of the decision wrote, so that
 * nothing is forgotten; what became of it is a command to the order, whose commit deletes the key.
 *
 * A process takes a call before it makes it, which saves calls; that nothing is done twice rests on the
 * transaction's id, which providers know, and on an order that settles a transaction once. After anything that
 * is not clear, a crash included, the provider is asked what it knows before it is called again.
 */
import { Clock, Context, Effect, Layer } from "effect";
import { systemPrincipal } from "../../src/kernel/principal.ts";
import { type Key, keyText } from "../../src/kernel/key.ts";
import { orderKeys } from "../../src/order/keys.ts";
import type { ProviderCall } from "../../src/order/document.ts";
import { providerLimits } from "../../src/payment/limits.ts";
import type { ProviderPorts } from "../../src/payment/port.ts";
import { providers } from "../../src/payment/references.ts";
import { forEachPage } from "../../src/store/pages.ts";
import { type Entry, Store, type StoreError } from "../../src/store/store.ts";
import { decodeJson, encodeJson } from "../../src/store/values.ts";
import { Identifiers } from "../ledger/identifiers.ts";
import { Orders } from "../order/orders.ts";
import { References } from "../reference/references.ts";
import { Call, type Due, dueIn, unclearOf } from "./call.ts";

export class Collector extends Context.Service<Collector, {
  /** Makes the calls that are due; answers how many were settled, or looked at in vain. */
  readonly callDue: Effect.Effect<number, StoreError>;
  /** The ways to providers that this process has. */
  readonly ports: ProviderPorts;
}>()("allot/Collector") {
  /** Without ports nobody is called by this process; where it does not collect, nobody unless it is asked to. */
  static readonly layer = <R>(
    ports: ProviderPorts | Effect.Effect<ProviderPorts, never, R> | undefined,
    collects = true,
  ) => Layer.effect(Collector, makeCollector(ports, collects));
}

/** Who makes a call, until when. */
interface Claim {
  readonly by: string;
  readonly until: number;
}

/**
 * Whether another process makes the call now. A claim that ends further ahead than one can was made by a clock
 * that was wrong: it must not keep the call from everybody until then.
 */
const isHeld = ({ by, until }: Claim, self: string, nowMs: number): boolean =>
  by !== self && until > nowMs && until <= nowMs + 2 * providerLimits.claimMs;

const claimKey = (transactionId: string): Key => ["provider_claim", transactionId];

/** Calls that this process makes now: so many at once, and not all of them of one provider. */
class InFlight {
  readonly #providers = new Map<string, string>();

  /** False where it is being made, or there is no room for it now. */
  begin(transactionId: string, provider: string): boolean {
    const { concurrentCalls, concurrentCallsPerProvider } = providerLimits;
    if (this.#providers.has(transactionId) || this.#providers.size >= concurrentCalls) return false;
    let same = 0;
    for (const each of this.#providers.values()) if (each === provider) same++;
    if (same >= concurrentCallsPerProvider) return false;
    this.#providers.set(transactionId, provider);
    return true;
  }

  end(transactionId: string): void {
    this.#providers.delete(transactionId);
  }
}

interface CollectorParts {
  readonly store: Store["Service"];
  readonly orders: Orders["Service"];
  readonly references: References["Service"];
  readonly ports: ProviderPorts;
  /** This process, in its claims. */
  readonly self: string;
}

/** The calls that this process makes. */
class Calls {
  readonly #inFlight = new InFlight();

  constructor(private readonly parts: CollectorParts) {}

  /** Takes the call; null where another process has it. Says whether somebody had it before. */
  readonly #claim = Effect.fnUntraced(function* (this: Calls, transactionId: string) {
    const { store, self } = this.parts;
    const key = claimKey(transactionId);
    const nowMs = yield* Clock.currentTimeMillis;
    const [entry] = yield* store.getMany([key]);
    const before = entry?.value == null ? null : decodeJson<Claim>(entry.value);
    if (before !== null && isHeld(before, self, nowMs)) return null;
    const mine: Claim = { by: self, until: nowMs + providerLimits.claimMs };
    const written = yield* store.commit({
      checks: [{ key, versionstamp: entry?.versionstamp ?? null }],
      mutations: [{
        ...{ type: "set", key, value: encodeJson(mine) },
        expireInMs: providerLimits.claimsKeptMs,
      }],
    });
    return written === null ? null : { wasTaken: before !== null };
  }).bind(this);

  readonly #callOf = Effect.fnUntraced(function* (this: Calls, due: Due) {
    const { references, ports } = this.parts;
    const found = yield* references.find(providers, due.payment.provider);
    const port = found === null ? undefined : ports[found.type];
    return found === null || port === undefined ? null : new Call(due, found, port);
  }).bind(this);

  readonly #carryOut = Effect.fnUntraced(function* (
    this: Calls,
    transactionId: string,
    orderId: string,
  ) {
    const { store, orders } = this.parts;
    const taken = yield* this.#claim(transactionId);
    if (taken === null) return 0;
    // Read after it was taken: whoever had it before may have settled it.
    const due = dueIn(yield* orders.get(orderId), transactionId);
    if (due !== null) {
      const call = yield* this.#callOf(due);
      const { id, attempt } = due.transaction;
      const settle = call === null
        ? unclearOf(id, "no_provider", attempt)
        : yield* call.settled(taken.wasTaken);
      yield* orders.command(orderId, settle, { by: systemPrincipal });
    }
    const key = claimKey(transactionId);
    yield* store.commit({ checks: [], mutations: [{ type: "delete", key }] });
    return 1;
  }).bind(this);

  /** Whatever is wrong with one call must not keep others from being made: its key stays, and is found again. */
  #call(entry: Entry): Effect.Effect<number> {
    return Effect.suspend(() => {
      const [, , transactionId] = entry.key;
      if (entry.value === null || typeof transactionId !== "string") return Effect.succeed(0);
      const { orderId, provider } = decodeJson<ProviderCall>(entry.value);
      if (!this.#inFlight.begin(transactionId, provider)) return Effect.succeed(0);
      return Effect.ensuring(
        this.#carryOut(transactionId, orderId),
        Effect.sync(() => this.#inFlight.end(transactionId)),
      );
    }).pipe(
      Effect.catch((error) =>
        Effect.as(Effect.logWarning(`The call ${keyText(entry.key)} stays due`, error), 0)
      ),
      Effect.catchDefect((defect) =>
        Effect.as(Effect.logError(`The call ${keyText(entry.key)} stays due`, defect), 0)
      ),
    );
  }

  readonly callDue = Effect.suspend(() => this.#callDue());

  readonly #callDue = Effect.fnUntraced(function* (
    this: Calls,
  ): Effect.fn.Return<number, StoreError> {
    const nowMs = yield* Clock.currentTimeMillis;
    const due = {
      start: ["provider_call", 0],
      end: orderKeys.providerCall(nowMs + 1, ""),
      limit: providerLimits.callsPerLook,
    };
    let made = 0;
    yield* forEachPage(this.parts.store, due, (entries) =>
      Effect.map(
        Effect.forEach(entries, (entry) => this.#call(entry), { concurrency: "unbounded" }),
        (each) => {
          for (const one of each) made += one;
        },
      ));
    return made;
  }).bind(this);
}

const makeCollector = Effect.fnUntraced(function* <R>(
  given: ProviderPorts | Effect.Effect<ProviderPorts, never, R> | undefined,
  collects: boolean,
) {
  const { orderTail } = yield* Identifiers;
  const ports = Effect.isEffect(given) ? yield* given : given ?? {};
  const calls = new Calls({
    store: yield* Store,
    orders: yield* Orders,
    references: yield* References,
    ports,
    self: orderTail(),
  });
  const round = Effect.catch(
    calls.callDue,
    (error) => Effect.as(Effect.logWarning("Due calls could not be read", error), 0),
  );
  if (given !== undefined && collects) {
    // A call that takes long keeps no other waiting.
    const looks = Effect.andThen(Effect.forkScoped(round), Effect.sleep(providerLimits.lookMs));
    yield* Effect.forkScoped(Effect.forever(looks));
  }
  return Collector.of({ callDue: calls.callDue, ports });
});
