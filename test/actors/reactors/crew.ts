/**
 * Processes of a simulated world that run some part of the engine over one real Deno KV: they crash and come
 * back, are stopped and go on, and their store fails in all the ways that it can.
 */
import { Context, Effect, Exit, Layer, Scope } from "effect";
import { KvStore } from "../../../src/store/kv.ts";
import { Store } from "../../../src/store/store.ts";
import type { StoreLimits } from "../../../src/store/store.ts";
import { Database, type DatabaseOptions, type Faults, noFaults } from "../../sim/database.ts";
import type { Chance } from "../../sim/random.ts";
import { nothingReached } from "../../sim/reached.ts";
import { Process, World } from "../../sim/world.ts";

export interface Member<Services> {
  readonly process: Process;
  /** Null while it starts. */
  services: Context.Context<Services> | null;
  readonly scope: Scope.Closeable;
}

export interface CrewOptions<Services> {
  readonly kv: Deno.Kv;
  readonly chance: Chance;
  readonly members: number;
  readonly layer: (process: Process) => Layer.Layer<Services, unknown, Store>;
  readonly limits?: Partial<StoreLimits>;
  readonly placed?: DatabaseOptions["placed"];
  /** How long a process waits for an answer of the store; for ever where nothing is said. */
  readonly callMs?: number;
}

const longestAwayMs = 2_000;
/** How long in simulated time something that must happen may take. */
const longestMs = 3 * 3_600_000;
const usualLookMs = 50;

export class Crew<Services> {
  readonly world: World;
  readonly database: Database;
  readonly members: (Member<Services> | null)[];
  faults: Faults = noFaults;
  /** How wrong the clock of each member is. */
  clockOffsetsMs: readonly number[] = [];
  #lives = 0;

  constructor(readonly options: CrewOptions<Services>) {
    const { kv, chance, placed } = options;
    this.world = new World(chance.fork());
    this.database = new Database({
      world: this.world,
      kv,
      chance: chance.fork(),
      reached: nothingReached(),
      faults: () => this.faults,
      ...(placed === undefined ? {} : { placed }),
      onCrash: (process) => this.crash(process),
    });
    this.members = Array.from({ length: options.members }, () => null);
  }

  /** Runs a script in the world; its failure is the run's. */
  async play(script: () => Promise<void>): Promise<void> {
    let ended = false;
    const running = script().finally(() => {
      ended = true;
    });
    running.catch(() => {});
    await this.world.run(() => ended, 10 * longestMs, "the end of the run");
    await running;
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.world.after(ms, null, resolve);
    });
  }

  async until(
    is: () => boolean | Promise<boolean>,
    what: string,
    lookMs = usualLookMs,
  ): Promise<void> {
    const deadlineMs = this.world.nowMs + longestMs;
    while (!(await is())) {
      if (this.world.nowMs > deadlineMs) throw new Error(`it did not come to that: ${what}`);
      await this.pause(lookMs);
    }
  }

  get running(): readonly Member<Services>[] {
    return this.members.flatMap((member) =>
      member?.services && member.process.alive ? [member] : []
    );
  }

  async everybodyRuns(): Promise<void> {
    for (const n of this.members.keys()) this.start(n);
    await this.until(() => this.running.length === this.members.length, "all run");
  }

  start(n: number): void {
    if (this.members[n] !== null) return;
    const { chance, layer, limits, callMs } = this.options;
    const process = new Process(
      this.world,
      `member-${n}.${++this.#lives}`,
      chance.fork(),
      () => this.clockOffsetsMs[n] ?? 0,
    );
    const scope = Scope.makeUnsafe();
    const member: Member<Services> = { process, services: null, scope };
    this.members[n] = member;
    const store = KvStore.over(this.database.of(process), {
      path: "simulation",
      ...(limits === undefined ? {} : { limits }),
      ...(callMs === undefined ? {} : { callMs }),
    });
    const whole = layer(process).pipe(Layer.provide(store), Layer.fresh);
    const build = Layer.buildWithScope(whole, scope);
    Effect.runForkWith(process.services)(build).addObserver((exit) => {
      if (Exit.isFailure(exit)) this.crash(process);
      else member.services = Context.merge(process.services, exit.value);
    });
  }

  /** The process ends where it stands, and comes back after a while. */
  crash(process: Process): void {
    const n = this.members.findIndex((member) => member?.process === process);
    if (n < 0) return;
    process.kill();
    this.members[n] = null;
    this.world.after(
      this.options.chance.between(1, longestAwayMs),
      null,
      () => this.start(n),
    );
  }

  /** The process ends in good order, and does not come back. */
  end(member: Member<Services> | undefined): Promise<void> {
    if (member === undefined) throw new Error("nobody is to end");
    this.members.splice(this.members.indexOf(member), 1);
    return new Promise((resolve) => {
      Effect.runForkWith(member.process.services)(Scope.close(member.scope, Exit.void))
        .addObserver(() => resolve());
    });
  }

  /** Runs an effect in a process and answers with its value. */
  ask<A, E>(member: Member<Services>, effect: Effect.Effect<A, E, Services>): Promise<A> {
    const { services } = member;
    if (services === null) throw new Error("the process has not started");
    return new Promise((resolve, reject) => {
      Effect.runForkWith(services)(effect).addObserver((exit) => {
        if (Exit.isSuccess(exit)) resolve(exit.value);
        else reject(new Error(String(exit.cause)));
      });
    });
  }

  /** Reads or writes the database without any of the faults. */
  direct<A, E>(effect: Effect.Effect<A, E, Store>): Promise<A> {
    return this.world.still(() =>
      Effect.runPromise(
        Effect.provide(effect, KvStore.over(this.options.kv, { path: ":memory:" })),
      )
    );
  }
}

/** Runs a test over a database of its own. */
export const withKv = async <A>(test: (kv: Deno.Kv) => Promise<A>): Promise<A> => {
  const kv = await Deno.openKv(":memory:");
  try {
    return await test(kv);
  } finally {
    kv.close();
  }
};
