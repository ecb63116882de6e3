/**
 * Bodies on their way in. A peer decides how fast its body comes and in which pieces; here is what that may
 * cost: so much time, so many pieces, and so many bytes of all bodies that are not whole yet.
 */
import { Buffer } from "node:buffer";
import { bodyLimits } from "../../src/kernel/limits.ts";
import { type ShareHolder, Shares } from "./shares.ts";

export type Bytes = Uint8Array<ArrayBuffer>;

/** What a body was found to be while it came. */
export type BodyFault = "too large" | "too fine" | "too late" | "too many" | "broken";

/** Reading a body ended with this. */
export class BodyRefused extends Error {
  readonly _tag = "BodyRefused";
  constructor(readonly fault: BodyFault, readonly maxBytes: number) {
    super(`the body is ${fault}`);
  }
}

type Limits = { readonly [Name in keyof typeof bodyLimits]: number };

const nothing = new Uint8Array(0);

const smallestBuffer = 4_096;

/** Counts a body's pieces: refused are too many bytes, and too many pieces for what is in them. */
class Pieces {
  bytes = 0;
  #chunks = 0;

  constructor(private readonly maxBytes: number, private readonly limits: Limits) {}

  add(chunk: Uint8Array): void {
    this.bytes += chunk.byteLength;
    this.#chunks++;
    if (this.bytes > this.maxBytes) throw new BodyRefused("too large", this.maxBytes);
    const { chunks, bytesPerChunk } = this.limits;
    if (this.#chunks > chunks && this.bytes < this.#chunks * bytesPerChunk) {
      throw new BodyRefused("too fine", this.maxBytes);
    }
  }
}

/** A body that is being read as a whole. */
class Arrival {
  sweeps = 0;
  constructor(readonly expire: () => void) {}
}

export class Bodies {
  readonly #limits: Limits;
  readonly #arriving = new Set<Arrival>();
  readonly #bytes: Shares;
  #sweeping: ReturnType<typeof setInterval> | undefined;

  constructor(limits: Partial<Limits> = {}) {
    this.#limits = { ...bodyLimits, ...limits };
    this.#bytes = new Shares(this.#limits.bytesInArrival);
  }

  /** The whole body. Rejects with `BodyRefused`. `declared`: its length, when the request says it. */
  async whole(
    request: Request,
    declared: number | null,
    maxBytes: number,
    holder: ShareHolder,
  ): Promise<Uint8Array> {
    if (declared === null) return await this.#gathered(request, maxBytes, holder);
    if (declared > maxBytes) throw new BodyRefused("too large", maxBytes);
    if (declared <= this.#limits.smallBytes) return await this.#atOnce(request, maxBytes);
    if (!this.#bytes.take(holder, declared)) throw new BodyRefused("too many", maxBytes);
    try {
      return await this.#atOnce(request, maxBytes);
    } finally {
      this.#bytes.giveBack(holder, declared);
    }
  }

  /** The body as it comes. Fails with `BodyRefused`. */
  streamed(stream: ReadableStream<Bytes>, maxBytes: number): ReadableStream<Bytes> {
    const pieces = new Pieces(maxBytes, this.#limits);
    const reader = stream.getReader();
    let waitedMs = 0;
    /** The next piece. Only the wait for the peer counts, not the time in which nobody asks. */
    const next = async () => {
      const { waitMs, bytesPerSecond } = this.#limits;
      const patienceMs = waitMs + pieces.bytes * 1_000 / bytesPerSecond - waitedMs;
      const sinceMs = performance.now();
      const late = Promise.withResolvers<never>();
      const timer = setTimeout(
        () => late.reject(new BodyRefused("too late", maxBytes)),
        patienceMs,
      );
      try {
        return await Promise.race([reader.read(), late.promise]);
      } finally {
        clearTimeout(timer);
        waitedMs += performance.now() - sinceMs;
      }
    };
    return new ReadableStream<Bytes>({
      pull: async (controller) => {
        try {
          const { done, value } = await next();
          if (done) return controller.close();
          pieces.add(value);
          controller.enqueue(value);
        } catch (error) {
          reader.cancel(error).catch(() => undefined);
          throw error;
        }
      },
      cancel: (reason) => reader.cancel(reason),
    }, { highWaterMark: 0 });
  }

  /** Nothing is looked after any more. */
  close(): void {
    clearInterval(this.#sweeping);
    this.#sweeping = undefined;
  }

  /** Without a look at `body`: that would make a stream of what the server can hand over whole. */
  #atOnce(request: Request, maxBytes: number): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const arrival = this.#begin(() => reject(new BodyRefused("too late", maxBytes)));
      request.bytes().then((bytes) => {
        this.#arriving.delete(arrival);
        if (bytes.byteLength > maxBytes) reject(new BodyRefused("too large", maxBytes));
        else resolve(bytes);
      }, () => {
        this.#arriving.delete(arrival);
        reject(new BodyRefused("broken", maxBytes));
      });
    });
  }

  /** Copies: a chunk of one byte keeps the whole buffer that it was read into. */
  async #gathered(
    request: Request,
    maxBytes: number,
    holder: ShareHolder,
  ): Promise<Uint8Array> {
    if (request.body === null) return nothing;
    const reader = request.body.getReader();
    const pieces = new Pieces(maxBytes, this.#limits);
    let gathered = Buffer.alloc(0);
    let isLate = false;
    const arrival = this.#begin(() => {
      isLate = true;
      reader.cancel().catch(() => undefined);
    });
    const grow = (): void => {
      const capacity = Math.min(
        maxBytes,
        Math.max(smallestBuffer, pieces.bytes, 2 * gathered.byteLength),
      );
      if (!this.#bytes.take(holder, capacity - gathered.byteLength)) {
        throw new BodyRefused("too many", maxBytes);
      }
      const larger = Buffer.alloc(capacity);
      larger.set(gathered);
      gathered = larger;
    };
    try {
      while (true) {
        const at = pieces.bytes;
        const { done, value } = await reader.read();
        if (isLate) throw new BodyRefused("too late", maxBytes);
        if (done) return gathered.subarray(0, at);
        pieces.add(value);
        if (pieces.bytes > gathered.byteLength) grow();
        gathered.set(value, at);
      }
    } catch (error) {
      // The rest is never read.
      reader.cancel().catch(() => undefined);
      throw error instanceof BodyRefused ? error : new BodyRefused("broken", maxBytes);
    } finally {
      this.#arriving.delete(arrival);
      this.#bytes.giveBack(holder, gathered.byteLength);
    }
  }

  #begin(expire: () => void): Arrival {
    const arrival = new Arrival(expire);
    this.#arriving.add(arrival);
    this.#sweeping ??= setInterval(() => this.#sweep(), this.#limits.sweepMs);
    return arrival;
  }

  #sweep(): void {
    if (this.#arriving.size === 0) return this.close();
    const { arrivalMs, sweepMs } = this.#limits;
    for (const arrival of this.#arriving) {
      if (++arrival.sweeps * sweepMs <= arrivalMs) continue;
      this.#arriving.delete(arrival);
      arrival.expire();
    }
  }
}
