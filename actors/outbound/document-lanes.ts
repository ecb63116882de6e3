/**
 * The lanes of an outbox's documents in this process: begun, changed and ended as the documents are. Every
 * process does the same, and the cursor of each lane says which of them sends.
 */
import { Clock, Effect, Exit, FiberSet, Latch, Scope } from "effect";
import { instantOf } from "../../src/kernel/instant.ts";
import { systemPrincipal } from "../../src/kernel/principal.ts";
import { outboundLimits } from "../../src/outbound/limits.ts";
import { documentOfLane, laneOf, lanesOf } from "../../src/outbound/place.ts";
import { type SharedEvents, sourceOfDocument } from "../../src/outbound/source.ts";
import { backOff } from "../../src/store/back-off.ts";
import { keys } from "../../src/store/keys.ts";
import { logLimits } from "../../src/store/limits.ts";
import { forEachPage } from "../../src/store/pages.ts";
import type { StoreError } from "../../src/store/store.ts";
import type { DocumentOutbox, LaneEnding } from "../../src/subject/reactor.ts";
import type { Saved } from "../../src/subject/reference.ts";
import { untilItWorks } from "../log/follower.ts";
import type { References } from "../reference/references.ts";
import { forgetEnded } from "./forget-rows.ts";
import { laneCursor, LaneRunner, runLane, type RunnerOptions } from "./lane-runner.ts";

export interface DocumentLanesOptions extends RunnerOptions {
  readonly references: References["Service"];
  readonly outbox: DocumentOutbox;
  readonly events: SharedEvents;
}

interface RunningLane {
  readonly runner: LaneRunner;
  readonly version: number;
  readonly scope: Scope.Closeable;
  isEnding: boolean;
}

export class DocumentLanes {
  readonly #running = new Map<string, RunningLane>();
  readonly #changed = Latch.makeUnsafe(true);

  constructor(readonly options: DocumentLanesOptions) {
    const { references, outbox } = options;
    references.onForget(outbox.reference, () => this.#changed.openUnsafe());
  }

  /** The lanes of open documents. */
  get runners(): readonly LaneRunner[] {
    return [...this.#running.values()].map(({ runner }) => runner);
  }

  /** Follows the documents until the scope closes. */
  readonly run: Effect.Effect<never, never, Scope.Scope> = Effect.gen(
    { self: this },
    function* () {
      yield* Effect.addFinalizer(() =>
        Effect.forEach(this.#running.keys(), (id) => this.#end(id), {
          concurrency: "unbounded",
          discard: true,
        })
      );
      const fork = yield* FiberSet.makeRuntime<never, void>();
      for (let failures = 0;;) {
        yield* this.#changed.await;
        this.#changed.closeUnsafe();
        const exit = yield* Effect.exit(this.#follow(fork));
        if (Exit.isSuccess(exit)) {
          failures = 0;
          continue;
        }
        yield* Effect.logWarning(`Lanes of ${this.options.outbox.name} do not follow`, exit.cause);
        yield* backOff(logLimits.retryBackoff, failures++);
        this.#changed.openUnsafe();
      }
    },
  );

  /** Makes the lanes what the documents say. */
  readonly #follow = Effect.fnUntraced(function* (
    this: DocumentLanes,
    fork: (end: Effect.Effect<void>) => unknown,
  ): Effect.fn.Return<void, StoreError> {
    const { references, outbox } = this.options;
    const { reference } = outbox;
    const documents = yield* references.all(reference);
    const open = new Map(
      documents.filter((document) => outbox.isOpen(document))
        .map((document) => [reference.idOf(document), document]),
    );
    for (const [id, { version, isEnding }] of this.#running) {
      if (isEnding || open.get(id)?.version === version) continue;
      // It may wait for answers; then its document is looked at again.
      fork(Effect.andThen(this.#end(id), Effect.sync(() => this.#changed.openUnsafe())));
    }
    for (const [id, document] of open) {
      if (!this.#running.has(id)) yield* this.#begin(id, document);
    }
    yield* this.#tidy(new Set(documents.map((document) => reference.idOf(document))));
  }).bind(this);

  readonly #begin = Effect.fnUntraced(function* (
    this: DocumentLanes,
    id: string,
    document: Saved,
  ) {
    const { outbox, events } = this.options;
    const source = sourceOfDocument(outbox, document, id, events);
    const runner = new LaneRunner(this.options, source, {
      onEnding: (ending) => this.#close(id, document, ending),
      isCurrent: this.#isCurrent(id, document),
    });
    const scope = yield* Scope.make();
    this.#running.set(id, { runner, version: document.version, scope, isEnding: false });
    yield* Scope.provide(runLane(runner), scope);
  }).bind(this);

  readonly #end = Effect.fnUntraced(function* (this: DocumentLanes, id: string) {
    const running = this.#running.get(id);
    if (running === undefined) return;
    running.isEnding = true;
    yield* running.runner.finish;
    yield* Scope.close(running.scope, Exit.void);
    this.#running.delete(id);
  }).bind(this);

  /** Whether the store has this version of the document; if not, the lane of this one ends soon. */
  #isCurrent(id: string, { version }: Saved): Effect.Effect<boolean> {
    const { references, outbox: { name, reference } } = this.options;
    return Effect.suspend(() => {
      references.forget(reference, id);
      return Effect.map(
        untilItWorks(name, references.find(reference, id)),
        (found) => found !== null && found.version === version,
      );
    });
  }

  /** The lane has ended by itself: its document is to say so, unless somebody has changed it meanwhile. */
  readonly #close = Effect.fnUntraced(function* (
    this: DocumentLanes,
    id: string,
    { version }: Saved,
    ending: LaneEnding,
  ) {
    const { references, outbox } = this.options;
    const lane = laneOf(outbox, id);
    yield* Effect.logError(`The lane ${lane} ends: ${ending.reason}`);
    for (let failures = 0;; failures++) {
      const at = instantOf(yield* Clock.currentTimeMillis);
      const closed = Effect.gen(function* () {
        const document = yield* references.find(outbox.reference, id);
        if (document === null || document.version !== version) return;
        const described = outbox.closed(document, ending, at);
        if (described === null) return;
        const context = { by: systemPrincipal, ifMatch: String(version) };
        yield* references.save(outbox.reference, described, context);
      });
      const exit = yield* Effect.exit(closed);
      if (Exit.isSuccess(exit)) return;
      yield* Effect.logWarning(`${lane} does not say yet that it has ended`, exit.cause);
      references.forget(outbox.reference, id);
      yield* backOff(logLimits.retryBackoff, failures);
    }
  }).bind(this);

  /** Removes what is left of lanes whose documents are gone. */
  readonly #tidy = Effect.fnUntraced(function* (
    this: DocumentLanes,
    there: ReadonlySet<string>,
  ): Effect.fn.Return<void, StoreError> {
    const { store, outbox } = this.options;
    const { from, to } = lanesOf(outbox);
    const gone: string[] = [];
    const range = { start: keys.cursor(from), end: keys.cursor(to) };
    yield* forEachPage(
      store,
      { ...range, limit: outboundLimits.documentLanes },
      (entries) =>
        Effect.sync(() => {
          for (const { key } of entries) {
            const lane = String(key[1]);
            if (!there.has(documentOfLane(lane) ?? "")) gone.push(lane);
          }
        }),
    );
    for (const lane of gone) yield* forgetEnded(store, laneCursor(store, lane), lane);
  }).bind(this);
}
