/**
 * A world in which everything happens one thing at a time, in an order that a seed decides: the steps of
 * fibers, the calls of the store, the passing of time. Nothing waits for real time, and the same seed gives
 * the same run.
 *
 * Effect's `TestClock` moves one clock for one program; here each process has a clock of its own, some of
 * them wrong, and time must also pass while calls of the store are on their way. So this is a clock and a
 * scheduler over one queue of events.
 */
import { Clock, Context, Duration, Effect, Random, References, Scheduler } from "effect";
import { NextTick } from "../../actors/ledger/next-tick.ts";
import type { Chance } from "./random.ts";

interface Event {
  readonly atMs: number;
  readonly sequence: number;
  readonly process: Process | null;
  run: (() => void | Promise<void>) | null;
}

interface Task {
  readonly process: Process;
  readonly priority: number;
  readonly run: () => void;
}

/** When the simulated time begins, epoch milliseconds. */
export const startMs = Date.UTC(2030, 0, 1);

/** More than this and a run goes round in circles. */
const mostSteps = 3_000_000;

const microtasksDone = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Thrown when what was waited for did not happen within its bound. */
export class Stuck extends Error {
  override readonly name = "Stuck";
}

export class World {
  /** Milliseconds since the beginning; the clocks of processes begin with it. */
  nowMs = 0;
  readonly #chance: Chance;
  readonly #heap: Event[] = [];
  readonly #ready: Task[] = [];
  #sequence = 0;
  #steps = 0;

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  /** Counts everything that happens: a time without ties. */
  tick(): number {
    return ++this.#sequence;
  }

  get steps(): number {
    return this.#steps;
  }

  /** Runs something later, unless its process is gone by then. Answers what cancels it. */
  after(
    delayMs: number,
    process: Process | null,
    run: () => void | Promise<void>,
  ): () => void {
    const event: Event = {
      atMs: this.nowMs + Math.max(0, Math.floor(delayMs)),
      sequence: this.tick(),
      process,
      run,
    };
    this.#push(event);
    return () => {
      event.run = null;
    };
  }

  /** Does something that takes real time while the world stands still. */
  still<A>(run: () => Promise<A>): Promise<A> {
    return new Promise((resolve, reject) => {
      this.after(0, null, () => run().then(resolve, reject));
    });
  }

  addTask(task: Task): void {
    this.#ready.push(task);
  }

  /** Lets things happen until it is so; throws `Stuck` when that takes longer than the bound. */
  async run(until: () => boolean, boundMs: number, what: string): Promise<void> {
    const endMs = this.nowMs + boundMs;
    while (true) {
      this.#runTasks();
      await microtasksDone();
      if (this.#ready.length > 0) continue;
      if (until()) return;
      const event = this.#pop();
      if (event === undefined) throw new Stuck(`nothing happens any more, and not yet: ${what}`);
      if (event.atMs > endMs) throw new Stuck(`not within ${boundMs} ms: ${what}`);
      this.nowMs = Math.max(this.nowMs, event.atMs);
      this.#step();
      if (event.process?.isStopped) {
        this.after(event.process.stoppedForMs, event.process, event.run ?? (() => {}));
      } else await event.run?.();
    }
  }

  #runTasks(): void {
    while (this.#ready.length > 0) {
      const index = this.#next();
      const [task] = this.#ready.splice(index, 1);
      this.#step();
      if (task?.process.alive) task.process.take(task);
    }
  }

