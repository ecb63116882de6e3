/**
 * Takes connections and serves HTTP on each, within bounds that the runtime's own server does not have: how
 * many there are, how long a head may take, and how long a connection may idle. Accepting goes on whatever
 * goes wrong with one connection, and when the process has no more files to open.
 */
import { connectionLimits } from "./limits.ts";
import { isAddressed } from "./host.ts";
import { isRead, markOf } from "./marks.ts";
import { type Peer, peerAt } from "./peer.ts";
import { problem } from "./problems.ts";
import { sendProblem } from "./send.ts";

type Fetch = (request: Request, peer: Peer) => Response | Promise<Response>;

export interface Listener {
  readonly addr: Deno.NetAddr;
  /** Open connections; none are known where the runtime accepts them itself. */
  readonly connections: () => number;
  /** Accepts nothing more, and ends when requests in flight have their answers. */
  readonly shutdown: () => Promise<void>;
}

export interface ListenOptions {
  readonly port: number;
  readonly hostname: string;
  readonly limits?: Partial<ConnectionLimits>;
}

type ConnectionLimits = { readonly [Name in keyof typeof connectionLimits]: number };

interface ServedConnection {
  readonly finished: Promise<void>;
  readonly shutdown: () => Promise<void>;
}

type ServeConnection = (
  connection: Deno.TcpConn,
  signal: { readonly addEventListener: (type: "abort", listener: () => void) => void },
  handler: (request: Request, info: Deno.ServeHandlerInfo) => Response | Promise<Response>,
  onError: () => Response,
  onListen: () => void,
) => ServedConnection;

/**
 * Deno's `node:http` serves a connection by this. `Deno.serve` accepts connections itself, and offers neither
 * their number nor a way to close one. Undefined where the runtime does not have it.
 */
const serveConnection = (): ServeConnection | undefined => {
  const internal: unknown = Reflect.get(Deno, "internal");
  const offered: unknown = typeof internal === "symbol" ? Reflect.get(Deno, internal) : undefined;
  if (typeof offered !== "object" || offered === null) return undefined;
  const serve: unknown = Reflect.get(offered, "serveHttpOnConnection");
  return typeof serve === "function" ? serve as ServeConnection : undefined;
};

const failed = (): Response => new Response(null, { status: 500 });

const notAddressed = problem("malformed-request", "The request needs a Host header with a name.", {
  headers: { connection: "close" },
});

/** Requests without a host are told from others by this. */
const standInOf = ({ port }: Deno.NetAddr): string => `http://localhost:${port}/`;

const addressed = (fetch: Fetch, standIn: string): Fetch => (request, peer) =>
  isAddressed(request, standIn) ? fetch(request, peer) : sendProblem(notAddressed, "unaddressed");

/** Whether the system says that this process, or all of them, have as many files open as they may. */
const isWantOfFiles = (error: unknown): boolean => /too many open files/i.test(String(error));

/** Whether of a body in chunks something may come that nobody reads. Others are read, or cost little to skip. */
const isWanting = (request: Request, { status }: Response): boolean =>
  (status >= 400 || request.method === "GET" || request.method === "HEAD") &&
  request.headers.has("transfer-encoding") && !isRead(request);

class Connection {
  /** Since when nothing of it is being worked on. */
  quietSinceMs: number;
  /** Requests and answers that are under way. */
  busy = 0;
  /** Answers that it has had. */
  answered = 0;
  #abort: () => void = () => undefined;
  readonly served: ServedConnection;

  constructor(
    connection: Deno.TcpConn,
    serve: ServeConnection,
    fetch: Fetch,
    private readonly clock: { readonly nowMs: number },
    private readonly lingerMs: number,
  ) {
    this.quietSinceMs = clock.nowMs;
    const peer = peerAt(connection.remoteAddr.hostname);
    this.served = serve(
      connection,
      // No `AbortSignal`: that would end the process over a connection which has just ended.
      { addEventListener: (_, listener) => void (this.#abort = listener) },
      (request, info) => this.#answer(request, fetch(request, peer), info),
      failed,
      () => undefined,
    );
  }

  /** Whatever is under way ends with it. */
  close(): void {
    try {
      this.#abort();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
      // It has ended by itself, and is not known to have yet.
    }
  }

  isLate(nowMs: number, { headMs, idleMs }: ConnectionLimits): boolean {
    return this.busy === 0 && nowMs - this.quietSinceMs > (this.answered === 0 ? headMs : idleMs);
  }

  /**
   * The answer without its end. After its end the runtime would read the rest of the request to throw it away,
   * which for a body in tiny chunks takes it a second in which it does nothing else.
   */
  async #saidLast(answer: Response): Promise<Response> {
    const bytes = await answer.bytes();
    const headers = new Headers(answer.headers);
    headers.set("content-length", String(bytes.byteLength));
    headers.set("connection", "close");
    setTimeout(() => this.close(), this.lingerMs);
    const body = new ReadableStream({ start: (controller) => controller.enqueue(bytes) });
    return new Response(body, { status: answer.status, headers });
  }

  #rest(): void {
    this.busy--;
    this.answered++;
    this.quietSinceMs = this.clock.nowMs;
  }

