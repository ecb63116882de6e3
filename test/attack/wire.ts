/** Bytes over a socket, as no well-behaved client sends them. */
const utf8 = new TextEncoder();

export type Part = string | Uint8Array;

const bytesOf = (part: Part): Uint8Array => typeof part === "string" ? utf8.encode(part) : part;

/** A server that has heard enough closes, and what was not read by then is reset. */
const untilClosed = async (work: () => Promise<void>): Promise<void> => {
  try {
    await work();
  } catch (error) {
    const isClosed = error instanceof Deno.errors.ConnectionReset ||
      error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.NotConnected ||
      error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted;
    if (!isClosed) throw error;
  }
};

/** A server may leave the connection open for the rest of a body that it does not want. */
const isWhole = (heard: string): boolean => {
  const end = heard.indexOf("\r\n\r\n");
  const length = /^content-length: (\d+)/im.exec(heard.slice(0, Math.max(0, end)))?.[1];
  return end >= 0 && length !== undefined &&
    utf8.encode(heard.slice(end + 4)).byteLength >= Number(length);
};

export interface Wire {
  readonly send: (...parts: readonly Part[]) => Promise<void>;
  /** Nothing more will follow, though more was promised. */
  readonly leave: () => Promise<void>;
  /** One whole answer, or all until the server closes. */
  readonly hear: () => Promise<string>;
  /** Waits until the server closes, and throws away what it says. */
  readonly closed: () => Promise<void>;
  readonly [Symbol.dispose]: () => void;
}

interface Place {
  readonly hostname: string;
  readonly port: number;
}

/** Where an engine listens. */
export const placeOf = (address: string): Place => {
  const { hostname, port } = new URL(address);
  return { hostname, port: Number(port) };
};

export const connect = async ({ hostname, port }: Place): Promise<Wire> => {
  const connection = await Deno.connect({ hostname, port });
  let isOpen = true;
  return {
    send: (...parts) =>
      untilClosed(async () => {
        for (const part of parts) {
          let rest = bytesOf(part);
          while (rest.byteLength > 0) rest = rest.subarray(await connection.write(rest));
        }
      }),
    leave: () => untilClosed(() => connection.closeWrite()),
    hear: async () => {
      let heard = "";
      const bytes = new Uint8Array(65_536);
      const decoder = new TextDecoder();
      await untilClosed(async () => {
        let length = await connection.read(bytes);
        while (length !== null) {
          heard += decoder.decode(bytes.subarray(0, length), { stream: true });
          length = isWhole(heard) ? null : await connection.read(bytes);
        }
      });
      return heard;
    },
    closed: () =>
      untilClosed(async () => {
        const bytes = new Uint8Array(4_096);
        let length = await connection.read(bytes);
        while (length !== null) length = await connection.read(bytes);
      }),
    [Symbol.dispose]: () => {
      if (isOpen) connection.close();
      isOpen = false;
    },
  };
};

export const statusesOf = (heard: string): readonly number[] =>
  [...heard.matchAll(/^HTTP\/1\.[01] (\d{3})/gm)].map(([, status]) => Number(status));
