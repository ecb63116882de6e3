import assert from "node:assert/strict";
import { Effect, Layer } from "effect";
import { LogTail } from "../../actors/log/log-tail.ts";
import { StatusStream } from "../../actors/status/status-stream.ts";
import { StatusCounters } from "../../src/status/counters.ts";
import { snapshotOf } from "../../src/status/snapshot.ts";
import { KvStore } from "../../src/store/kv.ts";
import { eventIdOf } from "../../src/subject/event.ts";
import { subjects } from "../../src/subjects.ts";
import { subjectServices } from "../../actors/engine.ts";
import { commitRecords, startMs } from "./log-fixture.ts";

const idsIn = (text: string): readonly string[] =>
  [...text.matchAll(/^id: (.*)$/gm)].map(([, id = ""]) => id);

Deno.test("a reader that comes from a process further ahead is not sent back by a snapshot", () =>
  Effect.runPromise(
    Effect.scoped(Effect.gen(function* () {
      const record = {
        kind: "catalog",
        type: "item.saved",
        at: "2030-01-01T00:00:00.000Z",
        by: "system",
        id: "mug",
      } as const;
      const first = yield* commitRecords([record]);
      const second = yield* commitRecords([record]);
      const tail = yield* LogTail;
      // This process has counted the first entry only.
      const counters = new StatusCounters(subjects);
      const [entry] = yield* tail.read("", 1);
      assert.ok(entry !== undefined && entry.position === first);
      counters.apply(entry);
      const stream = new StatusStream({
        tail,
        kinds: subjects,
        position: () => counters.position,
        isTooOld: (position) => counters.isTooOld(position),
        snapshot: (scope) =>
          snapshotOf(counters, subjects, scope, {
            nowMs: startMs,
            looked: {},
            consumers: [],
            lanes: [],
            setAside: [],
            store: { takesCommits: true },
            streamReaders: 1,
          }),
        scope: yield* Effect.scope,
      });
      const reader = yield* stream.open({
        keyId: "key_first",
        filter: { confidential: true },
        scope: {},
        after: `${second}.0`,
      });
      yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 0)));
      stream.broadcastSnapshot();
      const [, next] = yield* tail.read("", 2);
      assert.ok(next !== undefined);
      counters.apply(next);
      stream.broadcast(next, stream.framesOf(next));
      stream.broadcastSnapshot();
      stream.close();
      const text = yield* Effect.promise(() => new Response(reader.body).text());
      assert.deepEqual(idsIn(text), [eventIdOf(second, null)]);
    })).pipe(Effect.provide(
      LogTail.layer.pipe(
        Layer.provideMerge(KvStore.layer({ path: ":memory:" })),
        Layer.provideMerge(subjectServices()),
        Layer.fresh,
      ),
    )),
  ));
