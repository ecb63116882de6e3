/** Headers of answers as the OpenAPI document declares them, each once for all answers. */
import { int32, type JsonSchema } from "./json-schema.ts";

const meanings: Readonly<Record<string, string>> = {
  "etag": "The version, for `If-Match` and `If-None-Match`",
  "location": "Where it is",
  "link": 'The next page, as `<...>; rel="next"`; absent at the last one',
  "retry-after": "How many seconds to wait before asking again",
  "deprecation": "Since when it is deprecated, in seconds since 1970 after an `@`",
  "sunset": "When it will be gone",
};

const unusual: Readonly<Record<string, string>> = { "etag": "ETag" };

/** A header's name with the capital letters that RFCs write it with. */
export const headerName = (name: string): string =>
  name.toLowerCase().split("-").map((word) =>
    unusual[word] ?? word.charAt(0).toUpperCase() + word.slice(1)
  ).join("-");

/** `always`: no such answer comes without it. */
export const documentedHeader = (
  name: string,
  { meaning = meanings[name] ?? "", always }: {
    readonly meaning?: string;
    readonly always: boolean;
  },
): JsonSchema => ({
  description: meanings[name] ?? meaning,
  // The last page of most lists has none, and a header is declared once.
  required: always && name !== "link",
  schema: name === "retry-after" ? { type: "integer", ...int32 } : { type: "string" },
});
