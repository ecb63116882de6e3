/** Reads HTTP/1.1 responses out of the bytes of a connection: as little of them as a client needs. */

export interface Response {
  readonly status: number;
  readonly headers: string;
  readonly body: Uint8Array;
  readonly keepAlive: boolean;
  /** Bytes of the buffer that the response took. */
  readonly end: number;
}

/** The connection does not speak HTTP/1.1, or says something that this client does not understand. */
export class MalformedResponse extends Error {
  override readonly name = "MalformedResponse";
}

const decoder = new TextDecoder();
const carriageReturn = 13;
const lineFeed = 10;
const lineEnd = "\r\n";
/** Of a line between chunks. */
const mostLineBytes = 1_024;

const endOfHead = (bytes: Uint8Array, from: number): number => {
  let at = bytes.indexOf(carriageReturn, from);
  while (at >= 0 && at + 3 < bytes.length) {
    if (
      bytes[at + 1] === lineFeed && bytes[at + 2] === carriageReturn && bytes[at + 3] === lineFeed
    ) return at + 4;
    at = bytes.indexOf(carriageReturn, at + 1);
  }
  return -1;
};

const statusOf = (bytes: Uint8Array): number => {
  const digit = (at: number) => (bytes[at] ?? 0) - 48;
  const status = digit(9) * 100 + digit(10) * 10 + digit(11);
  if (bytes[0] !== 72 || bytes[4] !== 47 || !(status >= 100 && status <= 599)) {
    throw new MalformedResponse("This is not HTTP/1.1.");
  }
  return status;
};

const valueOf = (headers: string, name: string): string | undefined => {
  const start = headers.toLowerCase().indexOf(`\r\n${name}:`);
  if (start < 0) return undefined;
  const from = start + name.length + 3;
  const end = headers.indexOf("\r\n", from);
  return headers.slice(from, end < 0 ? undefined : end).trim();
};

/** Takes the chunks of a chunked body (RFC 9112, section 7.1) out of its bytes, however these are cut. */
export class Dechunker {
  /** Bytes of the chunk that are still to come, and its line end; 0 before a line. */
  #left = 0;
  /** What has come of a line. */
  #line = "";
  #isAfterChunks = false;
  #ended = false;

  constructor(private readonly take: (bytes: Uint8Array) => void) {}

  /** Whether all of the body has come. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Answers with how many of the bytes belong to the body. */
  push(bytes: Uint8Array): number {
    let at = 0;
    while (at < bytes.length && !this.#ended) {
      at = this.#left > 0 ? this.#pushContent(bytes, at) : this.#pushLine(bytes, at);
    }
    return at;
  }

  #pushContent(bytes: Uint8Array, at: number): number {
    const length = Math.min(this.#left, bytes.length - at);
    const content = Math.min(length, this.#left - lineEnd.length);
    if (content > 0) this.take(bytes.subarray(at, at + content));
    this.#left -= length;
    return at + length;
  }

  #pushLine(bytes: Uint8Array, at: number): number {
    const end = bytes.indexOf(lineFeed, at);
    const stop = end < 0 ? bytes.length : end + 1;
    if (this.#line.length + stop - at > mostLineBytes) {
      throw new MalformedResponse("A line among the chunks is too long.");
    }
    this.#line += String.fromCharCode(...bytes.subarray(at, stop));
    if (end >= 0) {
      this.#endLine(this.#line);
      this.#line = "";
    }
    return stop;
  }

  #endLine(line: string): void {
    if (this.#isAfterChunks) {
      this.#ended = line === lineEnd;
      return;
    }
    const size = /^[ \t]*([0-9a-f]+)[ \t]*(?:;.*)?\r\n$/i.exec(line)?.[1];
    if (size === undefined) throw new MalformedResponse(`A chunk of "${line.trim()}" bytes?`);
    const length = Number.parseInt(size, 16);
    if (length === 0) this.#isAfterChunks = true;
    else this.#left = length + lineEnd.length;
  }
}

/** A chunked body with its end; null while it is not all there. */
const readChunks = (
  bytes: Uint8Array,
  from: number,
): { readonly body: Uint8Array; readonly end: number } | null => {
  const chunks: Uint8Array[] = [];
  const reader = new Dechunker((chunk) => void chunks.push(chunk));
  const end = from + reader.push(bytes.subarray(from));
  if (!reader.ended) return null;
  const body = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    body.set(chunk, offset);
    offset += chunk.length;
  }
  return { body, end };
};

/** Status and headers at the beginning of the bytes; null while they are not all there. */
export const readHead = (
  bytes: Uint8Array,
): { readonly status: number; readonly headers: string; readonly end: number } | null => {
  const end = endOfHead(bytes, 0);
  if (end < 0) return null;
  return { status: statusOf(bytes), headers: decoder.decode(bytes.subarray(0, end - 2)), end };
};

/** The response at the beginning of the bytes; null while it is not all there. */
export const readResponse = (bytes: Uint8Array): Response | null => {
  const head = readHead(bytes);
  if (head === null) return null;
  const { status, headers, end: headEnd } = head;
  const keepAlive = valueOf(headers, "connection")?.toLowerCase() !== "close";
  if (status === 204 || status === 304) {
    return { status, headers, body: bytes.subarray(headEnd, headEnd), keepAlive, end: headEnd };
  }
  const length = valueOf(headers, "content-length");
  if (length !== undefined) {
    const end = headEnd + Number(length);
    if (!Number.isSafeInteger(end) || end < headEnd) {
      throw new MalformedResponse(`A body of "${length}" bytes?`);
    }
    if (end > bytes.length) return null;
    return { status, headers, body: bytes.subarray(headEnd, end), keepAlive, end };
  }
  if (valueOf(headers, "transfer-encoding")?.toLowerCase() !== "chunked") {
    throw new MalformedResponse("The response does not say how long it is.");
  }
  const chunked = readChunks(bytes, headEnd);
  return chunked === null ? null : { status, headers, keepAlive, ...chunked };
};
