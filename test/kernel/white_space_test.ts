import assert from "node:assert/strict";
import fc from "fast-check";
import {
  codePointsOf,
  isBlank,
  quoted,
  trimmed,
  visiblePattern,
} from "../../src/kernel/white-space.ts";

const visible = new RegExp(visiblePattern, "u");
const codePoints = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code))
  .filter((character) => character.isWellFormed());

Deno.test("all of Unicode's white space is blank, and the document's pattern says the same", () => {
  for (const character of codePoints) {
    if (/\p{White_Space}|\s/u.test(character)) {
      assert.ok(isBlank(character), codePointsOf(character, 1));
    }
    assert.equal(isBlank(character), !visible.test(character), codePointsOf(character, 1));
  }
  const blank = codePoints.filter(isBlank).map((character) => codePointsOf(character, 1));
  const others = ["U+001C", "U+001D", "U+001E", "U+001F", "U+180E", "U+200B", "U+2060", "U+FEFF"];
  assert.deepEqual(blank.filter((point) => others.includes(point)), others);
  assert.equal(blank.length, 25 + others.length);
});

Deno.test("a text is trimmed to what can be seen, once and for all, and is the same where nothing is around it", () => {
  const text = fc.string({
    unit: fc.constantFrom("a", " ", "\u00a0", "\u3000", "\t", "😀", "\u200b"),
  });
  fc.assert(fc.property(text, (value) => {
    const short = trimmed(value);
    assert.ok(value.includes(short));
    assert.equal(trimmed(short), short);
    assert.equal(short === "", isBlank(value));
    if (short !== "") assert.ok(visible.test(short[0] ?? "") || short.startsWith("😀"));
    assert.equal(trimmed(`\u2003${short}\n`), short);
  }));
});

Deno.test("what cannot be seen is shown by its code points", () => {
  assert.equal(quoted("1\u202f234 \u00a0x", 80), '"1<U+202F>234 <U+00A0>x"');
  assert.equal(quoted("👩‍👩", 80), '"👩<U+200D>👩"');
  assert.equal(quoted("x".repeat(9), 5), '"xxxx…"');
  assert.equal(codePointsOf(" \u00a0😀", 4), "U+0020 U+00A0 U+1F600");
  assert.equal(codePointsOf("     ", 2), "U+0020 U+0020 …");
});
