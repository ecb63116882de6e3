/** Tracking numbers, as forms ask for them. */

/** The numbers that somebody typed into one field, with commas between them. */
export const typedNumbers = (text: string): readonly string[] =>
  text.split(/[,;\n]/).map((number) => number.trim()).filter((number) => number !== "");
