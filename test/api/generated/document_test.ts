/** The document as generated requests use it. */
import assert from "node:assert/strict";
import { startServer } from "../../support/server.ts";
import { documentOf } from "./document.ts";
import { unmade } from "./requests.ts";

const served = async () => {
  await using server = await startServer();
  return documentOf((await server.ask("/openapi.json")).text);
};

Deno.test("every schema in the served document is a JSON Schema of draft 2020-12", async () => {
  assert.deepEqual((await served()).unsoundSchemas(), []);
});

Deno.test("there are generated requests for every operation", async () => {
  assert.deepEqual(unmade((await served()).operations), []);
});

Deno.test("times are RFC 3339 for the document's validator, as they are for the engine", async () => {
  const document = await served();
  const operation = document.operation("trackShipment");
  const misfits = (occurredAt: string) =>
    document.bodyMisfits(operation, { status: "delivered", occurredAt }).length;
  assert.equal(misfits("2024-02-29T23:59:59.5+05:45"), 0);
  for (const text of ["2025-02-29T10:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T10:00Z", "x"]) {
    assert.equal(misfits(text), 1, text);
  }
});
