/** Reads request bodies within their limits: by their declared length where there is one, else counting. */
import { Buffer } from "node:buffer";
import { hasLoneSurrogate } from "../../src/kernel/well-formed.ts";
import type { BodyDefinition, StreamedBody } from "./registry.ts";
import { BodyTooLarge } from "./registry.ts";
import { mediaTypeOf } from "./headers.ts";
import { ApiProblem, fail } from "./problems.ts";

const tooLarge = (maxBytes: number): ApiProblem =>
  fail("payload-too-large", `The body may have at most ${maxBytes} bytes.`, {
    // The rest of the body is not read, so the connection cannot be used again.
    headers: { connection: "close" },
  });

const nothing = new Uint8Array(0);

/** The same bytes; fails with `BodyTooLarge` as soon as there are too many. */
const counted = (
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  maxBytes: number,
): ReadableStream<Uint8Array<ArrayBuffer>> => {
  let bytes = 0;
  return stream.pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform: (chunk, controller) => {
        bytes += chunk.byteLength;
        if (bytes > maxBytes) controller.error(new BodyTooLarge(maxBytes));
        else controller.enqueue(chunk);
      },
    }),
  );
};

/** Of a body that does not say how long it is. */
const readChunks = async (request: Request, maxBytes: number): Promise<Uint8Array | ApiProblem> => {
  if (request.body === null) return nothing;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body) {
    length += chunk.byteLength;
    // Leaving the loop cancels the stream: the rest is never read.
    if (length > maxBytes) return tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

export interface ReadBody {
  readonly bytes: Uint8Array;
  readonly json: unknown;
  readonly stream: StreamedBody | undefined;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
const parse = (bytes: Uint8Array): { readonly json: unknown } | ApiProblem => {
  try {
    const text = utf8.decode(bytes);
    const json: unknown = JSON.parse(text);
    return hasLoneSurrogate(text, json)
      ? fail("malformed-request", "The body has half a surrogate pair in a text.")
      : { json };
  } catch (error) {
    // Not UTF-8, not JSON, or nested deeper than the stack: nothing of the text goes into the answer.
    return fail("malformed-request", "The body is not JSON in UTF-8.", {
      errors: [{
        pointer: "",
        detail: error instanceof SyntaxError
          ? /at position \d+/.exec(error.message)?.[0] ?? "ends too early"
          : "cannot be decoded",
      }],
    });
  }
};

const readBytes = async (
  request: Request,
  declared: string | null,
  maxBytes: number,
): Promise<Uint8Array | ApiProblem> => {
  try {
    if (declared === null) return await readChunks(request, maxBytes);
    // Without a look at `body`: that would make a stream of what the server can hand over whole.
    const bytes = await request.bytes();
    return bytes.byteLength > maxBytes ? tooLarge(maxBytes) : bytes;
  } catch {
    // A client that goes away in the middle of its body is no fault of ours.
    return fail("malformed-request", "The body did not arrive whole.");
  }
};

const notUnderstood = ({ mediaTypes }: BodyDefinition<unknown>): ApiProblem =>
  fail(
    "unsupported-media-type",
    `The body must be ${mediaTypes.join(" or ")}, without content encoding.`,
    { headers: { accept: mediaTypes.join(", ") } },
  );

/** The body as its definition wants it, or what is wrong with it. */
export const readBody = async (
  request: Request,
  definition: BodyDefinition<unknown>,
): Promise<ReadBody | ApiProblem> => {
  const { headers } = request;
  const declared = headers.get("content-length");
  if (declared !== null && Number(declared) > definition.maxBytes) {
    return tooLarge(definition.maxBytes);
  }
  const mediaType = mediaTypeOf(headers);
  const understood = definition.mediaTypes.includes(mediaType) &&
    headers.get("content-encoding") === null;
  // A body that is left out needs no media type; whether it was left out shows when it is read.
  if (!understood && definition.required) return notUnderstood(definition);
  if (definition.kind === "stream") {
    return {
      bytes: nothing,
      json: undefined,
      stream: {
        mediaType,
        stream: counted(request.body ?? new Blob([]).stream(), definition.maxBytes),
      },
    };
  }
  const bytes = await readBytes(request, declared, definition.maxBytes);
  if (bytes instanceof ApiProblem) return bytes;
  if (bytes.byteLength === 0 && !definition.required) {
    return { bytes, json: undefined, stream: undefined };
  }
  if (!understood) return notUnderstood(definition);
  const parsed = parse(bytes);
  return parsed instanceof ApiProblem ? parsed : { bytes, json: parsed.json, stream: undefined };
};
