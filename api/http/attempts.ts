/**
 * Lets in holders of keys, and slows down attempts with keys that nobody has: of each address, and all
 * together. Every such attempt is counted and told in the log, many of them in one line.
 *
 * A key that was made here cannot be guessed, so it is always checked, and lets in at once however many wrong
 * keys come from its address: the address may be a proxy's, which all clients share. A key that somebody
 * chose for the settings can be guessed. It is checked only as often as a wrong key may be tried, from its
 * address and in all: about once a second while somebody tries.
 */
import { Clock, Context, Effect, Latch, Layer, Metric } from "effect";
import { keepNewest } from "../../src/kernel/keep-newest.ts";
import type { Principal } from "../../src/kernel/principal.ts";
import type { StoreError } from "../../src/store/store.ts";
import { Authenticator } from "./authenticator.ts";
import { attemptLimits } from "./limits.ts";
import type { Peer } from "./peer.ts";
import { type Problem, problem } from "./problems.ts";

/** Not looked at, or wrong and one too many: to be tried again after a while. */
export class Slowed {
  constructor(readonly retryAfterSeconds: number) {}

  get problem(): Problem {
    return problem(
      "too-many-attempts",
      "Too many wrong keys were tried. Nothing was done; ask again.",
      { headers: { "retry-after": String(this.retryAfterSeconds) } },
    );
  }
}

export class Attempts extends Context.Service<Attempts, {
  /** The holder of the key; null, after a while, when nobody has it. */
  readonly enter: (
    secret: string,
    peer: Peer | undefined,
  ) => Effect.Effect<Principal | Slowed | null, StoreError>;
  /** The holder of the key without an effect; undefined when finding it takes one. */
  readonly known: (secret: string) => Principal | undefined;
}>()("allot/Attempts") {
  static readonly layer = Layer.effect(Attempts, Effect.suspend(() => makeAttempts));
}

const wrongKeys = Metric.counter("allot_wrong_keys_total", {
  description: "Attempts to get in with a key that is nobody's",
  incremental: true,
});

/** Allows so many attempts at once, and then one in each interval. */
interface Pace {
  readonly burst: number;
  readonly intervalMs: number;
}

/**
 * The time when a pace is back at its beginning. Each attempt moves it on by an interval. An attempt waits
 * while that time is more than a burst ahead.
 */
class Debt {
  restedAtMs = 0;

  constructor(private readonly pace: Pace) {}

  waitMs(nowMs: number): number {
    return Math.max(0, this.restedAtMs - nowMs - this.pace.burst * this.pace.intervalMs);
  }

  /** However many come, all is well soon after the last. */
  add(nowMs: number): void {
    const { burst, intervalMs } = this.pace;
    const most = nowMs + burst * intervalMs + attemptLimits.waitMs + intervalMs;
    this.restedAtMs = Math.min(Math.max(this.restedAtMs, nowMs) + intervalMs, most);
  }
}

/** The debts of addresses, and of all together. The addresses that tried longest ago are forgotten. */
class Debts {
  readonly #all = new Debt(attemptLimits.ofAll);
  readonly #byAddress = new Map<string, Debt>();
  /** Until then somebody may have to wait. */
  #strainedUntilMs = 0;

  /** True while nobody has to wait: that costs one look. */
  get isCalm(): boolean {
    return this.#strainedUntilMs === 0;
  }

  waitMs(address: string, nowMs: number): number {
    if (nowMs >= this.#strainedUntilMs) this.#strainedUntilMs = 0;
    const own = this.#byAddress.get(address)?.waitMs(nowMs) ?? 0;
    return Math.max(own, this.#all.waitMs(nowMs));
  }

  add(address: string, nowMs: number): void {
    const own = this.#byAddress.get(address) ?? new Debt(attemptLimits.ofAddress);
    this.#byAddress.delete(address);
    this.#byAddress.set(address, own);
    keepNewest(this.#byAddress, attemptLimits.addresses);
    for (const debt of [own, this.#all]) {
      debt.add(nowMs);
      if (debt.waitMs(nowMs) > 0) {
        this.#strainedUntilMs = Math.max(this.#strainedUntilMs, debt.restedAtMs);
      }
    }
  }
}

/** Attempts that the log has not told yet. */
class Untold {
  #attempts = 0;
  readonly #byAddress = new Map<string, number>();

  add(address: string): void {
    this.#attempts++;
    const before = this.#byAddress.get(address);
    if (before === undefined && this.#byAddress.size >= attemptLimits.addressesTold) return;
    this.#byAddress.set(address, (before ?? 0) + 1);
  }

  readonly tell = Effect.suspend(() => {
    if (this.#attempts === 0) return Effect.void;
    const attempts = this.#attempts;
    const addresses = Object.fromEntries(this.#byAddress);
    this.#attempts = 0;
    this.#byAddress.clear();
    return Effect.logWarning("Keys that are nobody's were tried").pipe(
      Effect.annotateLogs({ attempts, addresses }),
    );
  });
}

/** The first attempt is told at once, later ones together. */
const telling = Effect.fnUntraced(function* (untold: Untold, added: Latch.Latch) {
  while (true) {
    yield* added.await;
    added.closeUnsafe();
    yield* untold.tell;
    yield* Effect.sleep(attemptLimits.tellMs);
  }
});

const slowed = (waitMs: number): Slowed =>
  new Slowed(Math.max(1, Math.ceil((waitMs - attemptLimits.waitMs) / 1_000)));

const makeAttempts = Effect.gen(function* () {
  const authenticator = yield* Authenticator;
  const debts = new Debts();
  const untold = new Untold();
  const added = Latch.makeUnsafe(false);
  yield* Metric.value(wrongKeys);
  yield* Effect.forkScoped(telling(untold, added));
  yield* Effect.addFinalizer(() => untold.tell);

  const failed = Effect.fnUntraced(function* (peer: Peer | undefined) {
    yield* Metric.update(wrongKeys, 1);
    untold.add(peer?.address ?? "this process");
    added.openUnsafe();
    // A caller within the process is not slowed.
    if (peer === undefined) return null;
    const nowMs = yield* Clock.currentTimeMillis;
    debts.add(peer.address, nowMs);
    const waitMs = debts.waitMs(peer.address, nowMs);
    if (waitMs > attemptLimits.waitMs) return slowed(waitMs);
    if (waitMs > 0) yield* Effect.sleep(waitMs);
    return null;
  });

  return Attempts.of({
    known: (secret) =>
      debts.isCalm || authenticator.isMadeHere(secret) ? authenticator.cached(secret) : undefined,
    enter: Effect.fnUntraced(function* (secret, peer) {
      if (peer !== undefined && !debts.isCalm && !authenticator.isMadeHere(secret)) {
        const waitMs = debts.waitMs(peer.address, yield* Clock.currentTimeMillis);
        if (waitMs > attemptLimits.waitMs) return slowed(waitMs);
      }
      return (yield* authenticator.authenticate(secret)) ?? (yield* failed(peer));
    }),
  });
});
