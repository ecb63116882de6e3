/** Languages of messages: BCP 47 tags, and what is taken where there is nothing in a language. */

import { messageLimits } from "./limits.ts";

/** What there always is something in. */
export const lastLanguage = "en";

const form = /^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/;

/** The tag as it is written: `de_at` is `de-AT`. Null for what is none. */
export const languageIn = (text: string): string | null => {
  const tag = text.trim().replaceAll("_", "-");
  if (tag.length > messageLimits.languageLength || !form.test(tag)) return null;
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? null;
  } catch {
    // RangeError, the only one there is.
    return null;
  }
};

/** `de-AT`, `de`, `en`: as RFC 4647 has it in section 3.4, with the last language at the end. */
export const fallbacksOf = (language: string): readonly string[] => {
  const subtags = language.split("-");
  const found: string[] = [];
  while (subtags.length > 0) {
    found.push(subtags.join("-"));
    subtags.pop();
    // A single letter begins an extension, and says nothing without it.
    if (subtags.at(-1)?.length === 1) subtags.pop();
  }
  return found.includes(lastLanguage) ? found : [...found, lastLanguage];
};
