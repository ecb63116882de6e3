/** Programs of other languages: whether the machine has them, and running them in a folder. */

export class ToolFailed extends Error {
  constructor(line: string, readonly output: string) {
    super(`${line}\n${output}`);
  }
}

export interface Running {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program to its end and gives what it printed; rejects with `ToolFailed` where it ends with another code than 0. */
export const run = async (
  [program = "", ...args]: readonly string[],
  { cwd, env = {} }: Running,
): Promise<string> => {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    cwd,
    env,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  const out = decoder.decode(stdout);
  if (code !== 0) {
    const line = [program, ...args].join(" ");
    throw new ToolFailed(line, (out + decoder.decode(stderr)).slice(-8_000));
  }
  return out;
};

/** Whether a program can be started here. */
export const isThere = async (program: string): Promise<boolean> => {
  try {
    const child = new Deno.Command("which", { args: [program], stdout: "null", stderr: "null" });
    return (await child.output()).code === 0;
  } catch {
    // Not even `which`.
    return false;
  }
};
