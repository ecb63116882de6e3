/**
 * One keep-alive HTTP/1.1 connection over a bare socket: a load generator shares the machine with what it
 * measures, so it must cost little.
 */
import { readResponse, type Response } from "./response.ts";

export interface Target {
  readonly url: URL;
  readonly key: string;
}

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const encoder = new TextEncoder();
const firstBufferBytes = 16_384;
const mostBufferBytes = 64 * 1024 * 1024;
/** How long an answer may take before the request counts as an error. */
const answerMs = 30_000;

const portOf = (url: URL): number =>
  url.port !== "" ? Number(url.port) : url.protocol === "https:" ? 443 : 80;

/** The bytes of a request. */
export const requestBytes = ({ url, key }: Target, request: HttpRequest): Uint8Array => {
  const body = request.body === undefined ? undefined : encoder.encode(request.body);
  let head = `${request.method} ${request.path} HTTP/1.1\r\nHost: ${url.host}\r\n` +
    `Authorization: Bearer ${key}\r\n`;
  for (const [name, value] of Object.entries(request.headers ?? {})) {
    head += `${name}: ${value}\r\n`;
  }
  if (body === undefined) return encoder.encode(`${head}\r\n`);
  const start = encoder.encode(
    `${head}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
  );
  const bytes = new Uint8Array(start.length + body.length);
  bytes.set(start);
  bytes.set(body, start.length);
  return bytes;
};

export const writeAll = async (socket: Deno.Conn, bytes: Uint8Array): Promise<void> => {
  let written = 0;
  while (written < bytes.length) written += await socket.write(bytes.subarray(written));
};

export const openSocket = async ({ url }: Target): Promise<Deno.Conn> => {
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  const port = portOf(url);
  if (url.protocol === "https:") {
    return await Deno.connectTls({ hostname, port, alpnProtocols: ["http/1.1"] });
  }
  const socket = await Deno.connect({ hostname, port });
  socket.setNoDelay(true);
  return socket;
};

export class Connection {
  #socket: Deno.Conn | undefined;
  #buffer = new Uint8Array(firstBufferBytes);
  #filled = 0;
  /** When the request under way was sent; undefined while there is none. */
  #sentMs: number | undefined;
  readonly #watch: ReturnType<typeof setInterval>;

  constructor(private readonly target: Target) {
    // One slow timer a connection is cheaper than one for each request.
    this.#watch = setInterval(() => {
      if (this.#sentMs !== undefined && performance.now() - this.#sentMs > answerMs) this.#drop();
    }, answerMs / 10);
  }

  async open(): Promise<void> {
    this.#filled = 0;
    this.#socket = await openSocket(this.target);
  }

  /** The body is only valid until the next request. */
  async send(request: HttpRequest): Promise<Response> {
    if (this.#socket === undefined) await this.open();
    this.#sentMs = performance.now();
    try {
      const socket = this.#socket;
      if (socket === undefined) throw new Error("There is no connection.");
      await writeAll(socket, requestBytes(this.target, request));
      const response = await this.#read(socket);
      if (!response.keepAlive) this.#drop();
      return response;
    } catch (error) {
      this.#drop();
      throw error;
    } finally {
      this.#sentMs = undefined;
    }
  }

  close(): void {
    clearInterval(this.#watch);
    this.#drop();
  }

  async #read(socket: Deno.Conn): Promise<Response> {
    while (true) {
      if (this.#filled === this.#buffer.length) this.#grow();
      const read = await socket.read(this.#buffer.subarray(this.#filled));
      if (read === null) throw new Error("The connection ended before the answer.");
      this.#filled += read;
      const response = readResponse(this.#buffer.subarray(0, this.#filled));
      if (response === null) continue;
      // One request at a time: nothing can follow the answer.
      this.#filled = 0;
      return response;
    }
  }

  #grow(): void {
    if (this.#buffer.length >= mostBufferBytes) throw new Error("The answer is too long.");
    const larger = new Uint8Array(this.#buffer.length * 2);
    larger.set(this.#buffer);
    this.#buffer = larger;
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#filled = 0;
    try {
      socket?.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }
}
