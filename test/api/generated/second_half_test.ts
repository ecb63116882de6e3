import { assertBlocksHold } from "./blocks.ts";

Deno.test("a thousand generated requests, good and bad, are answered as the document says (second half)", () =>
  assertBlocksHold([3, 4]));
