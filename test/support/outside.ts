/** Others at the other end: servers on this machine that count who connects, and answer as they are told. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import type { Identity } from "./certificates.ts";

/** Says what happens, to whoever waits for it. */
export class Signal {
  readonly #waiting: (() => void)[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  happened(): void {
    this.#count++;
    for (const resume of this.#waiting.splice(0)) resume();
  }

  /** Until it has happened so often. */
  async reached(count = 1): Promise<void> {
    while (this.#count < count) await new Promise<void>((resume) => this.#waiting.push(resume));
  }
}

/** One connection, as bytes. */
export interface RawConnection {
  /** The next request, head and body; null when the other side has closed. */
  readonly request: () => Promise<string | null>;
  /** False when nobody takes it any more. */
  readonly write: (text: string) => Promise<boolean>;
  /** Until the other side has closed. */
  readonly closed: () => Promise<void>;
  readonly close: () => void;
  /** Ends it without a word: what comes at the other side is a reset. */
  readonly reset: () => void;
}

const rawConnection = (socket: Deno.TcpConn): RawConnection => {
  let buffered = "";
  let isClosed = false;
  const more = async (): Promise<boolean> => {
    const chunk = new Uint8Array(65_536);
    const length = await socket.read(chunk).catch(() => null);
    buffered += length === null ? "" : new TextDecoder("latin1").decode(chunk.subarray(0, length));
    return length !== null;
  };
  const close = () => {
    if (!isClosed) socket.close();
    isClosed = true;
  };
  return {
    request: async () => {
      while (true) {
        const head = buffered.indexOf("\r\n\r\n");
        const length = Number(/^content-length: *(\d+)/im.exec(buffered)?.[1] ?? 0);
        if (head >= 0 && buffered.length >= head + 4 + length) {
          const text = buffered.slice(0, head + 4 + length);
          buffered = buffered.slice(head + 4 + length);
          return text;
        }
        if (!await more()) return null;
      }
    },
    write: async (text) => {
      const bytes = new TextEncoder().encode(text);
      for (let sent = 0; sent < bytes.length;) {
        const length = await socket.write(bytes.subarray(sent)).catch(() => null);
        if (length === null) return false;
        sent += length;
      }
      return true;
    },
    closed: async () => {
      while (await more());
    },
    close,
    // Closing a socket that has bytes which nobody has read sends a reset.
    reset: close,
  };
};

export interface Outside {
  readonly port: number;
  /** Connections that came. */
  readonly connections: Signal;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/** A server that does on each connection as it is told, the first being 1. */
export const rawServer = (
  conduct: (connection: RawConnection, n: number) => Promise<void>,
  hostname = "127.0.0.1",
  port = 0,
): Outside => {
  const listener = Deno.listen({ hostname, port });
  const connections = new Signal();
  const open = new Set<RawConnection>();
  const serving = (async () => {
    for await (const socket of listener) {
      const connection = rawConnection(socket);
      open.add(connection);
      connections.happened();
      conduct(connection, connections.count).finally(() => {
        connection.close();
        open.delete(connection);
      });
    }
  })();
  return {
    port: listener.addr.port,
    connections,
    [Symbol.asyncDispose]: async () => {
      listener.close();
      await serving;
      for (const connection of open) connection.close();
    },
  };
};

/** What came, of one request. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  /** The name that TLS was asked for. */
  readonly serverName: unknown;
}

export interface HttpOutside extends Outside {
  readonly received: readonly Received[];
  /** Requests that came whole. */
  readonly requests: Signal;
  /** Connections that are open. */
  readonly open: () => number;
  /** Closes those on which no request is. */
  readonly closeIdle: () => void;
}

export interface HttpServerOptions {
  readonly identity?: Identity;
  readonly answer?: (response: ServerResponse, received: Received) => void;
  readonly hostname?: string;
  readonly port?: number;
}

/** A server that speaks HTTP; with an identity, by TLS. Answers 200 when nothing else is said. */
export const httpServer = async (
  { identity, answer = (response) => void response.end("ok"), hostname = "127.0.0.1", port = 0 }:
    HttpServerOptions = {},
): Promise<HttpOutside> => {
  const received: Received[] = [];
  const requests = new Signal();
  const connections = new Signal();
  const open = new Set<unknown>();
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const chunks: string[] = [];
    request.setEncoding("utf8");
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url = "", headers, socket } = request;
      const one = {
        method,
        url,
        headers,
        body: chunks.join(""),
        serverName: "servername" in socket ? socket.servername : null,
      };
      received.push(one);
      requests.happened();
      answer(response, one);
    });
  };
  const server = identity === undefined
    ? createServer(handle)
    : createSecureServer({ ...identity }, handle);
  server.keepAliveTimeout = 0;
  (server as Server).on("connection", (socket) => {
    connections.happened();
    open.add(socket);
    socket.on("close", () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(port, hostname, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    connections,
    received,
    requests,
    open: () => open.size,
    closeIdle: () => server.closeIdleConnections(),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
