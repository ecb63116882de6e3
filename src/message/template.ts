/** Templates as people save them, and which of them is taken for a message. */
import { Schema } from "effect";
import { anyText, sentText } from "../kernel/vocabulary.ts";
import { reference, type Saved, savedFields } from "../subject/reference.ts";
import { fallbacksOf } from "./language.ts";
import { messageLimits } from "./limits.ts";
import type { TemplateParts } from "./render.ts";
import { shippedTemplate } from "./shipped.ts";

export interface TemplateName {
  readonly kind: string;
  readonly language: string;
}

export interface MessageTemplate extends TemplateName, Saved, TemplateParts {}

/** `shipped:de-AT`: no kind and no language has a colon. */
export const templateIdOf = ({ kind, language }: TemplateName): string => `${kind}:${language}`;

export const templateParts = {
  subject: sentText(messageLimits.subjectLength),
  html: sentText(messageLimits.htmlLength),
  text: Schema.optionalKey(anyText(messageLimits.textLength)),
};

const bytes = new TextEncoder();

/** Whether a store has no room for it in one value. */
export const isTooLarge = ({ subject, html, text = "" }: TemplateParts): boolean =>
  bytes.encode(subject + html + text).length > messageLimits.templateBytes;

export const messageTemplates = reference<MessageTemplate>({
  name: "message_template",
  idOf: templateIdOf,
  schema: Schema.Struct({
    kind: Schema.String,
    language: Schema.String,
    subject: Schema.String,
    html: Schema.String,
    text: Schema.optionalKey(Schema.String),
    ...savedFields,
  }),
  limit: messageLimits.templates,
  memory: { type: "all" },
});

/** Where a template comes from: somebody saved it, or it came with Allot. */
export type TemplateSource = "saved" | "shipped";

export interface ChosenTemplate extends TemplateName {
  readonly source: TemplateSource;
  readonly parts: TemplateParts;
  /** Of a saved one. */
  readonly version: number | null;
}

/** The template of exactly this language; null where there is none. `saved` finds those that people saved. */
export const templateIn = (
  name: TemplateName,
  saved: (id: string) => MessageTemplate | null,
): ChosenTemplate | null => {
  const { kind, language } = name;
  const own = saved(templateIdOf(name));
  if (own !== null) {
    return { kind, language, source: "saved", parts: own, version: own.version };
  }
  const parts = shippedTemplate(name);
  return parts === null ? null : { kind, language, source: "shipped", parts, version: null };
};

/** The template of the first language that has one; null where no language has any. */
export const chooseTemplate = (
  { kind, language }: TemplateName,
  saved: (id: string) => MessageTemplate | null,
): ChosenTemplate | null => {
  for (const each of fallbacksOf(language)) {
    const found = templateIn({ kind, language: each }, saved);
    if (found !== null) return found;
  }
  return null;
};
