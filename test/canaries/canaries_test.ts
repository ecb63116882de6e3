import assert from "node:assert/strict";
import { canaries } from "./canaries.ts";
import { huntFor } from "./plant.ts";

for (const canary of canaries) {
  Deno.test(`noticed: ${canary.name}`, async () => {
    const { by, violation, seconds } = await huntFor(canary);
    assert.notEqual(by, null, `nobody noticed that ${canary.name}`);
    console.log(`  by ${by} after ${seconds} s: ${violation.slice(0, 160)}`);
  });
}
