/** One request and its answer on one connection, to an address that was checked. */
import { Agent as PlainAgent, type ClientRequest, type IncomingMessage, request } from "node:http";
import { Agent as SecureAgent, request as secureRequest } from "node:https";
import { Data, Effect } from "effect";
import { outboundLimits } from "../../src/outbound/limits.ts";
import type { Target } from "../../src/outbound/target.ts";
import { codeOf } from "./resolver.ts";

/** There is nobody at any of the addresses, or TLS does not come about. Nothing of the request went out. */
export class CouldNotConnect extends Data.TaggedError("CouldNotConnect")<{
  readonly detail: string;
}> {}

/** The connection ended, or what came is no HTTP. The other side may have the request. */
export class AnswerBroken extends Data.TaggedError("AnswerBroken")<{
  readonly detail: string;
}> {}

/** Whoever answered, of any status: a redirect is an answer like others. */
export interface OutboundAnswer {
  readonly status: number;
  /** Those that somebody needs; absent where the answer has none. */
  readonly headers: { readonly retryAfter?: string; readonly contentType?: string };
  /** The first characters of the body, as many as the request wants: it may be another service's. */
  readonly bodyStart: string;
}

/** A request as it goes out. */
export interface Call {
  readonly target: Target;
  /** One that `target` may stand for. */
  readonly address: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** What is kept of the answer's body, in UTF-16 code units. */
  readonly answerCharacters: number;
}

type Result<Failure> = Effect.Effect<void, Failure>;

/** Something that happens once, perhaps before anybody waits for it. */
class Happening<Failure> {
  #result: Result<Failure> | null = null;
  #resume: ((result: Result<Failure>) => void) | null = null;

