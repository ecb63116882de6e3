/** The screen: lines that stay, and below them what is going on now. */

export interface Screen {
  readonly line: (text: string) => void;
  readonly progress: (text: string) => void;
}

const encoder = new TextEncoder();

export const screenOf = (nowMs: () => number): Screen => {
  const startMs = nowMs();
  const isTerminal = Deno.stdout.isTerminal();
  const write = (text: string) => void Deno.stdout.writeSync(encoder.encode(text));
  const clear = isTerminal ? "\r\x1b[2K" : "";
  const elapsed = () => {
    const seconds = Math.floor((nowMs() - startMs) / 1_000);
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  };
  let shown = "";
  return {
    line: (text) => write(`${clear}${text}\n${shown}`),
    progress: (text) => {
      // Where lines cannot be written over, progress would drown the table.
      if (!isTerminal) return;
      shown = `  ${elapsed()}  ${text} ...`;
      write(clear + shown);
    },
  };
};
