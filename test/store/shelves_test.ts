import assert from "node:assert/strict";
import fc from "fast-check";
import { hashOf } from "../../src/kernel/hash.ts";
import { shelfOf } from "../../src/store/shelves.ts";

Deno.test("the hash is FNV-1a, so that stores keep their shelves over versions", () => {
  assert.equal(hashOf(""), 0x811c9dc5);
  assert.equal(hashOf("a"), 0xe40c292c);
  assert.equal(hashOf("foobar"), 0xbf9cf968);
});

Deno.test("every text has one shelf among those that there are", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary" }),
      fc.integer({ min: 1, max: 1024 }),
      (text, shelves) => {
        const shelf = shelfOf(text, shelves);
        assert.ok(Number.isInteger(shelf) && shelf >= 0 && shelf < shelves);
        assert.equal(shelfOf(text, shelves), shelf);
      },
    ),
  );
});

Deno.test("no shelf of eight is left empty by a thousand order numbers", () => {
  const counts = new Map<number, number>();
  for (let n = 0; n < 1_000; n++) {
    const shelf = shelfOf(`shop\u0000${n}`, 8);
    counts.set(shelf, (counts.get(shelf) ?? 0) + 1);
  }
  assert.equal(counts.size, 8);
  for (const count of counts.values()) assert.ok(count > 60);
});
