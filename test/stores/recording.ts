/** Stores that earlier versions made, and what clients asked of them then: read from `test/data/stores`. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync } from "node:zlib";
import type { Json } from "../support/server.ts";

export interface Asked {
  readonly method: string;
  readonly path: string;
  /** The name of an API key, of `Recording.keys`. */
  readonly key: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The body: as JSON, or as text. */
  readonly json?: unknown;
  readonly text?: string;
}

export interface Answered extends Asked {
  readonly status: number;
  readonly etag?: string;
  readonly answer?: Json;
  /** How a repeat with the same idempotency key was answered at once; its answer where that was another. */
  readonly repeated?: {
    readonly status: number;
    readonly replayed: boolean;
    readonly answer?: Json;
  };
}

/** A change of the status stream. */
export interface Change {
  readonly id: string;
  readonly data: Json;
}

export interface Recording {
  readonly name: string;
  /** The commit of the project that made the store. */
  readonly commit: string;
  /** When the last answer was recorded. */
  readonly until: string;
  /** When its processes were killed in the middle of things; absent where nothing was under way at the end. */
  readonly killed?: string;
  /** External ids of orders that stand in parcels which nobody has answered. */
  readonly offered?: readonly string[];
  /** API keys by the names that requests call them by. */
  readonly keys: Readonly<Record<string, string>>;
  /** All changes that were answered, in the order of their answers. */
  readonly requests: readonly Answered[];
  /** Changes that were under way when the processes were killed. */
  readonly unanswered: readonly Asked[];
  /** Orders that were being allocated when the processes were killed: the next one goes on with them. */
  readonly resumed: readonly string[];
  /** What was read last, by the same version of the project. */
  readonly reads: readonly Answered[];
  /** The changes of the status stream after a position. */
  readonly stream: { readonly after: string; readonly changes: readonly Change[] };
}

const folder = fileURLToPath(new URL("../data/stores/", import.meta.url));
const ending = ".json.br";

const unpacked = (file: string): Uint8Array => brotliDecompressSync(readFileSync(folder + file));

export const recordings: readonly Recording[] = readdirSync(folder)
  .filter((file) => file.endsWith(ending))
  .sort()
  .map((file) => JSON.parse(new TextDecoder().decode(unpacked(file))));

export const unpackStore = ({ name }: Recording, path: string): Promise<void> =>
  Deno.writeFile(path, unpacked(`${name}.sqlite3.br`));
