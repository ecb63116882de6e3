/** A running engine with HTTP: the very process that users start. */
import { linesOf } from "../worker/protocol.ts";
import { runArguments } from "./runtime.ts";

export interface Server {
  readonly url: string;
  readonly key: string;
  readonly pid: number;
  /** From the start of the process until it said that it is ready. */
  readonly startMs: number;
  /** Stops it as an operator would. */
  readonly stop: () => Promise<void>;
}

/** The engine did not come up. */
export class NotStarted extends Error {
  override readonly name = "NotStarted";
}

const program = new URL("../../api/main.ts", import.meta.url).pathname;
const adminKey = "admin-key-of-the-benchmark";
const readyPollMs = 5;

const addressIn = async (lines: ReadableStreamDefaultReader<string>): Promise<string> => {
  while (true) {
    const { value, done } = await lines.read();
    if (done) throw new NotStarted("The engine ended before it listened.");
    const address = /listens on (\S+)/.exec(value)?.[1];
    if (address !== undefined) return address;
  }
};

/** Reads on, so that the process never waits for somebody to read what it prints. */
const drain = async (lines: ReadableStreamDefaultReader<string>): Promise<void> => {
  while (!(await lines.read()).done);
};

const isReady = async (url: string): Promise<boolean> => {
  const response = await fetch(`${url}/readyz`);
  await response.body?.cancel();
  return response.ok;
};

export const startServer = async (
  path: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<Server> => {
  const startedMs = performance.now();
  const process = new Deno.Command(Deno.execPath(), {
    args: runArguments(program),
    env: {
      PORT: "0",
      HOST: "127.0.0.1",
      ALLOT_KV: path,
      ALLOT_ADMIN_KEY: adminKey,
      LOG_LEVEL: "error",
      ...settings,
    },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let ended = false;
  process.status.finally(() => {
    ended = true;
  });
  const lines = linesOf(process.stdout).getReader();
  const url = await addressIn(lines);
  const drained = drain(lines);
  while (!await isReady(url)) await new Promise((resolve) => setTimeout(resolve, readyPollMs));
  return {
    url,
    key: adminKey,
    pid: process.pid,
    startMs: performance.now() - startedMs,
    stop: async () => {
      if (!ended) process.kill("SIGTERM");
      await Promise.all([process.status, drained]);
    },
  };
};

/** Ticks of `/proc` in a second: what Linux says to every program, whatever its own clock. */
const ticksPerSecond = 100;

/** Processor time that a process has taken, of all its threads; 0 where the system does not tell. */
export const cpuSecondsOf = async (pid: number): Promise<number> => {
  try {
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
    // The fields after the name, which may hold anything: 14 is user time, 15 system time (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
};

/** Memory that the system counts for a process, in bytes; null where it does not tell. */
export const memoryOf = async (pid: number): Promise<number | null> => {
  try {
    const status = await Deno.readTextFile(`/proc/${pid}/status`);
    const kilobytes = /^VmRSS:\s*(\d+) kB/m.exec(status)?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1_024;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
};
