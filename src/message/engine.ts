/**
 * The two ways to render a template by LiquidJS: HTML, where all that is put in is escaped, and plain text. No
 * template comes from a disk or a network, none may leave anything unescaped, and none may take long.
 */
import {
  AssertionError,
  CaptureTag,
  type Context,
  Liquid,
  LiquidError,
  Parser,
  type TagToken,
  type Template,
  type TopLevelToken,
} from "liquidjs";
import { Result } from "effect";
import { formatCountry, formatDate, formatMoney, type Locale } from "./filters.ts";
import { messageLimits } from "./limits.ts";
import { partials } from "./shipped.ts";

/** What is wrong with a part of a template. */
export interface TemplateFault {
  /** From 1; in the partial, where that is named. */
  readonly line: number;
  readonly column: number;
  readonly detail: string;
}

export type ParsedPart = readonly Template[];

interface FilterThis {
  readonly context: Context;
}

const localeOf = ({ context }: FilterThis): Locale => context.globals as unknown as Locale;

/** They do not depend on the surroundings: the clock, chance, or work without need. */
const leftOut = {
  tags: ["raw"],
  filters: [
    "raw",
    "sample",
    "date_to_xmlschema",
    "date_to_rfc822",
    "date_to_string",
    "date_to_long_string",
    "inspect",
    "sha256",
    "hmac_sha256",
    "base64_encode",
    "base64_decode",
  ],
} as const;

/** Escaped, or plain. */
export type PartForm = "html" | "text";

const engine = (form: PartForm): Liquid => {
  const liquid = new Liquid({
    // In memory: without it, a partial would be looked for on the disk.
    templates: partials(form),
    relativeReference: false,
    ownPropertyOnly: true,
    strictFilters: true,
    // A condition may ask for what is only there sometimes.
    lenientIf: true,
    parseLimit: messageLimits.parseLength,
    renderLimit: messageLimits.renderMs,
    memoryLimit: messageLimits.renderMemory,
    ...(form === "html" ? { outputEscape: "escape" } : {}),
  });
  for (const tag of leftOut.tags) delete liquid.tags[tag];
  for (const filter of leftOut.filters) delete liquid.filters[filter];
  liquid.registerFilter("money", function (this: FilterThis, value: unknown) {
    return formatMoney(value, localeOf(this));
  });
  liquid.registerFilter("date", function (this: FilterThis, value: unknown, style: unknown) {
    return formatDate(value, style, localeOf(this));
  });
  liquid.registerFilter("country", function (this: FilterThis, value: unknown) {
    return formatCountry(value, localeOf(this));
  });
  return liquid;
};

const text = engine("text");

/** What is captured is plain text, and is escaped where it is put in: else it would be escaped twice. */
class PlainCapture extends CaptureTag {
  constructor(token: TagToken, rest: TopLevelToken[], liquid: Liquid) {
    super(token, rest, liquid, new Parser(text));
  }
}

const html = engine("html");
html.registerTag("capture", PlainCapture);
// Everything is escaped at the end: who asks for it as well would see "&amp;amp;".
html.registerFilter("escape", (value: unknown) => value);

const engines = { html, text };

const allPartials = [
  ...Object.entries(partials("html")),
  ...Object.entries(partials("text")),
];

/** The place, which LiquidJS writes behind its words. */
const placeInWords = /, (?:file:[^,]*, )?line:\d+, col:\d+$/;

/** Null for what is no fault of the template. */
const faultOf = (cause: unknown): TemplateFault | null => {
  // Of a limit that was met before there was anything to point at.
  if (cause instanceof AssertionError) return { line: 1, column: 1, detail: cause.message };
  if (!LiquidError.is(cause)) return null;
  const [line = 1, column = 1] = cause.token.getPosition();
  const words = cause.message.replace(placeInWords, "");
  const missing = /^ENOENT: Failed to lookup "([^"]*)"/.exec(words)?.[1];
  const detail = missing === undefined ? words : `there is no partial "${missing}"`;
  const [partial] = allPartials.find(([, source]) => source === cause.token.input) ?? [];
  return {
    ...{ line, column },
    detail: partial === undefined ? detail : `${detail}, in the partial "${partial}"`,
  };
};

const orFault = <A>(work: () => A): Result.Result<A, TemplateFault> => {
  try {
    return Result.succeed(work());
  } catch (cause) {
    const fault = faultOf(cause);
    if (fault === null) throw cause;
    return Result.fail(fault);
  }
};

export const parsePart = (
  form: PartForm,
  source: string,
): Result.Result<ParsedPart, TemplateFault> => orFault(() => engines[form].parse(source));

/**
 * `strict`: a member that the model does not have is a fault. That is for trying a template with a model that
 * has everything; when a message is sent, it says nothing there.
 */
export const renderPart = (
  form: PartForm,
  part: ParsedPart,
  model: Locale & object,
  strict: boolean,
): Result.Result<string, TemplateFault> =>
  Result.flatMap(
    orFault((): string =>
      engines[form].renderSync([...part], {}, {
        globals: model,
        strictVariables: strict,
      })
    ),
    (text) =>
      text.length <= messageLimits.renderedLength
        ? Result.succeed(text)
        : Result.fail({ line: 1, column: 1, detail: "it makes a text that is too long" }),
  );
