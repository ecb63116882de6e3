/** The lane of a stock feed with a crash at every commit of its way. */
import assert from "node:assert/strict";
import { laneOfFeed } from "../../actors/stock-feed/stock-feeds.ts";
import { outboundLimits } from "../../src/outbound/limits.ts";
import { stockDelta } from "../../src/stock/stock.ts";
import { FeedStage } from "../actors/stock-feed/feed-stage.ts";
import { withKv } from "../actors/reactors/crew.ts";
import type { PlacedFault } from "../sim/database.ts";
import { commitFaults } from "./sweep.ts";

Deno.test("a crash at any commit of the lane forgets nothing", async () => {
  const runWith = (disturbed: { fault: PlacedFault; commit: number } | null): Promise<number> =>
    withKv(async (kv) => {
      let commits = -1;
      const stage = new FeedStage({
        ...{ kv, seed: 11, members: 1 },
        placed: ({ keys }) => {
          const isLane = keys.some(([, lane]) => lane === laneOfFeed("shop"));
          if (!isLane) return null;
          commits++;
          return disturbed?.commit === commits ? disturbed.fault : null;
        },
      });
      const { crew, sink } = stage;
      await crew.play(async () => {
        await crew.everybodyRuns();
        await stage.move("ams", "a", 5);
        await stage.save({ batchSize: 2 });
        for (let n = 0; n < 6; n++) {
          // For a while nothing is taken of one SKU, and then nobody is there.
          sink.refuses = ({ body }) => n < 4 && body.includes('"b"');
          sink.isDown = n === 4;
          await stage.change(
            stockDelta("ams", "abc".charAt(n % 3), { onHand: n - 2 }),
            stockDelta("ber", "b", { onHand: 1 }),
          );
          await crew.pause(1_300);
        }
        await stage.rest();
        await crew.pause(4 * outboundLimits.attemptMs);
        stage.check();
      });
      return commits + 1;
    });
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
