/** What leaves gives way to other work of its process, and comes through all the same. */
import assert from "node:assert/strict";
import { Effect } from "effect";
import { TestClock } from "effect/testing";
import { Sends } from "../../../actors/outbound/sends.ts";
import { outboundLimits } from "../../../src/outbound/limits.ts";

const { strainEveryMs, strainRestMs, strainedSends, strainedUnits } = outboundLimits;

/** Sends as much as it may, at once; each message is through in no time. */
const sendAll = (sends: Sends, most = 1_000): number => {
  let sent = 0;
  while (sent < most && sends.mayBegin({ wake: () => {} })) {
    sends.begin();
    sends.end();
    sent++;
  }
  return sent;
};

const paced = (script: (sends: Sends) => Effect.Effect<void>): Promise<void> =>
  Effect.runPromise(
    Effect.scoped(Effect.gen(function* () {
      const sends = new Sends();
      yield* Effect.forkScoped(sends.pace);
      assert.equal(sendAll(sends, 1), 1);
      yield* script(sends);
    })).pipe(Effect.provide(TestClock.layer())),
  );

const strained = (sends: Sends): void => {
  for (let n = 0; n < 50; n++) sends.commits(5 * strainedUnits);
};

Deno.test("a process with much else to do begins few messages, and has all the others wait", () =>
  paced((sends) =>
    Effect.gen(function* () {
      for (let turn = 0; turn < 5; turn++) {
        strained(sends);
        yield* TestClock.adjust(strainEveryMs);
        const sender = { wake: () => {} };
        let sent = 0;
        while (sent < 1_000 && sends.mayBegin(sender)) {
          sends.begin();
          sends.end();
          sent++;
        }
        sends.leave(sender);
        assert.equal(sent, strainedSends);
      }
    })
  ));

Deno.test("commits of little work take nothing from messages", () =>
  paced((sends) =>
    Effect.gen(function* () {
      for (let n = 0; n < 100; n++) sends.commits(strainedUnits - 1);
      yield* TestClock.adjust(strainEveryMs);
      assert.equal(sendAll(sends), 1_000);
    })
  ));

Deno.test("once there is nothing else to do, messages go on, and who waits is told", () =>
  paced((sends) =>
    Effect.gen(function* () {
      strained(sends);
      yield* TestClock.adjust(strainEveryMs);
      let woken = 0;
      const sender = { wake: () => void woken++ };
      while (sends.mayBegin(sender)) {
        sends.begin();
        sends.end();
      }
      assert.equal(woken, 0);
      yield* TestClock.adjust(strainRestMs + 2 * strainEveryMs);
      assert.ok(woken > 0, "it is told");
      sends.leave(sender);
      assert.equal(sendAll(sends), 1_000);
    })
  ));
