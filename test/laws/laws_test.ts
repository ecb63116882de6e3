/** The laws, over every aggregate of the engine. */
import assert from "node:assert/strict";
import { subjects } from "../../src/subjects.ts";
import { workouts } from "../support/workouts.ts";
import { live } from "./laws.ts";

const lives = 400;
/** Commands that were carried out in all lives together: fewer would say little. */
const leastDone = 1_500;

Deno.test("every aggregate has a workout", () => {
  assert.deepEqual(
    workouts.map(({ definition }) => definition.name).sort(),
    [...subjects.aggregates.keys()].sort(),
  );
});

for (const each of workouts) {
  Deno.test(`the laws hold of every ${each.definition.name}, whatever is asked of it`, () => {
    let done = 0;
    for (let seed = 1; seed <= lives; seed++) {
      try {
        done += live(subjects, each, seed);
      } catch (error) {
        throw new Error(`seed ${seed} breaks a law`, { cause: error });
      }
    }
    assert.ok(done >= leastDone, `only ${done} commands were carried out`);
  });
}
