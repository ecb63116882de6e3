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

export const createLineReader = (lineCharacters: number): LineReader => {
  let number = 0;
  let open = "";
  let cut = false;

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

  return {
    push: (text) => {
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
    },
    end: () => open === "" && !cut ? [] : [finish(false)],
    held: () => open.length,
  };
};
