import assert from "node:assert/strict";
import fc from "fast-check";
import { keepNewest } from "../../src/kernel/keep-newest.ts";

Deno.test("the entries that came last stay, in their order", () => {
  fc.assert(fc.property(fc.uniqueArray(fc.nat()), fc.nat({ max: 20 }), (keys, most) => {
    const entries = new Map(keys.map((key) => [key, key]));
    keepNewest(entries, most);
    assert.deepEqual([...entries.keys()], most === 0 ? [] : keys.slice(-most));
  }));
});
