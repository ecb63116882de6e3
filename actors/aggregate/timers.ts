/**
 * Fires timers: keys ordered by due time, written in the commit of their aggregates. Several processes may
 * fire one timer; its command then finds nothing left to do.
 */
import { Clock, Context, Effect, Layer } from "effect";
import { systemPrincipal } from "../../src/kernel/principal.ts";
import { timerLimits } from "./limits.ts";
import { type TimerDocument, timerName, timerOwner } from "../../src/store/documents.ts";
import type { Aggregate } from "../../src/subject/aggregate.ts";
import type { AggregateCommand } from "../../src/subject/state.ts";
import { Subjects } from "../../src/subject/subject.ts";
import { keys } from "../../src/store/keys.ts";
import { forEachPage } from "../../src/store/pages.ts";
import { type Entry, Store, type StoreError } from "../../src/store/store.ts";
import { decodeJson } from "../../src/store/values.ts";
import { Aggregates } from "./aggregates.ts";
import { EngineSettings } from "./engine-settings.ts";

export class Timers extends Context.Service<Timers, {
  /** Fires timers that are due; answers how many fired. */
  readonly fireDue: Effect.Effect<number, StoreError>;
}>()("allot/Timers") {
  static readonly layer = Layer.effect(Timers, Effect.suspend(() => makeTimers));
}

const makeTimers = Effect.gen(function* () {
  const store = yield* Store;
  const subjects = yield* Subjects;
  const aggregates = yield* Aggregates;
  const settings = yield* EngineSettings;

  /**
   * Carries out a timer's command, again while the aggregate still asks for the timer and goes on. Answers
   * whether the timer is done with: an aggregate that asks for it keeps it.
   */
  const carryOut = Effect.fnUntraced(function* (
    definition: Aggregate,
    id: string,
    name: string,
    command: AggregateCommand,
  ) {
    let version = -1;
    for (let n = 0; n < timerLimits.commandsPerTimer; n++) {
      const { state } = yield* aggregates.command(definition, id, command, { by: systemPrincipal });
      const links = definition.linksOf(state, settings);
      if (!links.some((link) => link.type === "timer" && link.name === name)) return true;
      if (state.version === version) return false;
      version = state.version;
    }
    return false;
  });

  const fire = Effect.fnUntraced(function* (entry: Entry) {
    if (entry.value === null) return 0;
    const timer = decodeJson<TimerDocument>(entry.value);
    const id = timerOwner(timer);
    const definition = subjects.aggregateOf(id);
    const command = timer.command as unknown as AggregateCommand;
    const done = definition === null ? true : yield* carryOut(
      definition,
      id,
      timerName(entry.key, timer),
      command,
    ).pipe(
      // The aggregate has gone another way meanwhile: the timer has nothing to say any more.
      Effect.catchTags({
        Refused: () => Effect.succeed(true),
        NotFound: () => Effect.succeed(true),
      }),
      Effect.catch((error) =>
        Effect.as(Effect.logWarning(`A timer of ${id} stays due`, error), false)
      ),
    );
    if (!done) return 0;
    yield* store.commit({
      checks: [{ key: entry.key, versionstamp: entry.versionstamp }],
      mutations: [{ type: "delete", key: entry.key }],
    });
    return 1;
  });

  /** Whatever is wrong with one timer must not keep others from firing. */
  const fireAlone = (entry: Entry) =>
    fire(entry).pipe(
      Effect.catch((error) =>
        Effect.as(Effect.logWarning(`The timer ${entry.key.join(" ")} stays due`, error), 0)
      ),
      Effect.catchDefect((defect) =>
        Effect.as(Effect.logError(`The timer ${entry.key.join(" ")} stays due`, defect), 0)
      ),
    );

  const fireDue = Effect.gen(function* () {
    const nowMs = yield* Clock.currentTimeMillis;
    const due = {
      start: ["timer", 0],
      end: keys.timer(nowMs + 1, ""),
      limit: timerLimits.timersRead,
    };
    let fired = 0;
    // Behind those that stay due, too.
    yield* forEachPage(store, due, (entries) =>
      Effect.map(
        Effect.forEach(entries, fireAlone, { concurrency: timerLimits.concurrentTimers }),
        (each) => {
          fired += each.reduce<number>((sum, one) => sum + one, 0);
        },
      ));
    return fired;
  });

  const round = Effect.catch(
    fireDue,
    (error) => Effect.as(Effect.logWarning("Timers could not be read", error), 0),
  );
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(round, Effect.sleep(timerLimits.pollMs))));
  return Timers.of({ fireDue });
});
