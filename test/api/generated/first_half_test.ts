import { assertBlocksHold } from "./blocks.ts";

Deno.test("fifteen hundred generated requests, good and bad, are answered as the document says (first half)", () =>
  assertBlocksHold([1, 2, 5]));
