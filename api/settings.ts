/**
 * The settings that an operator may choose, from the environment. Each is documented here and nowhere else.
 */
import { type LogLevel, Result, Schema, SchemaParser } from "effect";
import {
  isMailAddress,
  mailboxIn,
  mailServerIn,
  type MailSettings,
  readMailSettings,
} from "../actors/message/mail-settings.ts";
import { requestLimits } from "../src/kernel/limits.ts";
import { type AllowList, readAllowList } from "../src/outbound/allow-list.ts";
import { readSecretsKeys } from "../src/secrets/secrets-keys.ts";
import { detailsOfIssue } from "../src/kernel/issues.ts";
import { scalarsOf, withScalars } from "./http/shape.ts";
import type { TelemetrySettings } from "./telemetry.ts";

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

/** What browsers send as `Origin` (RFC 6454 section 6.1), or a star for any. */
const originPattern =
  /^(?:\*|https?:\/\/[a-z\d.-]+(?::\d{1,5})?|https?:\/\/\[[\da-f:.]+\](?::\d{1,5})?)$/;

const listed = (value: string): readonly string[] =>
  value.split(",").map((each) => each.trim()).filter((each) => each !== "");

/** Percent-encoded, as OpenTelemetry's specification says; null where it cannot be read. */
const headersIn = (value: string): Readonly<Record<string, string>> | null => {
  const headers: Record<string, string> = {};
  for (const each of listed(value)) {
    const [, name = "", content] = /^([\w-]+)\s*=\s*([!-~ ]*)$/.exec(each) ?? [];
    if (content === undefined) return null;
    try {
      headers[name.toLowerCase()] = decodeURIComponent(content.trim());
    } catch {
      // URIError, the only one there is.
      return null;
    }
  }
  return headers;
};

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
  LOG_FORMAT: Schema.optionalKey(
    Schema.Literals(["json", "logfmt"]).annotate({
      description: "Lines of the log, on the standard error: json or logfmt. Default json",
    }),
  ),
  ALLOT_ACCESS_LOG: Schema.optionalKey(
    Schema.Literals(["off", "stdout", "stderr"]).annotate({
      description:
        "Where a line of JSON for each request goes: stdout, stderr, or off. Default off",
    }),
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: Schema.optionalKey(
    Schema.String.check(
      Schema.makeFilter((url: string) =>
        /^https?:$/.test(URL.parse(url)?.protocol ?? "") || "must be an http(s) address"
      ),
    ).annotate({
      description:
        "An OpenTelemetry collector, such as `http://localhost:4318`, for traces and metrics over " +
        "OTLP/HTTP. Default: none",
    }),
  ),
  OTEL_EXPORTER_OTLP_HEADERS: Schema.optionalKey(
    Schema.String.check(
      Schema.makeFilter((value: string) =>
        headersIn(value) !== null || "must be name=value, with commas between them"
      ),
    ).annotate({
      description: "Headers for the collector, as `name=value` with commas between them",
    }),
  ),
  OTEL_SERVICE_NAME: Schema.optionalKey(
    Schema.String.annotate({ description: "The name in traces and metrics. Default allot" }),
  ),
  OTEL_TRACES_SAMPLER_ARG: Schema.optionalKey(
    Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 })).annotate({
      description:
        "The share of requests that are traced, 0 to 1; who sends a traceparent decides itself. Default 1",
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
  ALLOT_CORS_ORIGINS: Schema.optionalKey(
    Schema.String.check(
      Schema.makeFilter((value: string) =>
        listed(value).every((each) => originPattern.test(each)) ||
        "must be origins such as https://shop.example, with commas between them, or *"
      ),
    ).annotate({
      description:
        "Origins whose pages may ask the API from a browser, with commas between them, or `*`. " +
        "Default: none",
    }),
  ),
  ALLOT_SECRETS_KEY: Schema.optionalKey(
    Schema.String.check(
      Schema.makeFilter((value: string) =>
        Result.match(readSecretsKeys(value), { onSuccess: () => true, onFailure: (fault) => fault })
      ),
    ).annotate({
      description:
        "What secrets of others are sealed with in the store: base64 of 32 random bytes; " +
        "older keys may follow, with commas between them. Default: a file beside the store, made " +
        "at the first secret",
    }),
  ),
  ALLOT_OUTBOUND_ALLOW: Schema.optionalKey(
    Schema.String.check(
      Schema.makeFilter((value: string) =>
        Result.match(readAllowList(value), { onSuccess: () => true, onFailure: (fault) => fault })
      ),
    ).annotate({
      description:
        "Hosts and networks that webhooks, stock feeds and payment providers may reach beside " +
        "the public internet, with commas between them: `erp.internal,10.0.4.0/24`. Default: none",
    }),
  ),
  ALLOT_SMTP_URL: Schema.optionalKey(
    Schema.String.check(
      Schema.makeFilter((value: string) =>
        mailServerIn(value) !== null || "must be smtp:// or smtps:// with a host"
      ),
    ).annotate({
      description:
        "The mail server that messages to customers are sent by, `smtp://user:password@mail.example:587`; " +
        "`smtps://` begins with TLS, and `smtp://` needs STARTTLS unless it is this machine. " +
        "Default: none, and no customer is told anything",
    }),
  ),
  ALLOT_MAIL_FROM: Schema.optionalKey(
    Schema.String.check(
      Schema.makeFilter((value: string) =>
        mailboxIn(value) !== null || "must be an address, such as Shop <orders@shop.example>"
      ),
    ).annotate({
      description: "The sender of messages, `Shop <orders@shop.example>`, which " +
        "`ALLOT_SMTP_URL` needs; a channel may have its own",
    }),
  ),
  ALLOT_MAIL_REDIRECT: Schema.optionalKey(
    Schema.String.check(
      Schema.makeFilter((value: string) => isMailAddress(value) || "must be an address"),
    ).annotate({
      description: "An address that gets all messages in place of the customers, for staging. " +
        "Default: none",
    }),
  ),
  ALLOT_LANES: Schema.optionalKey(
    Schema.Literals(["on", "off"]).annotate({
      description:
        "off: this process sends nothing to others, and calls no payment providers; another one on the same store does. Default on",
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
  readonly logFormat?: "json" | "logfmt";
  /** Where the access log goes. None by default. */
  readonly accessLog?: "stdout" | "stderr";
  readonly telemetry?: TelemetrySettings | undefined;
  /** Origins whose pages may ask the API from a browser; `*` is any. None by default. */
  readonly corsOrigins?: readonly string[];
  /** `ALLOT_SECRETS_KEY` as it is given. */
  readonly secretsKey?: string | undefined;
  /** Targets of webhooks beside the public internet. None by default. */
  readonly outboundAllow?: AllowList;
  /** What messages to customers are sent by. Undefined: none are. */
  readonly mail?: MailSettings | undefined;
  /** Whether this process sends what leaves. It does by default. */
  readonly lanes?: boolean;
}

const decode = SchemaParser.decodeUnknownResult(Environment, { errors: "all" });
const scalars = scalarsOf(Environment);

const isLogLevel = (name: string): name is keyof typeof logLevels => Object.hasOwn(logLevels, name);

const telemetryIn = (
  values: typeof Environment.Type,
): TelemetrySettings | undefined =>
  values.OTEL_EXPORTER_OTLP_ENDPOINT === undefined ? undefined : {
    endpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT,
    headers: headersIn(values.OTEL_EXPORTER_OTLP_HEADERS ?? "") ?? {},
    serviceName: values.OTEL_SERVICE_NAME ?? "allot",
    traceShare: values.OTEL_TRACES_SAMPLER_ARG ?? 1,
  };

/** Undefined where no mail server is set; else it needs a sender. */
const mailIn = (
  { ALLOT_SMTP_URL: url, ALLOT_MAIL_FROM: from = "", ALLOT_MAIL_REDIRECT: redirect }:
    typeof Environment.Type,
): Result.Result<MailSettings | undefined, string> =>
  url === undefined ? Result.succeed(undefined) : readMailSettings({ url, from, redirect });

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
  const mail = mailIn(values);
  if (Result.isFailure(mail)) return Result.fail(mail.failure);
  const onDeploy = environment["DENO_DEPLOYMENT_ID"] !== undefined;
  const kvPath = values.ALLOT_KV ?? (onDeploy ? undefined : "allot.sqlite3");
  const severalProcesses = kvPath === undefined || /^https?:\/\//.test(kvPath);
  const level = values.LOG_LEVEL ?? "info";
  const accessLog = values.ALLOT_ACCESS_LOG ?? "off";
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
    logFormat: values.LOG_FORMAT ?? "json",
    ...(accessLog === "off" ? {} : { accessLog }),
    telemetry: telemetryIn(values),
    corsOrigins: listed(values.ALLOT_CORS_ORIGINS ?? ""),
    secretsKey: values.ALLOT_SECRETS_KEY,
    outboundAllow: Result.getOrThrow(readAllowList(values.ALLOT_OUTBOUND_ALLOW ?? "")),
    mail: mail.success,
    lanes: values.ALLOT_LANES !== "off",
  });
};
