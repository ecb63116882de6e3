/** Customers are told each thing once, whatever fails and wherever; and where nobody knows, not again. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { noFaults } from "../../sim/database.ts";
import { anyFaults, share } from "../reactors/any-faults.ts";
import { withKv } from "../reactors/crew.ts";
import { MessageStage } from "./message-stage.ts";
import { goodPost } from "./post.ts";

const plan = fc.record({
  seed: fc.nat(),
  members: fc.integer({ min: 1, max: 3 }),
  orders: fc.integer({ min: 1, max: 4 }),
  faults: anyFaults,
  postFaults: fc.record({
    refused: share(0.3),
    refusedAfter: share(0.3),
    cut: share(0.3),
    longestMs: fc.constantFrom(1, 30, 1_500),
  }),
  isDown: fc.boolean(),
});

Deno.test("nobody is told twice, and everybody once unless that is not known, whatever fails", () =>
  fc.assert(
    fc.asyncProperty(
      plan,
      ({ seed, members, orders, faults, postFaults, isDown }) =>
        withKv(async (kv) => {
          const stage = new MessageStage({ kv, seed, members });
          const { crew, post } = stage;
          await crew.play(async () => {
            await stage.begin();
            crew.faults = faults;
            post.faults = postFaults;
            post.isDown = isDown;
            for (let n = 0; n < orders; n++) {
              const id = await stage.tell(n);
              if (n % 2 === 1) await stage.cancel(id);
              await crew.pause(400);
            }
            await crew.pause(20_000);
            post.isDown = false;
            await crew.pause(60_000);
            crew.faults = noFaults;
            post.faults = goodPost;
            await stage.rest();
            await stage.check({ unclear: true });
          });
        }),
    ),
    { numRuns: 30 },
  ));

Deno.test("where nothing ends in the middle, everybody is told", () =>
  fc.assert(
    fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 3 }), (seed, members) =>
      withKv(async (kv) => {
        const stage = new MessageStage({ kv, seed, members });
        const { crew, post } = stage;
        await crew.play(async () => {
          await stage.begin();
          post.faults = { ...goodPost, refused: 0.3, refusedAfter: 0.3 };
          crew.faults = { ...noFaults, conflict: 0.2, throwAfter: 0.2, repeat: 0.2, longestMs: 30 };
          const id = await stage.tell(1);
          await stage.tell(2);
          await stage.cancel(id);
          await crew.pause(10_000);
          crew.faults = noFaults;
          post.faults = goodPost;
          await stage.rest();
          await stage.check({ unclear: false });
          assert.equal(post.arrivals.length, 3);
        });
      })),
    { numRuns: 15 },
  ));

Deno.test("a mail server may take its time, and what it says in the end counts", () =>
  withKv(async (kv) => {
    const stage = new MessageStage({ kv, seed: 5, members: 2 });
    const { crew, post } = stage;
    await crew.play(async () => {
      await stage.begin();
      post.faults = { ...goodPost, longestMs: 60_000 };
      for (let n = 0; n < 6; n++) await stage.tell(n);
      await stage.rest();
      await stage.check({ unclear: false });
      assert.equal(post.handovers, 6);
    });
  }));

Deno.test("of orders that are no news, nothing is sent and nothing is written", () =>
  withKv(async (kv) => {
    const stage = new MessageStage({ kv, seed: 3, members: 1 });
    await stage.crew.play(async () => {
      await stage.begin();
      await stage.place(1, { placedAt: "2020-01-01T00:00:00.000Z" });
      await stage.place(2, { metadata: { silent: "true" } });
      await stage.place(3, { channel: "ebay" });
      await stage.tell(4);
      await stage.rest();
      await stage.check({ unclear: false });
    });
  }));
