/**
 * Runs commands: a reactor whose entries ask the engine for something. The cursor moves when the command is
 * done. After a crash, and when two processes overlap, the command is asked for again, and does nothing the
 * second time.
 */
import { Clock, Effect, type Scope } from "effect";
import { elapsedMs } from "../../src/kernel/instant.ts";
import { reactorLimits } from "./limits.ts";
import type { LogEntry, Position } from "../../src/store/log.ts";
import type { LogRecord } from "../../src/subject/record.ts";
import { Store, type StoreError } from "../../src/store/store.ts";
import { Cursor } from "./cursor.ts";
import type { HandleFailure } from "./follower.ts";
import type { LogTail } from "./log-tail.ts";
import { Hurry, type Ownership, react } from "./reactor.ts";

export interface CommandsOptions<Task> {
  readonly name: string;
  /** `place` names the record in the log: the same each time. */
  readonly tasksOf: (record: LogRecord, place: string) => readonly Task[];
  readonly perform: (tasks: readonly Task[]) => Effect.Effect<void, HandleFailure>;
}

class RunningCommands<Task> {
  readonly cursor: Cursor;
  /** Everything up to here is done, though the cursor may be behind it while nothing was to do. */
  #doneUpTo: Position = "";
  #movedAtMs = Number.NEGATIVE_INFINITY;

  constructor(store: Store["Service"], readonly options: CommandsOptions<Task>) {
    this.cursor = new Cursor(store, options.name);
  }

  #tasksOf(entries: readonly LogEntry[]): readonly Task[] {
    return entries.flatMap(({ position, records }) =>
      records.flatMap((record, n) => this.options.tasksOf(record, `${position}.${n}`))
    );
  }

  readonly #move = Effect.fnUntraced(function* (this: RunningCommands<Task>) {
    this.#movedAtMs = yield* Clock.currentTimeMillis;
    return yield* this.cursor.move({ position: this.#doneUpTo }, []);
  }).bind(this);

  readonly work = Effect.fnUntraced(function* (
    this: RunningCommands<Task>,
    entries: readonly LogEntry[],
  ): Effect.fn.Return<boolean, HandleFailure> {
    const tasks = this.#tasksOf(entries);
    if (tasks.length > 0) yield* this.options.perform(tasks);
    this.#doneUpTo = entries.at(-1)?.position ?? this.#doneUpTo;
    const sinceMs = elapsedMs(this.#movedAtMs, yield* Clock.currentTimeMillis);
    // A commit for each entry that asks for nothing would double the writes of a busy engine.
    return tasks.length === 0 && sinceMs < reactorLimits.moveEveryMs || (yield* this.#move());
  }).bind(this);

  readonly again = (entry: LogEntry): Effect.Effect<void, HandleFailure> =>
    Effect.suspend(() => {
      const tasks = this.#tasksOf([entry]);
      return tasks.length > 0 ? this.options.perform(tasks) : Effect.void;
    });

  /**
   * Moves the cursor behind finished work, so that no other process takes it over when nothing more comes.
   */
  readonly settle = Effect.fnUntraced(function* (
    this: RunningCommands<Task>,
    turns: Ownership,
  ): Effect.fn.Return<void, StoreError> {
    if (turns.isContended || !this.cursor.isKnown) return;
    if (this.#doneUpTo <= this.cursor.position) return;
    if (!(yield* this.#move())) yield* turns.stepBack;
  }).bind(this);
}

export const runCommands = Effect.fnUntraced(function* <Task>(
  options: CommandsOptions<Task>,
): Effect.fn.Return<void, StoreError, Store | LogTail | Scope.Scope> {
  const running = new RunningCommands(yield* Store, options);
  const turns = yield* react({
    cursor: running.cursor,
    takeOverMs: reactorLimits.commandTakeOverMs,
    work: running.work,
    forget: () => {},
    rest: Effect.void,
    again: running.again,
  }, new Hurry());
  const settle = Effect.catch(
    turns.alone(Effect.suspend(() => running.settle(turns))),
    (error) => Effect.logWarning(`The cursor of ${options.name} falls behind`, error),
  );
  yield* Effect.forkScoped(
    Effect.forever(Effect.andThen(Effect.sleep(reactorLimits.moveEveryMs), settle)),
  );
});
