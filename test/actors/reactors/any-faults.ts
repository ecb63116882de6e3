/** What the store of a crew may do, for properties. */
import fc from "fast-check";
import type { Faults } from "../../sim/database.ts";

/** A share of all cases; often none, so that other faults are seen alone. */
export const share = (most: number): fc.Arbitrary<number> =>
  fc.oneof(fc.constant(0), fc.double({ min: 0, max: most, noNaN: true }));

export const anyFaults: fc.Arbitrary<Faults> = fc.record({
  locked: share(0.3),
  full: share(0.1),
  broken: share(0.05),
  conflict: share(0.3),
  throwAfter: share(0.3),
  repeat: share(0.3),
  late: share(0.1),
  crash: share(0.05),
  slow: share(0.02),
  longestMs: fc.constantFrom(1, 5, 30),
});