  happened(result: Result<Failure>): void {
    if (this.#result !== null) return;
    this.#result = result;
    this.#resume?.(result);
  }

  readonly awaited: Result<Failure> = Effect.callback((resume) => {
    if (this.#result !== null) resume(this.#result);
    else this.#resume = resume;
  });
}

/** Connections are of an address and of the name that its certificate was checked for. */
const nameOf = (
  { host, port, servername }: { host?: string; port?: number | string; servername?: string },
): string => `${host} ${port} ${servername ?? ""}`;

class PinnedPlainAgent extends PlainAgent {
  override getName = nameOf;
}

class PinnedSecureAgent extends SecureAgent {
  override getName = nameOf;
}

/** Connections that are kept for the next request. */
export class Connections {
  readonly plain: PlainAgent;
  readonly secure: SecureAgent;

  /** `authorities`: PEM certificates of all that are believed; the system's when undefined. */
  constructor(authorities: readonly string[] | undefined) {
    const kept = {
      keepAlive: true,
      maxFreeSockets: outboundLimits.idlePerAddress,
      timeout: outboundLimits.idleMs,
      // A proxy would resolve the name once more; Deno takes one of the environment where nothing is said.
      proxyEnv: {},
    };
    this.plain = new PinnedPlainAgent(kept);
    this.secure = new PinnedSecureAgent(
      authorities === undefined ? kept : { ...kept, ca: [...authorities] },
    );
  }

  close(): void {
    this.plain.destroy();
    this.secure.destroy();
  }
}

const open = (
  { plain, secure }: Connections,
  { target, address, method, headers, body }: Call,
): ClientRequest => {
  const { url, isSecure, isAddress, host, port } = target;
  const options = {
    // No name is given, so nothing looks one up again.
    host: address,
    port,
    method,
    path: url.pathname + url.search,
    setHost: false,
    maxHeaderSize: outboundLimits.answerHeadBytes,
    headers: {
      "user-agent": "Allot",
      ...headers,
      host: url.host,
      ...(body === null ? {} : { "content-length": String(new TextEncoder().encode(body).length) }),
    },
  };
  return isSecure
    ? secureRequest({ ...options, agent: secure, servername: isAddress ? "" : host })
    : request({ ...options, agent: plain });
};

const oneOf = (header: string | undefined): string | undefined =>
  header?.slice(0, outboundLimits.answerHeaderCharacters);

export class Exchange {
  readonly #request: ClientRequest;
  readonly #connected = new Happening<CouldNotConnect>();
  readonly #answered = new Happening<AnswerBroken>();
  #isConnected = false;
  #head: IncomingMessage | null = null;
  readonly #start: Uint8Array[] = [];
  #bytes = 0;
  #isWhole = false;

  readonly #answerCharacters: number;

  constructor(connections: Connections, call: Call) {
    this.#answerCharacters = call.answerCharacters;
    this.#request = open(connections, call);
    const connected = call.target.isSecure ? "secureConnect" : "connect";
    if (this.#request.reusedSocket) this.#connect();
    else {
      this.#request.on("socket", (socket) => socket.once(connected, () => this.#connect()));
    }
    this.#request.on("response", (response) => this.#answer(response));
    this.#request.on("error", (error) => this.#ended(codeOf(error)));
    this.#request.on("close", () => this.#ended("it was closed"));
    this.#request.end(call.body ?? undefined);
  }

  /** Whether the other side may have something of the request. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  get connected(): Effect.Effect<void, CouldNotConnect> {
    return this.#connected.awaited;
  }

  /** Completes with the end of the answer, or with as much of it as is read. */
  get answered(): Effect.Effect<void, AnswerBroken> {
    return this.#answered.awaited;
  }

  /** As far as it came: its body may be on the way. Null before its status is known. */
  get answer(): OutboundAnswer | null {
    if (this.#head === null) return null;
    const { statusCode = 0, headers } = this.#head;
    const retryAfter = oneOf(headers["retry-after"]);
    const contentType = oneOf(headers["content-type"]);
    return {
      status: statusCode,
      headers: {
        ...(retryAfter === undefined ? {} : { retryAfter }),
        ...(contentType === undefined ? {} : { contentType }),
      },
      bodyStart: textOf(this.#start, this.#answerCharacters),
    };
  }

  /** Gives the connection back if it can be used again; else closes it. */
  end(): void {
    if (!this.#isWhole) this.#request.destroy();
  }

  #connect(): void {
    this.#isConnected = true;
    this.#connected.happened(Effect.void);
  }

  #answer(response: IncomingMessage): void {
    this.#head = response;
    response.on("data", (chunk: Uint8Array) => this.#read(chunk));
    // Its connection is free when the request is closed, soon after: then the next one can have it.
    response.on("end", () => this.#isWhole = response.complete);
    response.on("error", (error) => this.#ended(codeOf(error)));
  }

  #read(chunk: Uint8Array): void {
    const { answerBytes } = outboundLimits;
    const room = this.#answerCharacters * bytesPerCharacter - this.#bytes;
    if (room > 0) this.#start.push(chunk.slice(0, room));
    this.#bytes += chunk.length;
    if (this.#bytes >= answerBytes) this.#ended("");
  }

  /** Nothing more is going to happen, or to be read. With a status there is an answer, however it ended. */
  #ended(reason: string): void {
    // An error is costly to make, and most are not needed.
    this.#connected.happened(
      Effect.suspend(() => new CouldNotConnect({ detail: `Nobody can be reached: ${reason}.` })),
    );
    this.#answered.happened(
      this.#head !== null
        ? Effect.void
        : Effect.suspend(() =>
          new AnswerBroken({ detail: `The connection ended early: ${reason}.` })
        ),
    );
  }
}

/** UTF-8 has at most so many bytes for a UTF-16 unit. */
const bytesPerCharacter = 3;

const textOf = (chunks: readonly Uint8Array[], answerCharacters: number): string => {
  const decoder = new TextDecoder();
  const text = chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join("");
  // Half of a pair at the end is no text, and would not come back from the store.
  return text.slice(0, answerCharacters).replace(/[\ud800-\udbff]$/, "");
};
