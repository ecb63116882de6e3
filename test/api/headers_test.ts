import assert from "node:assert/strict";
import fc from "fast-check";
import {
  contentTypeOf,
  fingerprintOf,
  idempotencyKey,
  ifMatchTag,
  noneMatch,
} from "../../api/http/headers.ts";
import { decodeCursor, encodeCursor } from "../../api/http/pages.ts";
import { pointerOf } from "../../src/kernel/issues.ts";
import { ApiProblem } from "../../api/http/problems.ts";
import { Effect } from "effect";

const visible = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
  minLength: 1,
  maxLength: 255,
});

Deno.test("any visible key of at most 255 characters is the same quoted and bare", () => {
  fc.assert(fc.property(visible, (key) => {
    const quoted = `"${key.replace(/["\\]/g, "\\$&")}"`;
    assert.equal(idempotencyKey(new Headers({ "idempotency-key": quoted })), key);
    if (!key.startsWith('"')) {
      assert.equal(idempotencyKey(new Headers({ "idempotency-key": key })), key);
    }
  }));
});

Deno.test("any header value is a key or a problem", () => {
  const value = fc.string({
    unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)),
    maxLength: 300,
  });
  fc.assert(fc.property(value, (text) => {
    const key = idempotencyKey(new Headers({ "idempotency-key": text }));
    assert.ok(key instanceof ApiProblem || (typeof key === "string" && /^[ -~]{1,255}$/.test(key)));
    const tag = ifMatchTag(new Headers({ "if-match": text }));
    assert.ok(tag instanceof ApiProblem || typeof tag === "string");
  }));
});

Deno.test("entity tags are compared weakly for reading, and kept apart for changing", () => {
  assert.equal(ifMatchTag(new Headers({ "if-match": '"7"' })), "7");
  assert.equal(ifMatchTag(new Headers({ "if-match": 'W/"7"' })), 'W/"7"');
  assert.equal(ifMatchTag(new Headers({ "if-match": "*" })), "*");
  assert.equal(ifMatchTag(new Headers()), undefined);
  assert.ok(noneMatch(new Headers({ "if-none-match": 'W/"7", "8"' }), '"7"'));
  assert.ok(!noneMatch(new Headers({ "if-none-match": '"8"' }), '"7"'));
  assert.ok(!noneMatch(new Headers(), '"7"'));
});

Deno.test("a media type is read without its parameters and case", () => {
  assert.equal(
    contentTypeOf(new Headers({ "content-type": "Text/CSV ; header=present" })).mediaType,
    "text/csv",
  );
  assert.equal(contentTypeOf(new Headers()).mediaType, "");
});

Deno.test("a fingerprint tells method, target and body apart, also at their borders", () => {
  const part = fc.string({ maxLength: 5 }).filter((text) => !text.includes("\n"));
  const request = fc.tuple(part, part, fc.string({ maxLength: 5 }));
  fc.assert(fc.property(request, request, (a, b) => {
    const same = a.every((text, i) => text === b[i]);
    assert.equal(fingerprintOf(...a) === fingerprintOf(...b), same);
  }));
});

Deno.test("a cursor gives back what it was made of, and nothing else is one", async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.string(), { maxLength: 4 }), async (parts) => {
    const cursor = encodeCursor(parts);
    assert.match(cursor, /^[\w-]*$/);
    assert.deepEqual(await Effect.runPromise(decodeCursor({ cursor }, parts.length)), parts);
    const other = Effect.flip(decodeCursor({ cursor }, parts.length + 1));
    assert.ok(await Effect.runPromise(other) instanceof ApiProblem);
  }));
  const foreign = fc.string({ minLength: 1, maxLength: 1 }).filter((text) => !/[\w-]/.test(text));
  await fc.assert(fc.asyncProperty(fc.string(), foreign, async (part, text) => {
    const other = Effect.flip(decodeCursor({ cursor: encodeCursor([part]) + text }, 1));
    assert.ok(await Effect.runPromise(other) instanceof ApiProblem);
  }));
  await fc.assert(fc.asyncProperty(fc.string({ minLength: 1 }), async (cursor) => {
    const exit = await Effect.runPromiseExit(decodeCursor({ cursor }, 1));
    assert.ok(exit._tag === "Success" || exit.cause.reasons.every(({ _tag }) => _tag === "Fail"));
  }));
});

Deno.test("a pointer leads back to the key that it was made of (RFC 6901)", () => {
  const path = fc.array(fc.oneof(fc.string(), fc.nat()), { maxLength: 5 });
  fc.assert(fc.property(path, (keys) => {
    const back = pointerOf(keys).split("/").slice(1)
      .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
    assert.deepEqual(back, keys.map(String));
  }));
});
