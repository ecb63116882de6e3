/** Request bodies as their routes want them, or their faults. */
import { duplicateMember } from "../../src/kernel/duplicate-member.ts";
import { bodyLimits, compressionLimits } from "./limits.ts";
import { pointerOf } from "../../src/kernel/issues.ts";
import { requestLimits } from "../../src/kernel/limits.ts";
import { hasLoneSurrogate } from "../../src/kernel/well-formed.ts";
import { type Bodies, BodyRefused } from "./bodies.ts";
import { contentEncodingOf, contentEncodings, decompressed } from "./decompress.ts";
import { contentTypeOf } from "./headers.ts";
import type { ShareHolder } from "./shares.ts";
import type { BodyDefinition, StreamedBody } from "./registry.ts";
import { ApiProblem, fail } from "./problems.ts";

/** The rest of a refused body is not read, so the connection cannot be used again. */
const unread = { connection: "close" };

/** A body that is not taken, as the client is told. */
export const refusedBody = ({ fault, maxBytes }: BodyRefused): ApiProblem => {
  switch (fault) {
    case "too large":
      return fail("payload-too-large", `The body may have at most ${maxBytes} bytes.`, {
        headers: unread,
      });
    case "too fine":
      return fail(
        "payload-too-large",
        `The body may come in at most ${bodyLimits.chunks} chunks, or in larger ones.`,
        { headers: unread },
      );
    case "too dense":
      return fail(
        "payload-too-large",
        `The body becomes more than ${compressionLimits.expansion} times as large as it came. ` +
          "Send it without content encoding.",
        { headers: unread },
      );
    case "too late":
      return fail("request-timeout", "The body did not arrive in time. Nothing was done.", {
        headers: unread,
      });
    case "too many":
      return fail("overloaded", "Too many bodies are on their way. Nothing was done; ask again.", {
        headers: { ...unread, "retry-after": String(requestLimits.retryAfterSeconds) },
      });
    case "broken":
      // A client that goes away in the middle of its body is no fault of ours.
      return fail("malformed-request", "The body did not arrive whole.");
    case "not as encoded":
      return fail("malformed-request", "The body is not what its Content-Encoding says.", {
        headers: unread,
      });
  }
};

/** The length that a request says its body has; null when it does not say. */
export const declaredLength = ({ headers }: Request): number | null => {
  const length = headers.get("content-length");
  return length === null ? null : Number(length);
};

const nothing = new Uint8Array(0);

export interface ReadBody {
  readonly bytes: Uint8Array;
  readonly json: unknown;
  readonly stream: StreamedBody | undefined;
}

const utf8 = new TextDecoder();
const strictUtf8 = new TextDecoder("utf-8", { fatal: true });

/** Throws where the bytes are not UTF-8. A decoder that may throw takes several times as long. */
const textOf = (bytes: Uint8Array): string => {
  const text = utf8.decode(bytes);
  return text.includes("\ufffd") ? strictUtf8.decode(bytes) : text;
};

const parse = (bytes: Uint8Array): { readonly json: unknown } | ApiProblem => {
  try {
    const text = textOf(bytes);
    const json: unknown = JSON.parse(text);
    if (hasLoneSurrogate(text, json)) {
      return fail("malformed-request", "The body has half a surrogate pair in a text.");
    }
    const twice = duplicateMember(text, json);
    return twice === null ? { json } : fail("malformed-request", "A member comes twice.", {
      errors: [{ pointer: pointerOf(twice), detail: `the member ${twice.at(-1)} comes twice` }],
    });
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

const notUnderstood = ({ mediaTypes, kind }: BodyDefinition<unknown>): ApiProblem => {
  const encodings = kind === "stream" ? contentEncodings : [];
  const encoded = encodings.length === 0
    ? "without content encoding"
    : `with no content encoding but ${encodings.join(" or ")}`;
  return fail(
    "unsupported-media-type",
    `The body must be ${
      mediaTypes.join(" or ")
    }, in UTF-8 where that is not said otherwise, ${encoded}.`,
    {
      headers: {
        accept: mediaTypes.join(", "),
        "accept-encoding": ["identity", ...encodings].join(", "),
      },
    },
  );
};

/** JSON is UTF-8 (RFC 8259); ASCII is a part of it. */
const charsetsOfJson: readonly (string | null)[] = [null, "utf-8", "utf8", "us-ascii"];

/** The body as its definition wants it, or its fault. */
export const readBody = async (
  request: Request,
  definition: BodyDefinition<unknown>,
  bodies: Bodies,
  holder: ShareHolder,
): Promise<ReadBody | ApiProblem> => {
  const { headers } = request;
  const declared = declaredLength(request);
  const { maxBytes, kind, required } = definition;
  if (declared !== null && declared > maxBytes) {
    return refusedBody(new BodyRefused("too large", maxBytes));
  }
  const { mediaType, charset } = contentTypeOf(headers);
  const encoding = contentEncodingOf(headers);
  const understood = definition.mediaTypes.includes(mediaType) &&
    (kind === "stream"
      ? encoding !== undefined
      : encoding === null && charsetsOfJson.includes(charset));
  // A body that is left out needs no media type; whether it was left out shows when it is read.
  if (!understood && required) return notUnderstood(definition);
  try {
    if (kind === "stream") {
      const sent = bodies.streamed(request, maxBytes);
      const stream = encoding === null || encoding === undefined
        ? sent
        : await decompressed(sent, encoding, maxBytes);
      return { bytes: nothing, json: undefined, stream: { mediaType, charset, stream } };
    }
    const bytes = await bodies.whole(request, declared, maxBytes, holder);
    if (bytes.byteLength === 0 && !required) return { bytes, json: undefined, stream: undefined };
    if (!understood) return notUnderstood(definition);
    // Its signature is over the bytes: where they are no UTF-8, it fits no text.
    if (kind === "text") return { bytes, json: utf8.decode(bytes), stream: undefined };
    const parsed = parse(bytes);
    return parsed instanceof ApiProblem ? parsed : { bytes, json: parsed.json, stream: undefined };
  } catch (error) {
    if (error instanceof BodyRefused) return refusedBody(error);
    throw error;
  }
};
