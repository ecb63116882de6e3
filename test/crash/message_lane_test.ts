/** The lane of customers' messages, with a fault at each of its commits. */
import assert from "node:assert/strict";
import { MessageStage } from "../actors/message/message-stage.ts";
import { goodPost } from "../actors/message/post.ts";
import { withKv } from "../actors/reactors/crew.ts";
import type { PlacedFault } from "../sim/database.ts";
import { commitFaults } from "./sweep.ts";

/** A run of a few messages that meets one fault, at one commit of the lane or of a record. */
const runWith = async (
  placed: { readonly fault: Exclude<PlacedFault, null>; readonly commit: number } | null,
): Promise<{ readonly commits: number; readonly lost: number }> =>
  await withKv(async (kv) => {
    let counting = false;
    let commits = 0;
    let lost = 0;
    const stage: MessageStage = new MessageStage({
      ...{ kv, seed: 7, members: 2 },
      placed: ({ keys }) => {
        const isOurs = keys.some(([family, name]) =>
          family === "customer_message" || (family === "cursor" && name === "message")
        );
        if (!counting || !isOurs) return null;
        return placed?.commit === commits++ ? placed.fault : null;
      },
    });
    const { crew, post } = stage;
    await crew.play(async () => {
      await stage.begin();
      counting = true;
      post.faults = { ...goodPost, refused: 0.5, longestMs: 700 };
      const id = await stage.tell(1);
      await stage.tell(2);
      await stage.cancel(id);
      await crew.pause(5_000);
      post.faults = goodPost;
      await stage.rest();
      counting = false;
      await stage.check({ unclear: true });
      lost = stage.expected.size - post.arrivals.length;
    });
    return { commits, lost };
  });

Deno.test("nobody is told twice at any point at which a process can end, and at most one not at all", async () => {
  const { commits, lost } = await runWith(null);
  assert.ok(commits > 8, `only ${commits} commits`);
  assert.equal(lost, 0);
  for (let commit = 0; commit < commits; commit++) {
    for (const fault of commitFaults) {
      try {
        // As many as were being handed over at that moment.
        assert.ok((await runWith({ fault, commit })).lost <= 2);
      } catch (error) {
        throw new Error(`${fault} at commit ${commit} of ${commits}`, { cause: error });
      }
    }
  }
});
