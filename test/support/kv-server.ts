/**
 * A KV server as the native client of Deno KV knows it, in memory: it speaks KV Connect, and can be made to
 * answer late, never, with errors and with answers that break off.
 */
import { bytesIn, fieldsOf, message, messagesIn, numberIn } from "./protobuf.ts";
import type { Field } from "./protobuf.ts";

/** What happens to a call. */
export type Conduct =
  | "well"
  /** It is not done, and never answered. */
  | "lost"
  /** It is done, and never answered. */
  | "done and lost"
  /** It is done when the server is told so, and never answered. */
  | "done later"
  /** It is not done: the answer is an error of the server. */
  | "error"
  /** It is done, and the answer breaks off: the native client says so, where it repeats all else. */
  | "broken";

export type Method = "metadata" | "snapshot_read" | "atomic_write" | "watch";

export interface KvServer {
  readonly address: string;
  /** Asked for each call. */
  conduct: (method: Method) => Conduct;
  /** Checks that it takes in one commit. */
  checks: number;
  /** Calls that came, by method. */
  readonly calls: Readonly<Record<Method, number>>;
  /** Does what is to be done later. */
  readonly catchUp: () => void;
  /** Nobody listens at the address any more, until it starts again. */
  readonly stop: () => Promise<void>;
  readonly start: () => void;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

export const accessToken = "the-token-of-the-kv-server";

interface Stored {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly encoding: number;
  readonly versionstamp: Uint8Array;
}

const set = 1;
const remove = 2;
const setAtVersionstamp = 9;
const succeeded = 1;
const checkFailed = 2;

/** Texts that sort as the bytes do. */
const hex = (bytes: Uint8Array): string => bytes.toHex();

const entryOf = ({ key, value, encoding, versionstamp }: Stored): Uint8Array =>
  message([[1, key], [2, value], [3, encoding], [4, versionstamp]]);

class Data {
  readonly #entries = new Map<string, Stored>();
  readonly #watchers = new Set<() => void>();
  #commits = 0;

  /** Runs something after each commit, until the answer is called. */
  onCommit(run: () => void): () => void {
    this.#watchers.add(run);
    return () => void this.#watchers.delete(run);
  }

  get(key: Uint8Array): Stored | undefined {
    return this.#entries.get(hex(key));
  }