  /** Any of those with the most urgent priority. */
  #next(): number {
    let urgent = Number.POSITIVE_INFINITY;
    let count = 0;
    for (const { priority } of this.#ready) {
      if (priority < urgent) {
        urgent = priority;
        count = 1;
      } else if (priority === urgent) count++;
    }
    let skip = count === 1 ? 0 : this.#chance.between(0, count - 1);
    return this.#ready.findIndex(({ priority }) => priority === urgent && skip-- === 0);
  }

  #step(): void {
    if (++this.#steps > mostSteps) throw new Stuck("the run goes round in circles");
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let index = heap.push(event) - 1;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !isBefore(event, parent)) break;
      heap[index] = parent;
      index = above;
    }
    heap[index] = event;
  }

  /** The next event that was not cancelled and whose process lives. */
  #pop(): Event | undefined {
    while (true) {
      const event = this.#popAny();
      if (event === undefined) return undefined;
      if (event.run !== null && (event.process === null || event.process.alive)) return event;
    }
  }

  #popAny(): Event | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || first === last) return first;
    let index = 0;
    while (true) {
      let below = 2 * index + 1;
      const left = heap[below];
      if (left === undefined) break;
      const right = heap[below + 1];
      if (right !== undefined && isBefore(right, left)) below++;
      const child = heap[below];
      if (child === undefined || !isBefore(child, last)) break;
      heap[index] = child;
      index = below;
    }
    heap[index] = last;
    return first;
  }
}

const isBefore = (one: Event, other: Event): boolean =>
  one.atMs < other.atMs || (one.atMs === other.atMs && one.sequence < other.sequence);

const nanosPerMs = 1_000_000n;

/** One life of one process: what Effect needs to run in the world, until the process is killed. */
export class Process {
  alive = true;
  #stoppedUntilMs = Number.NEGATIVE_INFINITY;
  readonly services: Context.Context<never>;

  constructor(
    readonly world: World,
    readonly name: string,
    chance: Chance,
    /** How wrong its clock is. */
    readonly clockOffsetMs: () => number,
  ) {
    this.services = Context.make(Scheduler.Scheduler, this.#scheduler(chance)).pipe(
      Context.add(Clock.Clock, this.#clock()),
      Context.add(Random.Random, {
        nextIntUnsafe: () => chance.between(0, Number.MAX_SAFE_INTEGER),
        nextDoubleUnsafe: () => chance.next(),
      }),
      Context.add(References.MinimumLogLevel, "None"),
      Context.add(NextTick, (run) => this.#addTask(run, 0)),
    ) as Context.Context<never>;
  }

  /** From now on nothing of it happens any more. */
  kill(): void {
    this.alive = false;
  }

  /** Nothing of it happens for a while, as if somebody had stopped it; then it goes on as if nothing had been. */
  stop(ms: number): void {
    this.#stoppedUntilMs = this.world.nowMs + ms;
  }

  get stoppedForMs(): number {
    return this.#stoppedUntilMs - this.world.nowMs;
  }

  get isStopped(): boolean {
    return this.stoppedForMs > 0;
  }

  /** Runs a task now, or when it goes on. */
  take({ run, priority }: Pick<Task, "run" | "priority">): void {
    if (this.isStopped) {
      this.world.after(this.stoppedForMs, this, () => this.#addTask(run, priority));
    } else run();
  }

  epochMs(): number {
    return startMs + this.world.nowMs + this.clockOffsetMs();
  }

  #addTask(run: () => void, priority: number): void {
    if (this.alive) this.world.addTask({ process: this, priority, run });
  }

  #scheduler(chance: Chance): Scheduler.Scheduler {
    return {
      executionMode: "async",
      // Any step may be the last of its turn, not only each two-thousandth.
      shouldYield: (fiber) => fiber.currentOpCount > 4 && chance.happens(0.01),
      makeDispatcher: () => ({
        scheduleTask: (task, priority) => this.#addTask(task, priority),
        flush: () => {},
      }),
    };
  }

  #clock(): Clock.Clock {
    const millis = () => this.epochMs();
    const nanos = () => BigInt(this.epochMs()) * nanosPerMs;
    const monotonic = () => BigInt(this.world.nowMs) * nanosPerMs;
    return {
      currentTimeMillisUnsafe: millis,
      currentTimeMillis: Effect.sync(millis),
      currentTimeNanosUnsafe: nanos,
      currentTimeNanos: Effect.sync(nanos),
      monotonicTimeNanosUnsafe: monotonic,
      monotonicTimeNanos: Effect.sync(monotonic),
      sleep: (duration) =>
        Effect.callback<void>((resume) => {
          const ms = Duration.toMillis(duration);
          if (!Number.isFinite(ms)) return;
          const cancel = this.world.after(ms, this, () => resume(Effect.void));
          return Effect.sync(cancel);
        }),
    };
  }
}
