/** Lists: opaque cursors, and pages with their `Link` to the next. */
import { Buffer } from "node:buffer";
import { Effect, Option, Schema } from "effect";
import type { StoredResponse } from "../../src/store/documents.ts";
import { requestLimits } from "../../src/kernel/limits.ts";
import { json } from "./answer.ts";
import { type ApiProblem, invalidParameter } from "./problems.ts";
import type { RawRequest } from "./registry.ts";

export interface PageQuery {
  readonly limit?: number;
  readonly cursor?: string;
}

export const pageSize = ({ limit }: PageQuery): number => limit ?? requestLimits.defaultPageSize;

const cursorParts = Schema.decodeUnknownOption(
  Schema.fromJsonString(Schema.Array(Schema.String)),
);

/** What a cursor holds is nobody's business but ours: clients that take it apart break when it changes. */
export const encodeCursor = (parts: readonly string[]): string =>
  Buffer.from(JSON.stringify(parts)).toString("base64url");

/** RFC 4648 section 5 without padding. Decoders differ in what they make of anything else: some throw. */
const base64url = /^(?:[\w-]{4})*(?:[\w-]{2,3})?$/;

/** The parts of a cursor; undefined when there is none. */
export const decodeCursor = (
  { cursor }: PageQuery,
  length: number,
): Effect.Effect<readonly string[] | undefined, ApiProblem> => {
  if (cursor === undefined) return Effect.succeed(undefined);
  const parts = base64url.test(cursor)
    ? cursorParts(Buffer.from(cursor, "base64url").toString())
    : Option.none();
  return Option.isSome(parts) && parts.value.length === length
    ? Effect.succeed(parts.value)
    : Effect.fail(invalidParameter("cursor", "is not a cursor of this list"));
};

/** A page, with a link to the next one that keeps the request's filters (RFC 8288). */
export const page = (
  request: Pick<RawRequest, "target">,
  data: readonly unknown[],
  nextCursor: string | null,
): StoredResponse => {
  if (nextCursor === null) return json(200, { data, nextCursor });
  const [path = "", query = ""] = request.target.split("?", 2);
  const parameters = new URLSearchParams(query);
  parameters.set("cursor", nextCursor);
  return json(200, { data, nextCursor }, { link: `<${path}?${parameters}>; rel="next"` });
};