  /** Without `async`, for what it would cost each of many answers that need nothing more. */
  #answer(
    request: Request,
    answering: Response | Promise<Response>,
    info: Deno.ServeHandlerInfo,
  ): Response | Promise<Response> {
    this.busy++;
    if (!(answering instanceof Promise)) return this.#answered(request, answering, info);
    return answering.then(
      (answer) => this.#answered(request, answer, info),
      (error) => {
        this.#rest();
        throw error;
      },
    );
  }

  #answered(
    request: Request,
    answer: Response,
    info: Deno.ServeHandlerInfo,
  ): Response | Promise<Response> {
    const mark = isWanting(request, answer) ? "last" : markOf(answer);
    const rest = () => this.#rest();
    if (mark === undefined) {
      rest();
      return answer;
    }
    info.completed.then(rest, rest);
    return mark === "last" ? this.#saidLast(answer) : answer;
  }
}

/** Sorts connections without an answer yet before the others, and the longest quiet first. */
const byClaim = (a: Connection, b: Connection): number =>
  Number(a.answered > 0) - Number(b.answered > 0) || a.quietSinceMs - b.quietSinceMs;

class BoundedListener implements Listener {
  readonly addr: Deno.NetAddr;
  readonly #listener: Deno.TcpListener;
  readonly #connections = new Set<Connection>();
  readonly #fetch: Fetch;
  readonly #limits: ConnectionLimits;
  readonly #clock = { nowMs: performance.now() };
  readonly #sweeping: ReturnType<typeof setInterval>;
  /** Connections there may be; fewer than the limit where the system lets the process have fewer files. */
  #most: number;
  #lastToldMs = -Infinity;
  #stopping = false;

  constructor(options: ListenOptions, fetch: Fetch, private readonly serve: ServeConnection) {
    const { port, hostname, limits } = options;
    this.#limits = { ...connectionLimits, ...limits };
    this.#most = this.#limits.connections;
    this.#listener = Deno.listen({ port, hostname });
    this.addr = this.#listener.addr;
    this.#fetch = addressed(fetch, standInOf(this.addr));
    this.#sweeping = setInterval(() => this.#sweep(), this.#limits.sweepMs);
    void this.#acceptAll();
  }

  readonly connections = (): number => this.#connections.size;

  readonly shutdown = async (): Promise<void> => {
    this.#stopping = true;
    this.#listener.close();
    clearInterval(this.#sweeping);
    await Promise.allSettled([...this.#connections].map(({ served }) => served.shutdown()));
  };

  async #acceptAll(): Promise<void> {
    while (!this.#stopping) {
      try {
        this.#take(await this.#listener.accept());
      } catch (error) {
        if (this.#stopping) return;
        this.#tell(error);
        if (isWantOfFiles(error)) {
          this.#most = Math.max(1, this.#connections.size - this.#limits.reservedFiles);
        }
        this.#makeRoom();
        await new Promise((resolve) => setTimeout(resolve, this.#limits.acceptAgainMs));
      }
    }
  }

  #take(accepted: Deno.TcpConn): void {
    if (this.#connections.size >= this.#most) this.#makeRoom();
    if (this.#connections.size >= this.#most) return accepted.close();
    accepted.setNoDelay();
    const connection = new Connection(
      accepted,
      this.serve,
      this.#fetch,
      this.#clock,
      this.#limits.lingerMs,
    );
    this.#connections.add(connection);
    const gone = () => this.#connections.delete(connection);
    connection.served.finished.then(gone, gone);
  }

  #close(connections: Iterable<Connection>): void {
    for (const connection of connections) {
      this.#connections.delete(connection);
      connection.close();
    }
  }

  #makeRoom(): void {
    const quiet = [...this.#connections].filter(({ busy }) => busy === 0);
    const excess = this.#connections.size - this.#most;
    this.#close(quiet.sort(byClaim).slice(0, Math.max(excess, this.#limits.closedAtOnce)));
  }

  #sweep(): void {
    const nowMs = performance.now();
    this.#clock.nowMs = nowMs;
    for (const connection of this.#connections) {
      if (connection.isLate(nowMs, this.#limits)) this.#close([connection]);
    }
  }

  #tell(error: unknown): void {
    const nowMs = performance.now();
    if (nowMs - this.#lastToldMs < this.#limits.acceptFailureLogMs) return;
    this.#lastToldMs = nowMs;
    console.error(
      JSON.stringify({
        level: "ERROR",
        message: "A connection could not be accepted",
        connections: this.#connections.size,
        error: String(error),
      }),
    );
  }
}

/**
 * Uses the runtime's own server where the platform accepts connections itself, or the runtime offers no more.
 */
export const listen = (options: ListenOptions, fetch: Fetch): Listener => {
  const serve = Deno.env.has("DENO_DEPLOYMENT_ID") ? undefined : serveConnection();
  if (serve !== undefined) return new BoundedListener(options, fetch, serve);
  const { port, hostname } = options;
  const server: Deno.HttpServer<Deno.NetAddr> = Deno.serve(
    { port, hostname, onListen: () => undefined, onError: failed },
    (request, { remoteAddr: { hostname } }) =>
      addressed(fetch, standInOf(server.addr))(request, peerAt(hostname)),
  );
  return { addr: server.addr, connections: () => 0, shutdown: () => server.shutdown() };
};
