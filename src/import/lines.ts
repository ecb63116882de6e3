/**
 * Text in any pieces, cut into physical lines. At most one unfinished line is kept, and of a line longer
 * than the limit only its beginning, so what comes in bounds what is held.
 */

export interface PhysicalLine {
  /** From 1. */
  readonly number: number;
  readonly text: string;
  /** What ended it; nothing at the end of the file. */
  readonly ending: "\n" | "\r\n" | "";
  /** The line was longer than the limit and `text` is its beginning. */
  readonly cut: boolean;
}

export interface LineReader {
  readonly push: (text: string) => readonly PhysicalLine[];
  readonly end: () => readonly PhysicalLine[];
  /** UTF-16 code units held now. */
  readonly held: () => number;
}

export interface LineReaderOptions {
  readonly lineCharacters: number;
  /**
   * The first line may end with a carriage return alone, and then all lines may. Elsewhere one is a character
   * of its line, as JSON and cells have it.
   */
  readonly carriageReturns?: boolean;
}

export const createLineReader = (
  { lineCharacters, carriageReturns = false }: LineReaderOptions,
): LineReader => {
  let number = 0;
  let open = "";
  let cut = false;
  /** Whether a carriage return alone ends a line; null until the first line has told. */
  let returnEnds: boolean | null = carriageReturns ? null : false;

  const keep = (text: string): void => {
    const room = lineCharacters - open.length;
    // One more for the carriage return, which is part of the ending and not of the line.
    if (text.length > room + 1) cut = true;
    open += text.slice(0, room + 1);
  };

  const finish = (newline: boolean): PhysicalLine => {
    const carriageReturn = newline && !cut && open.endsWith("\r");
    const text = carriageReturn ? open.slice(0, -1) : open;
    const line: PhysicalLine = {
      number: ++number,
      text: text.slice(0, lineCharacters),
      ending: newline ? carriageReturn ? "\r\n" : "\n" : "",
      cut: cut || text.length > lineCharacters,
    };
    open = "";
    cut = false;
    return line;
  };

  const splitAtNewlines = (text: string): PhysicalLine[] => {
    const lines: PhysicalLine[] = [];
    let from = 0;
    for (;;) {
      const newline = text.indexOf("\n", from);
      if (newline === -1) break;
      keep(text.slice(from, newline));
      lines.push(finish(true));
      from = newline + 1;
    }
    keep(text.slice(from));
    return lines;
  };

  /** A carriage return at the end of the text so far: what follows it tells what it is. */
  let pendingReturn = false;

  /** Where carriage returns end lines, each of them, with or without a newline behind it, is a newline. */
  const withNewlines = (text: string): string => {
    const whole = pendingReturn ? `\r${text}` : text;
    pendingReturn = whole.endsWith("\r");
    return (pendingReturn ? whole.slice(0, -1) : whole).replace(/\r\n?/g, "\n");
  };

  /** Whether what was scanned for the first ending has ended within quotation marks. */
  let inQuotes = false;

  /** The first ending that stands in no quotation marks; null where there is none. */
  const firstEnding = (text: string): string | null => {
    for (const [found] of text.matchAll(/"|\r\n|\n|\r(?=[^])/g)) {
      if (found === '"') inQuotes = !inQuotes;
      else if (!inQuotes) return found;
    }
    return null;
  };

  const push = (text: string): PhysicalLine[] => {
    if (returnEnds === true) return splitAtNewlines(withNewlines(text));
    if (returnEnds === false) return splitAtNewlines(text);
    const whole = pendingReturn ? `\r${text}` : text;
    // A return that stands last waits for what comes.
    pendingReturn = whole.endsWith("\r");
    const known = pendingReturn ? whole.slice(0, -1) : whole;
    const ending = firstEnding(whole);
    if (ending === null) {
      // Of a heading in which quotation marks are open for ever, nobody can tell.
      if (open.length > lineCharacters) returnEnds = false;
      return splitAtNewlines(known);
    }
    returnEnds = ending === "\r";
    pendingReturn = false;
    return push(whole);
  };

  return {
    push,
    end: () => {
      const lines = pendingReturn && returnEnds !== false ? [finish(true)] : [];
      pendingReturn = false;
      return open === "" && !cut ? lines : [...lines, finish(false)];
    },
    held: () => open.length,
  };
};
