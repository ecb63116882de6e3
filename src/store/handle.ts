/**
 * The handle of a KV server's database, which is opened anew when calls through it keep failing: its connection
 * may be dead, and the token that it works with expired.
 */
import { Effect } from "effect";
import { backOff } from "./back-off.ts";
import type { Calls } from "./calls.ts";
import { keys } from "./keys.ts";
import { storeLimits } from "./limits.ts";
import type { NativeKv } from "./native.ts";

/** A handle that its opener closes. */
export interface OpenKv extends NativeKv {
  readonly close: () => void;
}

export interface HandleOptions {
  readonly open: () => Promise<OpenKv>;
  readonly callMs: number;
  /** Runs something beside the calls, until the store is closed. */
  readonly fork: (effect: Effect.Effect<void>) => void;
}

const smallValue = new Uint8Array(1);

/** Whether it is worth having: it reads and commits. */
const isWell = async (kv: NativeKv): Promise<boolean> => {
  await kv.get([...keys.meta()]);
  return (await kv.atomic().set([...keys.probe()], smallValue).commit()).ok;
};

export class Handle {
  #kv: OpenKv;
  #isReopening = false;
  #isClosed = false;

  constructor(kv: OpenKv, private readonly options: HandleOptions) {
    this.#kv = kv;
  }

  get kv(): NativeKv {
    return this.#kv;
  }

  close(): void {
    this.#isClosed = true;
    this.#kv.close();
  }

  /** Opens the database again and again, until a new handle works or the old one does. */
  reopen(calls: Calls): void {
    if (this.#isReopening) return;
    this.#isReopening = true;
    this.options.fork(Effect.ensuring(
      this.#reopen(calls),
      Effect.sync(() => {
        this.#isReopening = false;
      }),
    ));
  }

  readonly #reopen = Effect.fnUntraced(function* (this: Handle, calls: Calls) {
    yield* Effect.logWarning("Calls of the store keep failing: it will be opened anew");
    for (let tries = 0; calls.isFailing; tries++) {
      yield* backOff(storeLimits.reopenBackoff, tries);
      if (!calls.isFailing) return;
      const opened = yield* this.#openedWell;
      if (opened === null) continue;
      if (this.#isClosed || !calls.isFailing) return opened.close();
      this.#kv.close();
      this.#kv = opened;
      calls.renew();
      yield* Effect.logInfo("The store is open anew");
    }
  });

  /** A new handle; null when it does not work, or not in time. */
  get #openedWell(): Effect.Effect<OpenKv | null> {
    const { open, callMs } = this.options;
    let kv: OpenKv | null = null;
    return Effect.promise(() => open().then((opened) => isWell(kv = opened), () => false)).pipe(
      Effect.catchDefect(() => Effect.succeed(false)),
      Effect.timeoutOrElse({ duration: callMs, orElse: () => Effect.succeed(false) }),
      Effect.map((works) => {
        if (works) return kv;
        kv?.close();
        return null;
      }),
    );
  }
}
