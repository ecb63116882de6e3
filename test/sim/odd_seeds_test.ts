import { assertSeedsHold, halfOfSeeds } from "./seeds.ts";

Deno.test("nothing is lost, done twice or oversold whatever fails, and each fault is reached (odd seeds)", () =>
  assertSeedsHold(halfOfSeeds(1)));
