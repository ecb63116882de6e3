/**
 * The settings that an operator may choose, from the environment. Each is documented here and nowhere else.
 */
import { type LogLevel, Result, Schema, SchemaParser } from "effect";
import { requestLimits } from "../src/kernel/limits.ts";
import { detailsOfIssue } from "../src/kernel/issues.ts";
import { scalarsOf, withScalars } from "./http/shape.ts";

const logLevels = {
  trace: "Trace",
  debug: "Debug",
  info: "Info",
  warn: "Warn",
  error: "Error",
  fatal: "Fatal",
  none: "None",
} as const satisfies Readonly<Record<string, LogLevel.LogLevel>>;

const whole = (minimum: number, maximum: number) =>
  Schema.Int.check(Schema.isBetween({ minimum, maximum }));

/** Name, type and meaning of every variable. */
export const Environment = Schema.Struct({
  PORT: Schema.optionalKey(
    whole(0, 65_535).annotate({ description: "Where to listen. 0: any free port. Default 8000" }),
  ),
  HOST: Schema.optionalKey(
    Schema.String.annotate({ description: "The address to listen at. Default 0.0.0.0: all" }),
  ),
  ALLOT_KV: Schema.optionalKey(
    Schema.String.annotate({
      description: "A file path, `:memory:`, or the http(s) address of a KV server. Default: " +
        "`allot.sqlite3` in the working folder; on Deno Deploy the attached database",
    }),
  ),
  ALLOT_ADMIN_KEY: Schema.optionalKey(
    Schema.String.check(
      Schema.makeFilter((key: string) =>
        /^[!-~]{20,200}$/.test(key) || "must be 20 to 200 visible ASCII characters"
      ),
    ).annotate({
      description:
        "The admin key, of at least 20 characters, in place of the one given before, which " +
        "lets nobody in any more. Default: one is made and shown at first start",
    }),
  ),
  ALLOT_SESSION_SECRET: Schema.optionalKey(
    Schema.String.check(
      Schema.makeFilter((secret: string) =>
        /^[!-~]{32,200}$/.test(secret) || "must be 32 to 200 visible ASCII characters"
      ),
    ).annotate({
      description:
        "What sessions of the dashboard are signed with; the same for all processes on " +
        "one store. Default: a file beside the store, which is made at first start",
    }),
  ),
  LOG_LEVEL: Schema.optionalKey(
    Schema.Literals([...Object.keys(logLevels)]).annotate({
      description: "trace, debug, info, warn, error, fatal or none. Default info",
    }),
  ),
  ALLOT_SHELVES: Schema.optionalKey(
    whole(1, 1_024).annotate({
      description: "Partitions of a store that is made now. Default 1: right for one process; " +
        "16 on Deno Deploy and on a KV server",
    }),
  ),
  ALLOT_AUTO_CLOSE_HOURS: Schema.optionalKey(
    whole(0, 24 * 3_650).annotate({
      description: "Hours from an order's delivery until it is closed by itself. Default 336",
    }),
  ),
  ALLOT_COMMANDS_IN_FLIGHT: Schema.optionalKey(
    whole(1, 1_000_000).annotate({
      description:
        `Commands being worked on at once; more are answered with 503. Default ${requestLimits.inFlightCommands}`,
    }),
  ),
});

export interface Settings {
  readonly port: number;
  readonly host: string;
  /** Undefined: the database that is attached to the app on Deno Deploy. */
  readonly kvPath: string | undefined;
  readonly adminKey: string | undefined;
  /** The secret that signs sessions of the dashboard. Undefined: they hold in one process only. */
  readonly sessionSecret?: string | undefined;
  readonly logLevel: LogLevel.LogLevel;
  readonly shelves: number;
  readonly autoCloseAfterMs: number;
  readonly inFlightCommands: number;
}

const decode = SchemaParser.decodeUnknownResult(Environment, { errors: "all" });
const scalars = scalarsOf(Environment);

const isLogLevel = (name: string): name is keyof typeof logLevels => Object.hasOwn(logLevels, name);

/** The settings, or one line for each that is not as it must be. Values stay out of it: some are secret. */
export const readSettings = (
  environment: Readonly<Record<string, string>>,
): Result.Result<Settings, string> => {
  const set = Object.fromEntries(
    Object.keys(Environment.fields).flatMap((name) => {
      const value = environment[name]?.trim();
      return value === undefined || value === ""
        ? []
        : [[name, name === "LOG_LEVEL" ? value.toLowerCase() : value]];
    }),
  );
  const decoded = decode(withScalars(scalars, set));
  if (Result.isFailure(decoded)) {
    return Result.fail(
      detailsOfIssue(decoded.failure)
        .map(({ pointer = "", detail }) => `${pointer.slice(1)} ${detail}`).join("\n"),
    );
  }
  const values = decoded.success;
  const onDeploy = environment["DENO_DEPLOYMENT_ID"] !== undefined;
  const kvPath = values.ALLOT_KV ?? (onDeploy ? undefined : "allot.sqlite3");
  const severalProcesses = kvPath === undefined || /^https?:\/\//.test(kvPath);
  const level = values.LOG_LEVEL ?? "info";
  return Result.succeed({
    port: values.PORT ?? 8_000,
    host: values.HOST ?? "0.0.0.0",
    kvPath,
    adminKey: values.ALLOT_ADMIN_KEY,
    sessionSecret: values.ALLOT_SESSION_SECRET,
    logLevel: isLogLevel(level) ? logLevels[level] : "Info",
    shelves: values.ALLOT_SHELVES ?? (severalProcesses ? 16 : 1),
    autoCloseAfterMs: (values.ALLOT_AUTO_CLOSE_HOURS ?? 336) * 3_600_000,
    inFlightCommands: values.ALLOT_COMMANDS_IN_FLIGHT ?? requestLimits.inFlightCommands,
  });
};
