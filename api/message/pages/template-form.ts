/** A template as a form of it has it. */
import { field, type FormFields } from "../../dashboard/visit.ts";

/** Browsers send line breaks as two characters. */
const lines = (fields: FormFields, name: string): string =>
  (fields.get(name) ?? "").replaceAll("\r\n", "\n");

export const templateIn = (fields: FormFields) => {
  const text = lines(fields, "text");
  return {
    subject: field(fields, "subject"),
    html: lines(fields, "html"),
    ...(text.trim() === "" ? {} : { text }),
  };
};
