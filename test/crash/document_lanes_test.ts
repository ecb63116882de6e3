/** Lanes of documents, with a fault at each commit of a short life of two listeners. */
import assert from "node:assert/strict";
import { DocumentStage } from "../actors/outbound/document-stage.ts";
import { withKv } from "../actors/reactors/crew.ts";
import type { PlacedFault } from "../sim/database.ts";
import { goodSink } from "../sim/sink.ts";
import { commitFaults } from "./sweep.ts";

/** A short life of two listeners that meets one fault, at one commit of the engine. */
const runWith = async (
  placed: { readonly fault: Exclude<PlacedFault, null>; readonly commit: number } | null,
): Promise<number> =>
  await withKv(async (kv) => {
    let counting = false;
    let commits = 0;
    const stage: DocumentStage = new DocumentStage({
      kv,
      seed: 7,
      members: 2,
      placed: () => {
        if (!counting) return null;
        return placed?.commit === commits++ ? placed.fault : null;
      },
    });
    const { crew } = stage;
    await crew.play(async () => {
      await crew.everybodyRuns();
      counting = true;
      await stage.save("one");
      const one = await stage.positionOf("one");
      stage.sink("one").faults = { ...goodSink, longestMs: 1_200 };
      stage.sink("one").refuses = ({ key }) => key === "a";
      await stage.commit(["a1", "b1"]);
      await stage.save("two", { letters: "b" });
      const two = await stage.positionOf("two");
      await stage.commit(["a2", "b2", "c2"]);
      await crew.pause(2_000);
      await stage.save("one", { open: false });
      await stage.commit(["a3", "b3"]);
      await stage.remove("two");
      stage.sink("one").refuses = () => false;
      await stage.commit(["a4", "b4"]);
      await stage.save("one", { open: true });
      await stage.save("three", { letters: "c" });
      const three = await stage.positionOf("three");
      await stage.commit(["a5", "c5"]);
      await stage.rest("one", "three");
      counting = false;
      stage.check("one", "abcde", one);
      stage.check("three", "c", three);
      await crew.until(async () => await stage.cursor("two") === null, "what is gone is tidied");
      const got = stage.arrived("two", two)["b"] ?? [];
      assert.ok(got.length <= 2, `${got}`);
    });
    return commits;
  });

Deno.test("nothing is lost at any point at which a process can end", async () => {
  const commits = await runWith(null);
  assert.ok(commits > 15, `only ${commits} commits`);
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
