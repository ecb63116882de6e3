/** Follows an endless response over a bare socket, for the same reason as `connection.ts`. */
import { openSocket, requestBytes, type Target, writeAll } from "./connection.ts";
import { MalformedResponse, readHead } from "./response.ts";

const bufferBytes = 16_384;
const lineFeed = 10;
const lineEndBytes = 2;
const mostSizeLineBytes = 1_024;

/** Takes the chunks of a chunked body (RFC 9112, section 7.1) out of its bytes, however these are cut. */
export class Dechunker {
  /** Bytes of the chunk that are still to come, and its line end; 0 before the line with a size. */
  #left = 0;
  #sizeLine = "";
  #ended = false;

  constructor(private readonly take: (bytes: Uint8Array) => void) {}

  /** Whether the last chunk has come. */
  get ended(): boolean {
    return this.#ended;
  }

  push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length && !this.#ended) {
      if (this.#left === 0) {
        const end = bytes.indexOf(lineFeed, at);
        const stop = end < 0 ? bytes.length : end + 1;
        this.#sizeLine += String.fromCharCode(...bytes.subarray(at, stop));
        at = stop;
        if (this.#sizeLine.length > mostSizeLineBytes) {
          throw new MalformedResponse("The line with a chunk's size is too long.");
        }
        if (end < 0) continue;
        const size = /^([0-9a-f]+)[\s;]/i.exec(this.#sizeLine)?.[1];
        if (size === undefined) {
          throw new MalformedResponse(`A chunk of "${this.#sizeLine}" bytes?`);
        }
        this.#sizeLine = "";
        this.#left = Number.parseInt(size, 16) + lineEndBytes;
        this.#ended = this.#left === lineEndBytes;
        continue;
      }
      const length = Math.min(this.#left, bytes.length - at);
      const content = Math.min(length, this.#left - lineEndBytes);
      if (content > 0) this.take(bytes.subarray(at, at + content));
      this.#left -= length;
      at += length;
    }
  }
}

/** Asks for a path and hands over what its body says, until it ends or is closed. */
export const followStream = async (
  target: Target,
  path: string,
  take: (bytes: Uint8Array) => void,
): Promise<{ readonly ended: Promise<void>; readonly close: () => void }> => {
  const socket = await openSocket(target);
  await writeAll(socket, requestBytes(target, { method: "GET", path }));
  const buffer = new Uint8Array(bufferBytes);
  let filled = 0;
  let head = null;
  while (head === null) {
    const read = await socket.read(buffer.subarray(filled));
    if (read === null) throw new Error("The connection ended before the answer.");
    filled += read;
    head = readHead(buffer.subarray(0, filled));
  }
  if (head.status !== 200) {
    const answer = new TextDecoder().decode(buffer.subarray(0, filled));
    socket.close();
    throw new Error(`The stream was refused: ${answer}`);
  }
  const chunks = new Dechunker(take);
  chunks.push(buffer.subarray(head.end, filled));
  const follow = async (): Promise<void> => {
    while (!chunks.ended) {
      const read = await socket.read(buffer);
      if (read === null) return;
      chunks.push(buffer.subarray(0, read));
    }
  };
  return { ended: follow(), close: () => socket.close() };
};
