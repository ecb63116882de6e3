/** The clients: how each is made from the document, with which tools, and how its program is started. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./tools.ts";

/** Packages with their versions, from the registries of their languages. */
const versions = {
  oapiCodegen: "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2",
  oapiCodegenRuntime: "github.com/oapi-codegen/runtime@v1.9.0",
  ogen: "github.com/ogen-go/ogen@v1.24.0",
  pythonClient: "openapi-python-client==0.29.1",
} as const;

interface Making {
  /** A folder of its own, empty at first. */
  readonly folder: string;
  /** The path of the document. */
  readonly document: string;
}

interface Starting {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface Client {
  readonly name: string;
  /** Programs that the machine must have. */
  readonly needs: readonly string[];
  /** Makes and compiles it. */
  readonly make: (making: Making) => Promise<void>;
  /** Runs its program to the end, and gives what it printed. */
  readonly start: (starting: Starting) => Promise<string>;
}

const programs = fileURLToPath(new URL("programs", import.meta.url));

const copyProgram = async (name: string, folder: string): Promise<void> => {
  for await (const { name: file } of Deno.readDir(join(programs, name))) {
    await Deno.copyFile(join(programs, name, file), join(folder, file));
  }
};

const typescript: Client = {
  name: "typescript",
  needs: ["node", "npm"],
  make: async ({ folder, document }) => {
    await copyProgram("typescript", folder);
    await run(["npm", "install", "--no-audit", "--no-fund"], { cwd: folder });
    await run(["npx", "openapi-typescript", document, "-o", "api.ts"], { cwd: folder });
    await run(["npx", "tsc"], { cwd: folder });
  },
  start: ({ folder, env }) => run(["node", "ship.js"], { cwd: folder, env }),
};

const goCommand = async (cwd: string, ...args: readonly string[]): Promise<string> =>
  await run(["go", ...args], { cwd, env: { GOFLAGS: "-mod=mod" } });

const oapiCodegen: Client = {
  name: "go-oapi-codegen",
  needs: ["go"],
  make: async ({ folder, document }) => {
    await copyProgram("go-oapi-codegen", folder);
    await Deno.mkdir(join(folder, "api"));
    const options = ["-package", "api", "-generate", "types,client", "-o", "api/api.gen.go"];
    await goCommand(folder, "run", versions.oapiCodegen, ...options, document);
    await goCommand(folder, "get", versions.oapiCodegenRuntime);
    await goCommand(folder, "mod", "tidy");
    await goCommand(folder, "vet", ".");
    await goCommand(folder, "build", "-o", "ship", ".");
  },
  start: ({ folder, env }) => run([join(folder, "ship")], { cwd: folder, env }),
};

const ogen: Client = {
  name: "go-ogen",
  needs: ["go"],
  make: async ({ folder, document }) => {
    await copyProgram("go-ogen", folder);
    const [module = "", version = ""] = versions.ogen.split("@");
    const options = ["--target", "api", "--package", "api", "--clean"];
    await goCommand(folder, "run", `${module}/cmd/ogen@${version}`, ...options, document);
    await goCommand(folder, "get", versions.ogen);
    await goCommand(folder, "mod", "tidy");
    await goCommand(folder, "build", "-o", "ship", ".");
  },
  start: ({ folder, env }) => run([join(folder, "ship")], { cwd: folder, env }),
};

const java: Client = {
  name: "java",
  needs: ["java", "mvn"],
  make: async ({ folder, document }) => {
    await copyProgram("java", folder);
    await Deno.copyFile(document, join(folder, "openapi.json"));
    await run(["mvn", "-B", "-q", "compile"], { cwd: folder });
  },
  start: ({ folder, env }) => run(["mvn", "-B", "-q", "exec:java"], { cwd: folder, env }),
};

const python: Client = {
  name: "python",
  needs: ["python3"],
  make: async ({ folder, document }) => {
    await copyProgram("python", folder);
    await run(["python3", "-m", "venv", "venv"], { cwd: folder });
    const bin = join(folder, "venv", "bin");
    await run([join(bin, "pip"), "install", "-q", versions.pythonClient], { cwd: folder });
    await run([
      ...[join(bin, "openapi-python-client"), "generate", "--path", document],
      ...["--output-path", "allot", "--meta", "none"],
    ], { cwd: folder, env: { PATH: `${bin}:${Deno.env.get("PATH") ?? ""}` } });
    await run([join(bin, "python"), "-m", "compileall", "-q", "allot", "ship.py"], { cwd: folder });
  },
  start: ({ folder, env }) =>
    run([join(folder, "venv", "bin", "python"), "ship.py"], { cwd: folder, env }),
};

/** Every one that `main.ts` makes. */
export const clients: readonly Client[] = [typescript, oapiCodegen, ogen, java, python];
