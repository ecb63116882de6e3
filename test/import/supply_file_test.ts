/** Files of purchase orders and transfers, as they are read. */
import assert from "node:assert/strict";
import { Result } from "effect";
import fc from "fast-check";
import { sheetLimits } from "../../src/import/limits.ts";
import { readSupplyFile, type SupplyColumns } from "../../src/import/supply-file.ts";

const columns: SupplyColumns = {
  document: ["externalId", "supplierId", "locationId"],
  line: ["sku", "quantity", "expectedAt"],
  required: ["externalId", "locationId", "sku", "quantity", "expectedAt"],
};

const heading = "externalId,supplierId,locationId,sku,quantity,expectedAt";

const read = (text: string) => Result.getOrThrow(readSupplyFile(text, columns));

Deno.test("rows of one document are one, wherever they stand, and nothing of a file is lost", () =>
  fc.assert(fc.property(
    fc.array(
      fc.record({ id: fc.constantFrom("A", "B", "C"), units: fc.integer({ min: 1, max: 9 }) }),
      {
        minLength: 1,
        maxLength: 12,
      },
    ),
    (rows) => {
      const lines = rows.map(({ id, units }) => `${id},potter,ams,mug,${units},2030-05-04`);
      const groups = read([heading, ...lines].join("\n"));
      assert.equal(groups.length, new Set(rows.map(({ id }) => id)).size);
      assert.deepEqual(
        groups.flatMap((group) => group.rows).sort((one, other) => one - other),
        rows.map((_, n) => n + 2),
      );
      for (const { externalId, candidate, faults } of groups) {
        assert.deepEqual(faults, []);
        assert.deepEqual(
          candidate["lines"],
          rows.filter(({ id }) => id === externalId).map(({ units }) => ({
            ...{ sku: "mug", quantity: units, expectedAt: "2030-05-04T00:00:00Z" },
          })),
        );
      }
    },
  )));

Deno.test("a supplier's document is not that of another of the same number", () => {
  const text = `${heading}\nA,potter,ams,mug,1,2030-05-04\nA,smith,ams,mug,1,2030-05-04`;
  assert.equal(read(text).length, 2);
});

Deno.test("a document whose rows disagree, or that has no number, says so by row and column", () => {
  const text = [
    ...[heading, "A,potter,ams,mug,1,2030-05-04", "A,potter,ber,cup,1,2030-05-04"],
    ",potter,ams,mug,1,2030-05-04",
  ].join("\r\n");
  const [one, other] = read(text);
  assert.deepEqual(one?.faults.map(({ line, column }) => [line, column]), [[3, "locationId"]]);
  assert.deepEqual(other?.faults.map(({ line, column }) => [line, column]), [[4, "externalId"]]);
});

Deno.test("the heading may stand in any order, in any letters, between any delimiters", () => {
  const [group] = read(
    "SKU;Quantity;ExpectedAt;LocationId;ExternalId\nmug;3;2030-05-04T08:00:00Z;ams;A",
  );
  assert.equal(group?.candidate["locationId"], "ams");
  assert.deepEqual(group?.candidate["lines"], [
    { sku: "mug", quantity: 3, expectedAt: "2030-05-04T08:00:00Z" },
  ]);
});

Deno.test("a file without a column, or with too many rows, is refused as a whole", () => {
  assert.ok(Result.isFailure(readSupplyFile("externalId,sku\nA,mug", columns)));
  assert.ok(Result.isFailure(readSupplyFile("", columns)));
  const rows = Array.from({ length: sheetLimits.rows + 1 }, () => "A,potter,ams,mug,1,2030-05-04");
  assert.ok(Result.isFailure(readSupplyFile([heading, ...rows].join("\n"), columns)));
});
