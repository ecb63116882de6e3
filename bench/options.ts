/** The command lines of `bench` and `load`. */
import { type Asked, type ScenarioName, scenarioNames } from "./suite/plan.ts";

/** What was asked for cannot be understood. */
export class WrongUsage extends Error {
  override readonly name = "WrongUsage";
}

interface Flags {
  readonly values: ReadonlyMap<string, string>;
  readonly switches: ReadonlySet<string>;
}

/** `--name value`, `--name=value` and `--switch`. */
const flagsOf = (
  args: readonly string[],
  known: { readonly values: readonly string[]; readonly switches: readonly string[] },
): Flags => {
  const values = new Map<string, string>();
  const switches = new Set<string>();
  for (let i = 0; i < args.length; i++) {
    const [, name, inline] = /^--([a-z-]+)(?:=(.*))?$/s.exec(args[i] ?? "") ?? [];
    if (name === undefined) throw new WrongUsage(`What is "${args[i]}"?`);
    if (known.switches.includes(name) && inline === undefined) {
      switches.add(name);
      continue;
    }
    if (!known.values.includes(name)) throw new WrongUsage(`There is no --${name}.`);
    const value = inline ?? args[++i];
    if (value === undefined) throw new WrongUsage(`--${name} what?`);
    values.set(name, value);
  }
  return { values, switches };
};

const positive = (flags: Flags, name: string): number | undefined => {
  const text = flags.values.get(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) {
    throw new WrongUsage(`--${name} must be a number above 0.`);
  }
  return value;
};

const wholePositive = (flags: Flags, name: string): number | undefined => {
  const value = positive(flags, name);
  if (value !== undefined && !Number.isInteger(value)) {
    throw new WrongUsage(`--${name} must be a whole number.`);
  }
  return value;
};

const isScenario = (name: string): name is ScenarioName =>
  (scenarioNames as readonly string[]).includes(name);

export const benchUsage = `deno task bench [options]

  --scenario <names>   only these, comma separated: ${scenarioNames.join(", ")}
                       (dashboard runs only when it is named)
  --seconds <n>        length of one measurement; default 1
  --quick              the suite in under a minute, with fewer settings and one round
  --peers              also PostgreSQL and Redis, as far as they are installed
  --help`;

export const benchOptions = (args: readonly string[]): Asked | "help" => {
  const flags = flagsOf(args, {
    values: ["scenario", "seconds"],
    switches: ["quick", "peers", "help"],
  });
  if (flags.switches.has("help")) return "help";
  const names = (flags.values.get("scenario") ?? "").split(",").map((name) => name.trim())
    .filter((name) => name !== "");
  const scenarios = names.map((name) => {
    if (isScenario(name)) return name;
    throw new WrongUsage(`There is no scenario "${name}": ${scenarioNames.join(", ")}.`);
  });
  return {
    quick: flags.switches.has("quick"),
    peers: flags.switches.has("peers"),
    scenarios,
    seconds: positive(flags, "seconds"),
  };
};

export const loadScenarios = ["hot", "spread", "flash", "life", "large"] as const;
export type LoadScenario = (typeof loadScenarios)[number];

export interface LoadOptions {
  readonly url: URL;
  readonly key: string;
  readonly scenario: LoadScenario;
  /** Requests per second; undefined: closed loop. */
  readonly rate: number | undefined;
  readonly connections: number;
  readonly seconds: number;
  readonly json: boolean;
}

const defaultSeconds = 10;
const defaultConnections = 64;
/** With a fixed rate, connections are only what requests wait for. */
const defaultOpenConnections = 256;

export const loadUsage =
  `deno task load --url <address> --key <admin key> [options]      load for any running engine

  --scenario <name>    ${loadScenarios.join(", ")}; default hot
  --rate <n>           open loop: so many requests per second are due, whatever the answers do;
                       latency counts from when a request was due
  --connections <n>    closed loop: so many clients ask as fast as they are answered; default
                       ${defaultConnections}. With --rate: at most so many at once; default ${defaultOpenConnections}
  --seconds <n>        default ${defaultSeconds}
  --json               the result as one JSON object
  --help

The key may also stand in ALLOT_ADMIN_KEY. Ends by asking the engine to verify itself; exit code 1 when
anything was oversold or not sound, or a request failed.`;

const isLoadScenario = (name: string): name is LoadScenario =>
  (loadScenarios as readonly string[]).includes(name);

const urlOf = (text: string | undefined): URL => {
  if (text === undefined) throw new WrongUsage("--url is needed.");
  if (!URL.canParse(text) || !/^https?:/.test(text)) {
    throw new WrongUsage("--url must be an http or https address.");
  }
  return new URL(text);
};

export const loadOptions = (
  args: readonly string[],
  environmentKey: string | undefined,
): LoadOptions | "help" => {
  const flags = flagsOf(args, {
    values: ["url", "key", "scenario", "rate", "connections", "seconds"],
    switches: ["json", "help"],
  });
  if (flags.switches.has("help")) return "help";
  const url = urlOf(flags.values.get("url"));
  const key = flags.values.get("key") ?? environmentKey;
  if (key === undefined) throw new WrongUsage("--key is needed: an admin key of the engine.");
  const scenario = flags.values.get("scenario") ?? "hot";
  if (!isLoadScenario(scenario)) {
    throw new WrongUsage(`There is no scenario "${scenario}": ${loadScenarios.join(", ")}.`);
  }
  const rate = positive(flags, "rate");
  return {
    url,
    key,
    scenario,
    rate,
    connections: wholePositive(flags, "connections") ??
      (rate === undefined ? defaultConnections : defaultOpenConnections),
    seconds: positive(flags, "seconds") ?? defaultSeconds,
    json: flags.switches.has("json"),
  };
};
