/**
 * Import this before anything that imports `effect`.
 *
 * Effect keeps Node's async context over each suspension of a fiber, through an `AsyncResource`. On Deno
 * these hold on to each other for as long as the fiber lives: about 460 bytes for each suspension, which a
 * fiber that runs as long as the process turns into all its memory. (Plain nested `AsyncResource`s do the
 * same without Effect.) Nothing here uses `AsyncLocalStorage`, so Effect is not offered the module that it
 * looks for when it is loaded. It also saves some microseconds of each request.
 */
import process from "node:process";

interface BuiltinModules {
  getBuiltinModule?: (name: string) => unknown;
}

const modules: BuiltinModules = process;
const original = modules.getBuiltinModule?.bind(process);
if (original !== undefined) {
  modules.getBuiltinModule = (name) => name === "node:async_hooks" ? undefined : original(name);
}
