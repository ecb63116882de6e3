/**
 * Loaded before tests: the seed of all properties where one is set, so that what is judged is the same each
 * time. Without one each run tries other examples; a property that fails says how to see that again.
 */
import fc from "fast-check";

const seed = Deno.env.get("TEST_SEED");
if (seed !== undefined) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });
