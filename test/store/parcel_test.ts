import assert from "node:assert/strict";
import fc from "fast-check";
import { stockDelta } from "../../src/stock/stock.ts";
import { headOf, joinBody, offerWrites, packBody, unpackBody } from "../../src/store/parcel.ts";
import type { Entry, Mutation } from "../../src/store/store.ts";
import type { Key } from "../../src/kernel/key.ts";

const text = fc.string({ unit: "grapheme", maxLength: 12 });
const key: fc.Arbitrary<Key> = fc.array(fc.oneof(text, fc.nat()), { minLength: 1, maxLength: 4 });
const write: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ type: fc.constant("delete" as const), key }, { noNullPrototype: true }),
  fc.record({ type: fc.constant("set" as const), key, value: fc.uint8Array({ maxLength: 300 }) }, {
    noNullPrototype: true,
  }),
  fc.record({
    type: fc.constant("set" as const),
    key,
    value: fc.uint8Array({ maxLength: 300 }),
    expireInMs: fc.nat(),
  }, { noNullPrototype: true }),
);

Deno.test("a parcel is read as it was left, in however many parts", () => {
  fc.assert(fc.property(
    fc.record({
      partitions: fc.array(text),
      reads: fc.array(fc.record({ key, versionstamp: fc.option(text) }, { noNullPrototype: true })),
      checked: fc.boolean(),
      balances: fc.array(fc.record({
        balance: text,
        deltas: fc.array(
          fc.tuple(text, text, fc.integer()).map(([at, sku, reserved]) =>
            // As JSON has it: a member that is undefined is absent.
            JSON.parse(JSON.stringify(stockDelta(at, sku, { reserved })))
          ),
        ),
      }, { noNullPrototype: true })),
      writes: fc.array(write),
      records: fc.string({ unit: "grapheme", maxLength: 500 }),
      correlations: fc.dictionary(
        fc.nat(9).map(String),
        fc.record({ requestId: fc.string() }, { noNullPrototype: true }),
        { noNullPrototype: true },
      ),
      units: fc.nat(),
    }, {
      noNullPrototype: true,
      requiredKeys: [
        "partitions",
        "reads",
        "checked",
        "balances",
        "writes",
        "records",
        "units",
      ],
    }),
    fc.integer({ min: 50, max: 2_000 }),
    (body, valueBytes) => {
      const { parts, mutations } = offerWrites(
        ["parcel", "here", 1, "a"],
        packBody(body),
        valueBytes,
      );
      const entries = mutations.map((mutation): Entry => {
        assert.ok(mutation.type === "set");
        return { key: mutation.key, value: mutation.value, versionstamp: "1" };
      });
      const [head, ...rest] = entries;
      assert.deepEqual(head && headOf(head), { state: "offered", parts });
      assert.equal(rest.length, parts);
      const joined = joinBody(rest);
      assert.ok(joined);
      assert.deepEqual(unpackBody(joined), body);
      const [lost] = rest;
      if (lost) assert.equal(joinBody([{ ...lost, value: null }, ...rest.slice(1)]), null);
    },
  ));
});
