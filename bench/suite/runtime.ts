/** How the suite starts programs: the engine, and what it is compared with, all in the same way. */
import settings from "../../deno.json" with { type: "json" };

const configuration = new URL("../../deno.json", import.meta.url).pathname;

/**
 * What `deno task start` asks of the JavaScript engine: not to allocate in its old generation what it takes
 * for long-lived. It judges that while its young generation is still small, when every order under way
 * outlives a collection, and never again; a fifth of all that orders allocate then waited for a full one.
 * And to have a young generation of 32 MB from the start: half as many collections, of which each finds less alive.
 */
const runtimeFlags = settings.tasks.start.split(" ").filter((flag) =>
  flag.startsWith("--v8-flags=")
);

/** Arguments of Deno that run a program of the project. */
export const runArguments = (program: string): string[] => [
  "run",
  ...runtimeFlags,
  "--allow-all",
  "--no-check",
  "--config",
  configuration,
  program,
];
