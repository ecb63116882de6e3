/**
 * Bodies that come compressed (RFC 9110 section 8.4.1). A few bytes can say a great many, so all that comes out
 * is counted, and it comes out in pieces of a bounded size, of which the next is made when somebody asks for it.
 */
import { createGunzip, createInflate } from "node:zlib";
import { BodyRefused, type Bytes } from "./bodies.ts";
import { compressionLimits } from "./limits.ts";

export const contentEncodings = ["gzip", "deflate"] as const;
export type ContentEncoding = typeof contentEncodings[number];

/** Null when the body comes as it is; undefined when its encoding, or one of several, is none of ours. */
export const contentEncodingOf = (headers: Headers): ContentEncoding | null | undefined => {
  const value = headers.get("content-encoding")?.trim().toLowerCase();
  if (value === undefined || value === "" || value === "identity") return null;
  if (value === "x-gzip") return "gzip";
  return contentEncodings.find((each) => each === value);
};

type CompressionLimits = { readonly [Name in keyof typeof compressionLimits]: number };

/** Counts what comes out, against the bound of all bodies and against what has come in. */
class Expansion {
  #came = 0;
  #became = 0;

  constructor(private readonly maxBytes: number, private readonly limits: CompressionLimits) {}

  came(bytes: number): void {
    this.#came += bytes;
  }

  /** Throws `BodyRefused` where that is too much. */
  became(bytes: number): void {
    const { expansion, expansionFromBytes } = this.limits;
    this.#became += bytes;
    if (this.#became > this.maxBytes) throw new BodyRefused("too large", this.maxBytes);
    if (this.#became > expansionFromBytes && this.#became > expansion * this.#came) {
      throw new BodyRefused("too dense", this.maxBytes);
    }
  }
}

type Unzip = ReturnType<typeof createGunzip>;

/** Takes the chunk, and waits until it is used up. */
const write = (unzip: Unzip, chunk: Bytes): Promise<void> =>
  new Promise((resolve, reject) =>
    unzip.write(chunk, (error) => error ? reject(error) : resolve())
  );

/** Ends with the body, or breaks off with its fault. */
const feed = async (
  unzip: Unzip,
  body: ReadableStreamDefaultReader<Bytes>,
  expansion: Expansion,
): Promise<void> => {
  try {
    while (!unzip.destroyed) {
      const { done, value } = await body.read();
      if (done) {
        unzip.end();
        return;
      }
      expansion.came(value.byteLength);
      await write(unzip, value);
    }
  } catch (error) {
    unzip.destroy(error instanceof Error ? error : new Error(String(error)));
  }
};

/** In pieces, of which the next is made when somebody asks for it. */
const piecesOf = async function* (
  body: ReadableStream<Bytes>,
  unzip: Unzip,
  expansion: Expansion,
  maxBytes: number,
): AsyncGenerator<Bytes, void> {
  const reader = body.getReader();
  void feed(unzip, reader, expansion);
  try {
    for await (const piece of unzip) {
      const bytes = new Uint8Array(piece);
      expansion.became(bytes.byteLength);
      yield bytes;
    }
  } catch (error) {
    throw error instanceof BodyRefused ? error : new BodyRefused("not as encoded", maxBytes);
  } finally {
    unzip.destroy();
    // Of what was refused, nothing more is read: its connection is closed.
    reader.releaseLock();
  }
};

const resumed = async function* (
  first: IteratorResult<Bytes, void>,
  rest: AsyncGenerator<Bytes, void>,
): AsyncGenerator<Bytes, void> {
  try {
    if (first.done === true) return;
    yield first.value;
    yield* rest;
  } finally {
    await rest.return();
  }
};

/**
 * The content of a compressed body, once its first piece is there: what is not compressed at all is refused
 * before anything begins. Then, and when it is read, it fails with `BodyRefused`: where the body itself was
 * refused, where more comes out than `maxBytes` or than its own bytes can be about, or where it is not what its
 * encoding says.
 */
export const decompressed = async (
  body: ReadableStream<Bytes>,
  encoding: ContentEncoding,
  maxBytes: number,
  limits: CompressionLimits = compressionLimits,
): Promise<ReadableStream<Bytes>> => {
  const make = encoding === "gzip" ? createGunzip : createInflate;
  const unzip = make({ chunkSize: limits.pieceBytes });
  const pieces = piecesOf(body, unzip, new Expansion(maxBytes, limits), maxBytes);
  return ReadableStream.from(resumed(await pieces.next(), pieces));
};
