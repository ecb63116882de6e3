/** A message's parts made of a template and what it is about. */
import { Result } from "effect";
// @ts-types="@types/html-to-text"
import { type FormatCallback, htmlToText } from "html-to-text";
import {
  type ParsedPart,
  parsePart,
  type PartForm,
  renderPart,
  type TemplateFault,
} from "./engine.ts";
import type { Locale } from "./filters.ts";
import { messageLimits } from "./limits.ts";
import type { MessageModel } from "./model.ts";

/** The sources of a message's parts, in Liquid. */
export interface TemplateParts {
  readonly subject: string;
  readonly html: string;
  /** Made of the HTML when absent. */
  readonly text?: string | undefined;
}

export interface RenderedMessage {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

/** A fault, and in which part of the template. */
export interface PartFault extends TemplateFault {
  readonly part: keyof TemplateParts;
}

export interface ParsedTemplate {
  readonly subject: ParsedPart;
  readonly html: ParsedPart;
  readonly text: ParsedPart | null;
}

const inPart = (part: keyof TemplateParts) => (fault: TemplateFault): PartFault => ({
  ...fault,
  part,
});

/** All faults, one for each part. */
export const parseTemplate = (
  { subject, html, text }: TemplateParts,
): Result.Result<ParsedTemplate, readonly PartFault[]> => {
  const faults: PartFault[] = [];
  const parsed = (part: keyof TemplateParts, form: PartForm, source: string): ParsedPart => {
    const result = Result.mapError(parsePart(form, source), inPart(part));
    if (Result.isSuccess(result)) return result.success;
    faults.push(result.failure);
    return [];
  };
  const template = {
    subject: parsed("subject", "text", subject),
    html: parsed("html", "html", html),
    text: text === undefined ? null : parsed("text", "text", text),
  };
  return faults.length > 0 ? Result.fail(faults) : Result.succeed(template);
};

/** One line: whatever is put into a subject, it cannot begin another header. */
// deno-lint-ignore no-control-regex
const breaks = /[\s\u0000-\u001f\u007f\u0085\u2028\u2029]+/g;

const subjectLine = (rendered: string): string => {
  const line = rendered.replace(breaks, " ").trim();
  const characters = [...line];
  return characters.length <= messageLimits.renderedSubjectLength
    ? line
    : `${characters.slice(0, messageLimits.renderedSubjectLength - 1).join("")}…`;
};

/** Lines that a reader of plain text sees, with no more than one empty line in a row. */
const tidy = (text: string): string =>
  `${text.replace(/[^\S\n]+$/gm, "").replace(/\n{3,}/g, "\n\n").trim()}\n`;

/** Tables in messages are there for their look: a row is a line, and its cells stand in it one after another. */
const cell: FormatCallback = (element, walk, builder) => {
  walk(element.children, builder);
  builder.addInline(" ");
};

const textOf = (html: string): string =>
  htmlToText(html, {
    wordwrap: 78,
    limits: {
      maxInputLength: messageLimits.renderedLength,
      maxDepth: messageLimits.htmlDepth,
      maxChildNodes: messageLimits.htmlChildren,
    },
    formatters: { cell },
    selectors: [
      {
        selector: "tr",
        format: "block",
        options: { leadingLineBreaks: 1, trailingLineBreaks: 1 },
      },
      ...["td", "th"].map((selector) => ({ selector, format: "cell" })),
      { selector: "img", format: "skip" },
      { selector: "a", options: { hideLinkHrefIfSameAsText: true } },
      // What only a mailbox's list shows.
      { selector: "[data-preheader]", format: "skip" },
      ...["h1", "h2", "h3"].map((selector) => ({ selector, options: { uppercase: false } })),
    ],
  });

const rendering = (strict: boolean) =>
(
  template: ParsedTemplate,
  model: MessageModel,
  timeZone: string,
): Result.Result<RenderedMessage, PartFault> => {
  const globals: MessageModel & Locale = { ...model, timeZone };
  const rendered = (part: keyof TemplateParts, form: PartForm, parsed: ParsedPart) =>
    Result.mapError(renderPart(form, parsed, globals, strict), inPart(part));
  return Result.gen(function* () {
    const subject = subjectLine(yield* rendered("subject", "text", template.subject));
    if (subject === "") {
      const detail = "it makes an empty subject";
      return yield* Result.fail<PartFault>({ part: "subject", line: 1, column: 1, detail });
    }
    const html = yield* rendered("html", "html", template.html);
    const text = template.text === null
      ? textOf(html)
      : yield* rendered("text", "text", template.text);
    return { subject, html, text: tidy(text) };
  });
};

/** For sending: what the model does not have is left out. */
export const renderMessage = rendering(false);

/** For trying a template: what the model does not have is a fault. */
export const renderStrictly = rendering(true);
