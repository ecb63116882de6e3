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

/** Where the line that begins at `start` ends; -1 while it is not all there. */
const endOfLine = (bytes: Uint8Array, start: number): number => {
  let at = bytes.indexOf(carriageReturn, start);
  while (at >= 0 && at + 1 < bytes.length && bytes[at + 1] !== lineFeed) {
    at = bytes.indexOf(carriageReturn, at + 1);
  }
  return at >= 0 && at + 1 < bytes.length ? at : -1;
};

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

/** A chunked body with its end; null while it is not all there. */
const readChunks = (
  bytes: Uint8Array,
  from: number,
): { readonly body: Uint8Array; readonly end: number } | null => {
  const chunks: Uint8Array[] = [];
  let length = 0;
  let at = from;
  while (true) {
    const lineEnd = endOfLine(bytes, at);
    if (lineEnd < 0) return null;
    const text = decoder.decode(bytes.subarray(at, lineEnd)).split(";")[0]?.trim() ?? "";
    if (!/^[0-9a-f]+$/i.test(text)) throw new MalformedResponse(`A chunk of "${text}" bytes?`);
    const size = Number.parseInt(text, 16);
    const start = lineEnd + 2;
    if (size === 0) {
      let line = start;
      while (true) {
        const end = endOfLine(bytes, line);
        if (end < 0) return null;
        if (end === line) break;
        line = end + 2;
      }
      const body = new Uint8Array(length);
      let offset = 0;
      for (const chunk of chunks) {
        body.set(chunk, offset);
        offset += chunk.length;
      }
      return { body, end: line + 2 };
    }
    if (start + size + 2 > bytes.length) return null;
    chunks.push(bytes.subarray(start, start + size));
    length += size;
    at = start + size + 2;
  }
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
