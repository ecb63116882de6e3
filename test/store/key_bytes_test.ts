/** Bytes of keys, as this project counts them before a commit and as Deno KV counts them in it. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { fenceKeyBytes, type Key, keyBytesOf } from "../../src/kernel/key.ts";
import { keys } from "../../src/store/keys.ts";

/** Deno KV refuses a key that is longer. */
const mostBytes = 2_048;

const text = fc.string({
  unit: fc.constantFrom("a", "\0", "é", "€", "\u{1f600}", "\u{10ffff}", "\ud800", "\udc00"),
  maxLength: 300,
});

const key = fc.array(
  fc.oneof(text, fc.double({ noNaN: true })),
  { minLength: 1, maxLength: 4 },
) as fc.Arbitrary<Key>;

Deno.test("a key that is counted as long as keys may be is taken, and one byte more is not", async () => {
  using kv = await Deno.openKv(":memory:");
  const isTaken = async (key: Key): Promise<boolean> => {
    try {
      await kv.set([...key], 1);
      return true;
    } catch (error) {
      assert.match(String(error), /Key too large/);
      return false;
    }
  };
  await fc.assert(fc.asyncProperty(key, async (key) => {
    const left = mostBytes - keyBytesOf([...key, ""]);
    fc.pre(left > 0);
    assert.ok(await isTaken([...key, "x".repeat(left)]));
    assert.ok(!await isTaken([...key, "x".repeat(left + 1)]));
  }));
});

Deno.test("a fence counts twice", () => {
  fc.assert(fc.property(text, (name) => {
    assert.equal(fenceKeyBytes(name), 2 * keyBytesOf(keys.fence(name)));
  }));
});
