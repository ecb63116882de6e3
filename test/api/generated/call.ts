/** A request as it goes over the wire, its answer, and how a person repeats it. */
import type { Json, Operation } from "./document.ts";

/** A request before it is written down: what mutations change. */
export interface Plan {
  readonly operation: Operation;
  readonly params: Readonly<Record<string, string>>;
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly headers: Readonly<Record<string, string>>;
  /** The body as JSON; undefined for none. */
  readonly json?: Json | undefined;
  /** A body that is no JSON. */
  readonly text?: string | undefined;
  /** How it must end, where not with any documented success. */
  readonly expected?: readonly number[] | undefined;
  /** Looks at the answer: remembers what was made, waits for what goes on behind it. */
  readonly after?: ((call: Call, answer: CallAnswer) => Promise<void> | void) | undefined;
}

export interface Call {
  readonly operation: Operation;
  readonly method: string;
  /** Path and query as they are sent. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer> | null;
}

export interface CallAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; undefined where it is none. */
  readonly json: unknown;
}

const utf8 = new TextEncoder();

export const bytesOf = (text: string): Uint8Array<ArrayBuffer> => utf8.encode(text);

export const pathOf = ({ operation, params }: Plan): string =>
  operation.path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(params[name] ?? ""));

export const targetOf = (plan: Plan): string => {
  const query = plan.query.map(([name, value]) =>
    `${encodeURIComponent(name)}=${encodeURIComponent(value)}`
  ).join("&");
  return query === "" ? pathOf(plan) : `${pathOf(plan)}?${query}`;
};

export const callOf = (plan: Plan): Call => {
  const { operation, json, text } = plan;
  const content = json === undefined ? text : JSON.stringify(json);
  return {
    operation,
    method: operation.method,
    target: targetOf(plan),
    headers: plan.headers,
    body: content === undefined ? null : bytesOf(content),
  };
};

/** What `receive` reads of a stream: its beginning. */
const isEndless = (response: Response): boolean =>
  response.headers.get("content-type")?.startsWith("text/event-stream") ?? false;

const firstChunk = async (response: Response): Promise<string> => {
  const reader = response.body?.getReader();
  const chunk = await reader?.read();
  await reader?.cancel();
  return new TextDecoder().decode(chunk?.value);
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: whoever expects some finds nothing.
    return undefined;
  }
};

export type Fetch = (request: Request) => Promise<Response>;

export const send = async (
  fetch: Fetch,
  { method, target, headers, body }: Call,
): Promise<CallAnswer> => {
  const response = await fetch(
    new Request(`http://allot.test${target}`, {
      method,
      headers: { ...headers },
      ...(body === null ? {} : { body }),
    }),
  );
  const text = isEndless(response) ? await firstChunk(response) : await response.text();
  return { status: response.status, headers: response.headers, text, json: parsed(text) };
};

const shownBytes = 2_000;

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** The body for `--data-binary`: as text where it is some, else as escapes of a shell's `$'...'`. */
const bodyWords = (body: Uint8Array): string => {
  const shown = body.subarray(0, shownBytes);
  const cut = body.byteLength > shownBytes
    ? ` # and ${body.byteLength - shownBytes} bytes more`
    : "";
  const isPlain = shown.every((byte) => byte >= 0x20 && byte < 0x7f && byte !== 0x27);
  const text = isPlain
    ? `'${new TextDecoder().decode(shown)}'`
    : `$'${
      [...shown].map((byte) =>
        byte >= 0x20 && byte < 0x7f && byte !== 0x27 && byte !== 0x5c
          ? String.fromCharCode(byte)
          : `\\x${byte.toString(16).padStart(2, "0")}`
      ).join("")
    }'`;
  return `--data-binary ${text}${cut}`;
};

/** A line for a shell, without the key. */
export const curlLine = ({ method, target, headers, body }: Call): string =>
  [
    `curl -X ${method} ${quoted(`$ALLOT${target.slice(0, shownBytes)}`)}`,
    ...Object.entries(headers)
      .filter(([name]) => name !== "authorization")
      .map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(body === null ? [] : [bodyWords(body)]),
  ].join(" ");
