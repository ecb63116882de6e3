/** Units of lines, as forms ask for them. */
import type { FormFields } from "../../dashboard/visit.ts";

/** The units that somebody typed, line by line; those left at zero are not asked for. */
export const typedLines = (fields: FormFields) =>
  [...fields].flatMap(([name, text]) => {
    const quantity = Number(text);
    return name.startsWith("line:") && quantity !== 0
      ? [{ lineId: name.slice("line:".length), quantity }]
      : [];
  });
