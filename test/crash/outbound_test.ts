/** The lane of an outbox, with a fault at each move of its cursor. */
import assert from "node:assert/strict";
import type { Message } from "../../src/outbound/message.ts";
import { laneName, LaneStage, outboxOf } from "../actors/outbound/lane-stage.ts";
import { withKv } from "../actors/reactors/crew.ts";
import type { PlacedFault } from "../sim/database.ts";
import { goodSink } from "../sim/sink.ts";
import { commitFaults } from "./sweep.ts";

/** A run of a few entries that meets one fault, at one commit of the lane. */
const runWith = async (
  placed: { readonly fault: Exclude<PlacedFault, null>; readonly commit: number } | null,
): Promise<number> =>
  await withKv(async (kv) => {
    let counting = false;
    let commits = 0;
    const stage: LaneStage = new LaneStage({
      kv,
      seed: 7,
      members: 2,
      outbox: outboxOf({ retryAfterMs: [500, 1_000] }),
      placed: ({ keys }) => {
        if (!counting || !keys.some(([family]) => family === "cursor")) return null;
        return placed?.commit === commits++ ? placed.fault : null;
      },
    });
    const { crew, sink } = stage;
    const dies = (message: Message) => message.key === "d";
    await crew.play(async () => {
      counting = true;
      await crew.everybodyRuns();
      // So slow that there are commits while messages are under way.
      sink.faults = { ...goodSink, longestMs: 1_200 };
      sink.rejects = dies;
      await stage.commit(["a1", "b2", "c1", "d1"]);
      sink.refuses = ({ key }) => key === "a";
      await stage.commit(["a1", "b1", "b0", "d2"]);
      await crew.pause(1_000);
      sink.refuses = () => false;
      await stage.commit(["a2", "c1"]);
      await crew.pause(3_000);
      sink.rejects = () => false;
      await stage.commit(["d1", "b1"]);
      await crew.until(
        async () => {
          const isAtRest = await stage.isAtRest();
          const dead = await stage.ask((outbound) => outbound.deadLetters(laneName, "", 100));
          for (const { id } of dead) await stage.ask((all) => all.redeliver(laneName, id));
          return isAtRest && dead.length === 0;
        },
        "what died is delivered",
        3_000,
      );
      counting = false;
      stage.check(dies);
      const arrived = new Set(sink.arrivals.map(({ id }) => id));
      for (const { id } of stage.expected()) assert.ok(arrived.has(id), `${id} did not arrive`);
    });
    return commits;
  });

Deno.test("nothing is lost at any point at which a process can end", async () => {
  const commits = await runWith(null);
  assert.ok(commits > 8, `only ${commits} commits`);
  for (let commit = 0; commit < commits; commit++) {
    for (const fault of commitFaults) {
      try {
        await runWith({ fault, commit });
      } catch (error) {
        throw new Error(`${fault} at commit ${commit} of ${commits}`, { cause: error });
      }
    }
  }
});
