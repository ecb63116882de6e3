/** Units of lines, as forms ask for them. */
import type { FormFields } from "../../dashboard/visit.ts";

/** The units that somebody typed, line by line; lines left at zero are left out. */
export const typedLines = (fields: FormFields) =>
  [...fields].flatMap(([name, text]) => {
    const quantity = Number(text);
    return name.startsWith("line:") && quantity !== 0
      ? [{ lineId: name.slice("line:".length), quantity }]
      : [];
  });