  read(request: readonly Field[]): Uint8Array<ArrayBuffer> {
    const ranges = messagesIn(request, 1).map((range): Field => {
      const [start, end] = [hex(bytesIn(range, 1)), hex(bytesIn(range, 2))];
      const found = [...this.#entries].filter(([key]) => key >= start && key < end)
        .sort(([one], [other]) => one < other ? -1 : 1);
      if (numberIn(range, 4) === 1) found.reverse();
      const entries = found.slice(0, numberIn(range, 3));
      return [1, message(entries.map(([, stored]): Field => [1, entryOf(stored)]))];
    });
    return message([...ranges, [4, 1], [8, succeeded]]);
  }

  write(request: readonly Field[]): Uint8Array<ArrayBuffer> {
    const holds = messagesIn(request, 1).every((check) => {
      const stored = this.get(bytesIn(check, 1));
      return hex(bytesIn(check, 2)) === (stored === undefined ? "" : hex(stored.versionstamp));
    });
    if (!holds) return message([[1, checkFailed]]);
    const versionstamp = new Uint8Array(10);
    new DataView(versionstamp.buffer).setUint32(4, ++this.#commits);
    for (const mutation of messagesIn(request, 2)) {
      const type = numberIn(mutation, 3);
      let key = bytesIn(mutation, 1);
      if (type === remove) {
        this.#entries.delete(hex(key));
        continue;
      }
      if (type === setAtVersionstamp) {
        const text = new TextEncoder().encode(hex(versionstamp));
        key = Uint8Array.from([...key, 2, ...text, 0]);
      } else if (type !== set) throw new Error(`no such mutation: ${type}`);
      const [value = []] = messagesIn(mutation, 2);
      const stored = { key, value: bytesIn(value, 1), encoding: numberIn(value, 2), versionstamp };
      this.#entries.set(hex(key), stored);
    }
    for (const run of this.#watchers) run();
    return message([[1, succeeded], [2, versionstamp]]);
  }
}

/** One frame says what the keys are, and each further one that they have changed. */
const watching = (
  data: Data,
  request: readonly Field[],
  ending: Promise<unknown>,
): ReadableStream<Uint8Array> => {
  const keys = messagesIn(request, 1).map((watched) => bytesIn(watched, 1));
  let forget = () => {};
  let isCancelled = false;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      let last = "";
      const tell = () => {
        const stored = keys.map((key) => data.get(key));
        const now = stored.map((each) => each === undefined ? "" : hex(each.versionstamp)).join();
        if (now === last && last !== "") return;
        last = now;
        const output = message([
          [1, succeeded],
          ...stored.map((each): Field => [
            2,
            message(each === undefined ? [[1, 1]] : [[1, 1], [2, entryOf(each)]]),
          ]),
        ]);
        const frame = new Uint8Array(4 + output.length);
        new DataView(frame.buffer).setUint32(0, output.length, true);
        frame.set(output, 4);
        controller.enqueue(frame);
      };
      tell();
      forget = data.onCommit(tell);
      ending.then(() => {
        forget();
        if (!isCancelled) controller.close();
      });
    },
    cancel: () => {
      isCancelled = true;
      forget();
    },
  });
};

const metadata = (): Response =>
  Response.json({
    version: 3,
    databaseId: "00000000-0000-0000-0000-000000000000",
    endpoints: [{ url: "/v2", consistency: "strong" }],
    token: accessToken,
    expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
  });

class Server implements KvServer {
  conduct: KvServer["conduct"] = () => "well";
  checks = 10;
  readonly calls = { metadata: 0, snapshot_read: 0, atomic_write: 0, watch: 0 };
  readonly #data = new Data();
  readonly #later: (() => void)[] = [];
  /** Ends what is never answered, and streams. */
  #ending = Promise.withResolvers<Response>();
  #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    this.#server = this.#listen(0);
  }

  get address(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  catchUp(): void {
    for (const run of this.#later.splice(0)) run();
  }

  async stop(): Promise<void> {
    this.#ending.resolve(new Response(null, { status: 503 }));
    await this.#server.shutdown();
  }

  start(): void {
    this.#ending = Promise.withResolvers<Response>();
    this.#server = this.#listen(this.#server.addr.port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #listen(port: number): Deno.HttpServer<Deno.NetAddr> {
    return Deno.serve(
      { port, hostname: "127.0.0.1", onListen: () => {}, onError: () => new Response(null) },
      (request) => this.#serve(request),
    );
  }

  async #serve(request: Request): Promise<Response> {
    const method = (new URL(request.url).pathname.split("/").at(-1) || "metadata") as Method;
    this.calls[method]++;
    const body = new Uint8Array(await request.arrayBuffer());
    const conduct = this.conduct(method);
    switch (conduct) {
      case "lost":
        return await this.#ending.promise;
      case "error":
        return new Response("An internal server error occurred.", { status: 500 });
      case "done later":
        this.#later.push(() => void this.#do(method, fieldsOf(body)));
        return await this.#ending.promise;
      case "done and lost":
        this.#do(method, fieldsOf(body));
        return await this.#ending.promise;
      case "broken":
      case "well": {
        const answer = method === "metadata" ? metadata() : this.#do(method, fieldsOf(body));
        if (answer instanceof Response) return answer;
        return new Response(conduct === "broken" ? answer.subarray(0, -1) : answer);
      }
    }
  }

  #do(method: Method, request: readonly Field[]): Uint8Array<ArrayBuffer> | Response {
    if (method === "snapshot_read") return this.#data.read(request);
    if (method === "watch") {
      return new Response(watching(this.#data, request, this.#ending.promise));
    }
    if (messagesIn(request, 1).length > this.checks) {
      return new Response("Too many checks included in atomic write.", { status: 400 });
    }
    return this.#data.write(request);
  }
}

export const startKvServer = (): KvServer => new Server();
