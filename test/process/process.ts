/** The engine as a process of its own, started with the permissions of `deno task start`. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Json, orderFor } from "../support/server.ts";

const root = new URL("../../", import.meta.url);
const pathOf = (name: string): string => fileURLToPath(new URL(name, root));

/** Long enough for a machine that does other things at the same time; nothing waits for it to pass. */
const boundMs = 60_000;
const pollMs = 10;

/** Waits until the condition gives something. */
export const eventually = async <A>(
  what: string,
  condition: () => A | null | Promise<A | null>,
): Promise<A> => {
  const deadline = performance.now() + boundMs;
  while (true) {
    const found = await condition();
    if (found !== null) return found;
    assert.ok(performance.now() < deadline, `${what} did not come true`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
};

/** The flags that users start the engine with. */
export const startFlags: readonly string[] = (() => {
  const { tasks } = JSON.parse(readFileSync(pathOf("deno.json"), "utf8"));
  const words: readonly string[] = String(tasks.start).split(" ");
  return words.filter((word) => word.startsWith("--"));
})();

export interface ProcessOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Instead of the engine itself. */
  readonly script?: string;
  /** What the script is told. */
  readonly args?: readonly string[];
  /** Instead of those of `deno task start`. */
  readonly flags?: readonly string[];
  /** So many files it may open, connections among them; else as many as this process. */
  readonly openFiles?: number | undefined;
}

/** The system's bounds are a process's own, and of what it starts. */
const bounded = (args: readonly string[], openFiles: number | undefined) =>
  openFiles === undefined ? { program: Deno.execPath(), args: [...args] } : {
    program: "sh",
    args: ["-c", `ulimit -n ${openFiles}; exec "$0" "$@"`, Deno.execPath(), ...args],
  };

const command = (
  script: string,
  { env = {}, cwd, flags = startFlags, openFiles, args: given = [] }: ProcessOptions,
) => {
  const words = ["run", "--config", pathOf("deno.json"), ...flags, pathOf(script), ...given];
  const { program, args } = bounded(words, openFiles);
  return new Deno.Command(program, {
    args,
    cwd,
    env: { PORT: "0", HOST: "127.0.0.1", LOG_LEVEL: "error", NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
};

export interface Output {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** Runs a script of the project to its end. */
export const runToEnd = async (script: string, options: ProcessOptions): Promise<Output> => {
  const { code, stdout, stderr } = await command(script, options).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), error: decoder.decode(stderr) };
};

/** What a store's own proof says of it. */
export const assertSound = async (path: string, cwd: string): Promise<string> => {
  const { code, out, error } = await runToEnd("src/verify/main.ts", {
    cwd,
    env: { ALLOT_KV: path },
  });
  assert.equal(code, 0, out + error);
  return out;
};

/** The text that a process writes, as far as it has come. */
const hear = (stream: ReadableStream<Uint8Array>) => {
  const heard = { text: "" };
  const read = async () => {
    for await (const chunk of stream.pipeThrough(new TextDecoderStream())) heard.text += chunk;
  };
  return { heard, ended: read() };
};

export interface Ask {
  readonly method?: string;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends the wait for the answer. */
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Json;
}

export interface Following {
  /** Ids of orders, as often as they came. */
  readonly seen: readonly string[];
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/** Adds to `seen` until the reader is cancelled. */
const readChanges = async (
  reader: ReadableStreamDefaultReader<Uint8Array>,
  seen: string[],
): Promise<void> => {
  const decoder = new TextDecoder();
  let rest = "";
  while (true) {
    const { done, value } = await reader.read();
    if (done) return;
    const messages = (rest + decoder.decode(value, { stream: true })).split("\n\n");
    rest = messages.pop() ?? "";
    for (const message of messages) {
      const data = /^event: change\ndata: (.*)$/m.exec(message)?.[1];
      if (data !== undefined) seen.push(JSON.parse(data).orderId);
    }
  }
};

export interface Process {
  readonly pid: number;
  /** What it has printed so far. */
  readonly printed: () => { readonly out: string; readonly error: string };
  readonly signal: (signal: "SIGINT" | "SIGTERM" | "SIGKILL" | "SIGSTOP" | "SIGCONT") => void;
  /** The exit code, once it has ended and all that it printed was read. */
  readonly ended: Promise<number>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

export interface EngineProcess extends Process {
  readonly address: string;
  readonly key: string;
  /** Rejects when the connection breaks. */
  readonly ask: (path: string, ask?: Ask) => Promise<Answer>;
  /** Order ids by the events of one type that the status stream shows, until disposed. */
  readonly follow: (type: string) => Promise<Following>;
}

export interface StartingProcess extends Process {
  /** Rejects when it ends without having listened. */
  readonly listening: Promise<EngineProcess>;
}

export const adminKey = "admin-key-of-the-process-tests";

/** Starts an engine and waits until it listens. Disposing kills it where it still runs. */
export const startProcess = (options: ProcessOptions): Promise<EngineProcess> =>
  spawnProcess(options).listening;

/** Starts an engine, which may end at any moment from now on. */
export const spawnProcess = (options: ProcessOptions): StartingProcess => {
  const env = { ALLOT_ADMIN_KEY: adminKey, ...options.env };
  const child = command(options.script ?? "api/main.ts", { ...options, env }).spawn();
  const out = hear(child.stdout);
  const error = hear(child.stderr);
  let hasEnded = false;
  const ended = Promise.all([child.status, out.ended, error.ended]).then(([{ code }]) => {
    hasEnded = true;
    return code;
  });
  const process: Process = {
    pid: child.pid,
    printed: () => ({ out: out.heard.text, error: error.heard.text }),
    signal: (signal) => child.kill(signal),
    ended,
    [Symbol.asyncDispose]: async () => {
      if (!hasEnded) child.kill("SIGKILL");
      await ended;
    },
  };
  const listens = async (): Promise<EngineProcess> => {
    const address = await eventually("listening", () => {
      const found = /^Allot listens on (\S+)$/m.exec(out.heard.text)?.[1];
      assert.ok(found !== undefined || !hasEnded, `it ended: ${out.heard.text}${error.heard.text}`);
      return found ?? null;
    });
    const key = /admin key {2}(\S+)/.exec(out.heard.text)?.[1] ?? env.ALLOT_ADMIN_KEY;
    return engineAt(address, key, process);
  };
  return { ...process, listening: listens() };
};

const engineAt = (address: string, key: string, process: Process): EngineProcess => {
  // Many requests at once, each on a connection that is kept for the next.
  const client = Deno.createHttpClient({ poolMaxIdlePerHost: 512 });
  const authorization = `Bearer ${key}`;
  return {
    ...process,
    address,
    key,
    ask: async (path, { method, json, headers = {}, signal } = {}) => {
      const response = await fetch(address + path, {
        client,
        method: method ?? (json === undefined ? "GET" : "POST"),
        headers: {
          // Compressed on their way, things have tags of their own.
          "accept-encoding": "identity",
          authorization,
          "content-type": "application/json",
          ...headers,
        },
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
        ...(signal === undefined ? {} : { signal }),
      });
      const text = await response.text();
      const isJson = response.headers.get("content-type")?.includes("json") === true;
      return {
        status: response.status,
        headers: response.headers,
        text,
        body: isJson && text !== "" ? JSON.parse(text) : null,
      };
    },
    follow: async (type) => {
      const response = await fetch(`${address}/v1/status/stream?type=${type}`, {
        client,
        headers: { authorization },
      });
      assert.equal(response.status, 200);
      assert.ok(response.body);
      const seen: string[] = [];
      const reader = response.body.getReader();
      const read = readChanges(reader, seen);
      return {
        seen,
        [Symbol.asyncDispose]: async () => {
          await reader.cancel();
          await read;
        },
      };
    },
    [Symbol.asyncDispose]: async () => {
      await process[Symbol.asyncDispose]();
      client.close();
    },
  };
};

/** Locations with stock: `{ams: {mug: 5}}`. */
export const stockUp = async (
  engine: EngineProcess,
  stock: Readonly<Record<string, Readonly<Record<string, number>>>>,
): Promise<void> => {
  for (const [locationId, units] of Object.entries(stock)) {
    const saved = await engine.ask(`/v1/locations/${locationId}`, {
      method: "PUT",
      json: { name: locationId, type: "warehouse", address: { country: "NL" } },
    });
    assert.equal(saved.status, 201);
    const changes = Object.entries(units).map(([sku, delta]) => ({ sku, delta }));
    const adjusted = await engine.ask("/v1/inventory/adjustments", {
      json: { locationId, reason: "received", changes },
    });
    assert.equal(adjusted.status, 200);
  }
};

/** How long a client is told to wait before it asks again, in milliseconds. */
const retryAfterMs = ({ headers }: Answer): number => {
  const seconds = Number(headers.get("retry-after") ?? Number.NaN);
  assert.ok(Number.isInteger(seconds), "an overloaded answer says when to come back");
  return seconds * 1_000;
};

/** As a patient client does: a 503 with Retry-After is asked again. */
export const placePatiently = async (
  engine: EngineProcess,
  externalId: string,
  units: Readonly<Record<string, number>>,
  more: Readonly<Record<string, unknown>> = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> => {
  const deadline = performance.now() + boundMs;
  while (true) {
    const answer = await placeOrder(engine, externalId, units, more, headers);
    if (answer.status !== 503) return answer;
    const waitMs = retryAfterMs(answer);
    assert.ok(performance.now() < deadline, `${externalId} was never taken`);
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
};

/** Units of stock by SKU, over all locations. */
export const stockOf = async (
  engine: EngineProcess,
): Promise<Readonly<Record<string, { onHand: number; reserved: number }>>> => {
  const rows = await engine.ask("/v1/inventory?limit=200");
  assert.equal(rows.status, 200);
  assert.equal(rows.body["nextCursor"], null);
  const units: Record<string, { onHand: number; reserved: number }> = {};
  for (const { sku, onHand, reserved } of rows.body["data"]) {
    const sum = units[String(sku)] ??= { onHand: 0, reserved: 0 };
    sum.onHand += Number(onHand);
    sum.reserved += Number(reserved);
  }
  return units;
};

export const placeOrder = (
  engine: EngineProcess,
  externalId: string,
  units: Readonly<Record<string, number>>,
  more: Readonly<Record<string, unknown>> = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> =>
  engine.ask("/v1/orders", { json: orderFor(externalId, units, more), headers });

/** Runs a test with a folder of its own that is gone afterwards. */
export const withFolder = async (test: (folder: string) => Promise<void>): Promise<void> => {
  const folder = await Deno.makeTempDir({ prefix: "allot-process-" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
};
