/** Tests that a planted bug is noticed, one for each canary. Two files share them, for two processors. */
import assert from "node:assert/strict";
import { canaries } from "./canaries.ts";
import { huntFor } from "./plant.ts";

const halves = 2;

export const testHalf = (half: number): void => {
  for (const [n, canary] of canaries.entries()) {
    if (n % halves !== half) continue;
    Deno.test(`noticed: ${canary.name}`, async () => {
      const { by, violation, seconds } = await huntFor(canary);
      assert.notEqual(by, null, `nobody noticed that ${canary.name}`);
      console.log(`  by ${by} after ${seconds} s: ${violation.slice(0, 160)}`);
    });
  }
};
