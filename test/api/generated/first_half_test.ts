import { assertBlocksHold } from "./blocks.ts";

Deno.test("a thousand generated requests, good and bad, are answered as the document says (first half)", () =>
  assertBlocksHold([1, 2]));
