/** Finds personal data where only ids belong. Pure. */
import type { PersonalTexts } from "../subject/aggregate.ts";

export interface PersonalData {
  /** Personal as a whole text. */
  readonly texts: ReadonlySet<string>;
  /** Personal inside a text, too. */
  readonly within: readonly string[];
}

export const personalDataOf = ({ whole, within }: PersonalTexts): PersonalData => ({
  texts: new Set(whole),
  within,
});

/** The path of the first text in `value` that is personal data; null when there is none. */
export const findPersonalData = (value: unknown, personal: PersonalData): string | null => {
  if (typeof value === "string") {
    return personal.texts.has(value) || personal.within.some((text) => value.includes(text))
      ? ""
      : null;
  }
  if (typeof value !== "object" || value === null) return null;
  const members = value as Readonly<Record<string, unknown>>;
  for (const name in members) {
    const found = findPersonalData(members[name], personal);
    if (found !== null) return `/${name}${found}`;
  }
  return null;
};
