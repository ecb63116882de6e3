/** The engines of a round: processes over one file, each started again whenever it ends. */
import { fileURLToPath } from "node:url";
import type { Chance } from "../../sim/random.ts";
import {
  type EngineProcess,
  type Process,
  spawnProcess,
  startFlags,
  type StartingProcess,
} from "../process.ts";
import type { Happened } from "./happened.ts";
import type { Deed } from "./plan.ts";

export interface Slot {
  readonly name: string;
  clockOffsetMs: number;
  state: "away" | "starting" | "running" | "stopped";
  process: StartingProcess | null;
  /** There from when it listens until it ends, stopped or not: clients cannot tell. */
  engine: EngineProcess | null;
  /** Whether its end was wanted. */
  signalled: boolean;
  /** Requests sent and not answered. */
  inFlight: number;
}

export interface EnginesOptions {
  readonly folder: string;
  readonly storePath: string;
  readonly shelves: number;
  readonly clockOffsetsMs: readonly number[];
  readonly chance: Chance;
  readonly happened: Happened;
}

const wrongClock = fileURLToPath(new URL("./wrong-clock.ts", import.meta.url));
const pollMs = 5;
const longestAwayMs = 200;
/** How often a process is stopped until it is stopped in the middle of a write. */
const mostStopsForLock = 400;
/** A write that takes longer finds the file locked. */
const lockedMs = 150;
/** How long a process that was woken is watched. */
const watchMs = 10_000;

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

/** Commits of this process that were refused because another had written first. */
const refusedByFences = async (engine: EngineProcess): Promise<number> => {
  const { text } = await engine.ask("/metrics");
  return Number(/^allot_ledger_overtaken_commits_total (\d+)/m.exec(text)?.[1] ?? 0);
};

/** Whether somebody keeps the file from being written. */
const isLocked = async (kv: Deno.Kv): Promise<boolean> => {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(true), lockedMs);
  // Changes nothing, and needs the lock all the same.
  const written = kv.atomic().delete(["nothing"]).commit().then(() => false, () => true);
  const isLate = await Promise.race([late, written]);
  clearTimeout(timer);
  return isLate;
};

export class Engines {
  readonly slots: readonly Slot[];
  /** What no engine may do by itself. */
  readonly violations: string[] = [];
  readonly #lives: Promise<void>[] = [];
  #keepsAlive = true;

  constructor(readonly options: EnginesOptions) {
    this.slots = options.clockOffsetsMs.map((clockOffsetMs, n) => ({
      name: `engine-${n}`,
      clockOffsetMs,
      state: "away",
      process: null,
      engine: null,
      signalled: false,
      inFlight: 0,
    }));
  }

  /** Those that take connections. */
  get listening(): readonly Slot[] {
    return this.slots.filter(({ engine }) => engine !== null);
  }

  async start(): Promise<void> {
    this.#keepsAlive = true;
    for (const slot of this.slots) this.#lives.push(this.#keepAlive(slot));
    await this.#until(() => this.slots.every(({ state }) => state === "running"));
  }

  /** Ends them all as an operator would. */
  async stop(): Promise<void> {
    this.#keepsAlive = false;
    for (const slot of this.slots) {
      slot.signalled = true;
      slot.process?.signal("SIGTERM");
    }
    await Promise.all(this.#lives.splice(0));
  }

  async kill(choice: number): Promise<void> {
    const slot = await this.#choose(
      choice,
      ({ state }) => state === "running" || state === "starting",
    );
    const { happened } = this.options;
    happened.kills++;
    if (slot.inFlight > 0) happened.killsMidFlow++;
    if (slot.state === "starting") happened.killsAtStart++;
    slot.signalled = true;
    slot.state = "away";
    slot.process?.signal("SIGKILL");
  }

  /** Stops a process; resolves when it was woken again and watched. */
  async sleep(
    choice: number,
    { forMs, whileWriting }: Extract<Deed, { readonly type: "stop" }>,
  ): Promise<void> {
    const { happened } = this.options;
    const slot = await this.#choose(choice, ({ state }) => state === "running");
    const { process, engine } = slot;
    if (process === null || engine === null) throw new Error(`${slot.name} does not run`);
    slot.state = "stopped";
    const refusedBefore = await refusedByFences(engine);
    if (whileWriting) await this.#stopWhileWriting(process);
    else process.signal("SIGSTOP");
    happened.stops++;
    if (slot.inFlight > 0) happened.stopsMidFlow++;
    await pause(forMs);
    process.signal("SIGCONT");
    slot.state = "running";
    happened.woken++;
    const deadlineMs = performance.now() + watchMs;
    while (slot.process === process && performance.now() < deadlineMs) {
      // It may be killed at any moment.
      const refused = await refusedByFences(engine).catch(() => 0);
      if (refused > refusedBefore) {
        happened.wokenAndRefused++;
        return;
      }
      await pause(pollMs);
    }
  }

  async #stopWhileWriting(process: Process): Promise<void> {
    const kv = await Deno.openKv(this.options.storePath);
    try {
      for (let stops = 1;; stops++) {
        process.signal("SIGSTOP");
        if (await isLocked(kv)) {
          this.options.happened.stopsWithLock++;
          return;
        }
        if (stops === mostStopsForLock) return;
        process.signal("SIGCONT");
        await pause(this.options.chance.between(0, 3));
      }
    } finally {
      kv.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#keepsAlive = false;
    for (const slot of this.slots) {
      slot.signalled = true;
      await slot.process?.[Symbol.asyncDispose]();
    }
    await Promise.all(this.#lives);
  }

  async #until(is: () => boolean): Promise<void> {
    while (!is() && this.violations.length === 0) await pause(pollMs);
  }

  /** One of those with whom it can be done, as soon as there are any. */
  async #choose(choice: number, can: (slot: Slot) => boolean): Promise<Slot> {
    while (true) {
      const candidates = this.slots.filter(can);
      const slot = candidates[Math.floor(choice * candidates.length)];
      if (slot !== undefined) return slot;
      await pause(pollMs);
    }
  }

  async #keepAlive(slot: Slot): Promise<void> {
    while (this.#keepsAlive) {
      await this.#live(slot);
      await pause(this.options.chance.between(0, longestAwayMs));
    }
  }

  /** From its start to its end. */
  async #live(slot: Slot): Promise<void> {
    const { folder, storePath, shelves, happened } = this.options;
    const process = spawnProcess({
      cwd: folder,
      flags: [...startFlags, "--preload", wrongClock],
      env: {
        ALLOT_KV: storePath,
        ALLOT_SHELVES: String(shelves),
        ALLOT_AUTO_CLOSE_HOURS: "1",
        CLOCK_OFFSET_MS: String(slot.clockOffsetMs),
      },
    });
    slot.signalled = false;
    slot.process = process;
    slot.state = "starting";
    const engine = await process.listening.catch(() => null);
    slot.engine = engine;
    if (engine !== null && !slot.signalled) slot.state = "running";
    const code = await process.ended;
    slot.state = "away";
    slot.engine = null;
    slot.process = null;
    await (engine ?? process)[Symbol.asyncDispose]();
    if (slot.signalled) return;
    const { error } = process.printed();
    // Whoever sleeps with the file's lock keeps others from opening it.
    if (engine === null && /database is locked/.test(error)) happened.startsRefused++;
    else this.violations.push(`${slot.name} ended by itself with ${code}: ${error.slice(0, 500)}`);
  }
}
