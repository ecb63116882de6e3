/**
 * Bodies on their way in. A peer decides how fast its body comes and in which pieces. This bounds the cost:
 * the time, the pieces, and the bytes of all bodies that are not whole yet. A body that is refused is not
 * cancelled: the runtime would read the rest, to throw it away. Its connection is closed.
 */
import { Buffer } from "node:buffer";
import { bodyLimits } from "./limits.ts";
import { markRead } from "./marks.ts";
import { letOthersGoOn } from "./gather.ts";
import { type ShareHolder, Shares } from "./shares.ts";

export type Bytes = Uint8Array<ArrayBuffer>;

/** The fault of a body, found while it came. */
export type BodyFault =
  | "too large"
  | "too fine"
  | "too dense"
  | "too late"
  | "too many"
  | "broken"
  | "not as encoded";

/** Reading a body ended with this. */
export class BodyRefused extends Error {
  readonly _tag = "BodyRefused";
  constructor(readonly fault: BodyFault, readonly maxBytes: number) {
    super(`the body is ${fault}`);
  }
}

type BodyLimits = { readonly [Name in keyof typeof bodyLimits]: number };

const nothing = new Uint8Array(0);

const smallestBuffer = 4_096;

/** Counts a body's pieces: refuses too many bytes, and too many pieces for their content. */
class Pieces {
  bytes = 0;
  #chunks = 0;

  constructor(private readonly maxBytes: number, private readonly limits: BodyLimits) {}

  async add(chunk: Uint8Array): Promise<void> {
    this.bytes += chunk.byteLength;
    this.#chunks++;
    if (this.bytes > this.maxBytes) throw new BodyRefused("too large", this.maxBytes);
    const { chunks, bytesPerChunk, chunksInTurn } = this.limits;
    if (this.#chunks > chunks && this.bytes < this.#chunks * bytesPerChunk) {
      throw new BodyRefused("too fine", this.maxBytes);
    }
    if (this.#chunks % chunksInTurn === 0) await letOthersGoOn();
  }
}

/** The next piece, which is there until the next is asked for; null at the end. */
type ReadPiece = () => Promise<Uint8Array | null>;

/**
 * The server gives each piece, of one byte as well, a buffer of 64 KiB, and to make it costs more than the rest
 * together. It takes a buffer that is there already, and gives it back. Other streams have none to take.
 */
const readerOf = (stream: ReadableStream<Bytes>, bufferBytes: number): ReadPiece => {
  try {
    const reader = stream.getReader({ mode: "byob" });
    let buffer = new ArrayBuffer(bufferBytes);
    return async () => {
      const { done, value } = await reader.read(new Uint8Array(buffer));
      if (value !== undefined) buffer = value.buffer;
      return done || value === undefined ? null : value;
    };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const reader = stream.getReader();
    return async () => (await reader.read()).value ?? null;
  }
};

/** A body that is being read as a whole. */
class Arrival {
  sweeps = 0;
  constructor(readonly giveUp: (fault: BodyFault) => void) {}
}

export class Bodies {
  readonly #limits: BodyLimits;
  readonly #arriving = new Set<Arrival>();
  readonly #bytes: Shares;
  #sweeping: ReturnType<typeof setInterval> | undefined;

  constructor(limits: Partial<BodyLimits> = {}) {
    this.#limits = { ...bodyLimits, ...limits };
    this.#bytes = new Shares(this.#limits.bytesInArrival);
  }

  /** The whole body. Rejects with `BodyRefused`. `declared`: its length, when the request says it. */
  whole(
    request: Request,
    declared: number | null,
    maxBytes: number,
    holder: ShareHolder,
  ): Promise<Uint8Array> {
    if (declared === null) return this.#gathered(request, maxBytes, holder);
    if (declared > maxBytes) return Promise.reject(new BodyRefused("too large", maxBytes));
    return declared <= this.#limits.smallBytes
      ? this.#atOnce(request, maxBytes)
      : this.#counted(request, declared, maxBytes, holder);
  }

  /** The body as it comes. Fails with `BodyRefused`. */
  streamed(request: Request, maxBytes: number): ReadableStream<Bytes> {
    const stream = request.body;
    if (stream === null) return new Blob([]).stream();
    const pieces = new Pieces(maxBytes, this.#limits);
    const read = readerOf(stream, this.#limits.bufferBytes);
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
        return await Promise.race([read(), late.promise]);
      } finally {
        clearTimeout(timer);
        waitedMs += performance.now() - sinceMs;
      }
    };
    return new ReadableStream<Bytes>({
      pull: async (controller) => {
        const piece = await next();
        if (piece === null) {
          markRead(request);
          return controller.close();
        }
        await pieces.add(piece);
        controller.enqueue(piece.slice());
      },
    }, { highWaterMark: 0 });
  }

  /** Nothing is looked after any more. */
  close(): void {
    clearInterval(this.#sweeping);
    this.#sweeping = undefined;
  }

  /** Without a look at `body`: that would make a stream of a body that the server can hand over whole. */
  #atOnce(request: Request, maxBytes: number): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const arrival = this.#begin((fault) => reject(new BodyRefused(fault, maxBytes)));
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

  async #counted(
    request: Request,
    declared: number,
    maxBytes: number,
    holder: ShareHolder,
  ): Promise<Uint8Array> {
    if (!this.#bytes.take(holder, declared)) throw new BodyRefused("too many", maxBytes);
    try {
      return await this.#atOnce(request, maxBytes);
    } finally {
      this.#bytes.giveBack(holder, declared);
    }
  }

  /** Copies: a chunk of one byte keeps the whole buffer that it was read into. */
  async #gathered(
    request: Request,
    maxBytes: number,
    holder: ShareHolder,
  ): Promise<Uint8Array> {
    if (request.body === null) return nothing;
    const read = readerOf(request.body, this.#limits.bufferBytes);
    const pieces = new Pieces(maxBytes, this.#limits);
    let gathered = Buffer.alloc(0);
    const over = Promise.withResolvers<never>();
    const arrival = this.#begin((fault) => over.reject(new BodyRefused(fault, maxBytes)));
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
        const piece = await Promise.race([read(), over.promise]);
        if (piece === null) {
          markRead(request);
          return gathered.subarray(0, at);
        }
        await pieces.add(piece);
        if (pieces.bytes > gathered.byteLength) grow();
        gathered.set(piece, at);
      }
    } catch (error) {
      throw error instanceof BodyRefused ? error : new BodyRefused("broken", maxBytes);
    } finally {
      this.#arriving.delete(arrival);
      this.#bytes.giveBack(holder, gathered.byteLength);
    }
  }

  #begin(giveUp: (fault: BodyFault) => void): Arrival {
    if (this.#arriving.size >= this.#limits.arriving) this.#giveUpOldest();
    const arrival = new Arrival(giveUp);
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
      arrival.giveUp("too late");
    }
  }

  /** Bodies that come as they should are here in no time: the oldest is one that does not go on. */
  #giveUpOldest(): void {
    const [oldest] = this.#arriving;
    if (oldest === undefined) return;
    this.#arriving.delete(oldest);
    oldest.giveUp("too many");
  }
}
