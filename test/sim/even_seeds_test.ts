import { assertSeedsHold, halfOfSeeds } from "./seeds.ts";

Deno.test("nothing is lost, done twice or oversold whatever fails, and each fault is reached (even seeds)", () =>
  assertSeedsHold(halfOfSeeds(2)));
