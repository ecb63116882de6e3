import { assertBlocksHold } from "./blocks.ts";

Deno.test("fifteen hundred generated requests, good and bad, are answered as the document says (second half)", () =>
  assertBlocksHold([3, 4, 6]));
