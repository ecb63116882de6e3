/** Lists: opaque cursors, and pages with their `Link` to the next. */
import { Buffer } from "node:buffer";
import { Effect, Option, Schema } from "effect";
import { Turns } from "../../actors/ledger/turns.ts";
import type { Overloaded } from "../../actors/ledger/unit.ts";
import type { StoredResponse } from "../../src/store/documents.ts";
import { pageLimits } from "./limits.ts";
import { requestLimits } from "../../src/kernel/limits.ts";
import { letOthersGoOn } from "./gather.ts";
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

/** Hides what a cursor holds: clients that take it apart break when it changes. */
export const encodeCursor = (parts: readonly string[]): string =>
  Buffer.from(JSON.stringify(parts)).toString("base64url");

/** RFC 4648 section 5 without padding. Decoders differ on anything else: some throw. */
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

type Target = Pick<RawRequest, "target">;

/** Parts of large pages lie in memory while they are read. */
const turns = new Turns({ what: "lists", ...pageLimits.turns });

/** With a link to the next page that keeps the request's filters (RFC 8288). */
const linked = (
  { target }: Target,
  body: string,
  nextCursor: string | null,
): StoredResponse => {
  const headers = { "content-type": "application/json" };
  if (nextCursor === null) return { status: 200, headers, body };
  const [path = "", query = ""] = target.split("?", 2);
  const parameters = new URLSearchParams(query);
  parameters.set("cursor", nextCursor);
  return {
    status: 200,
    headers: { ...headers, link: `<${path}?${parameters}>; rel="next"` },
    body,
  };
};

/**
 * A page of rows that are small and at hand; of others see `largePage`. `more`: further members of the page.
 */
export const page = (
  request: Target,
  data: readonly unknown[],
  nextCursor: string | null,
  more: object = {},
): StoredResponse => linked(request, JSON.stringify({ data, nextCursor, ...more }), nextCursor);

export type PageCursor = readonly string[];

/** The part of a list that was read at once. */
export interface PagePart<Row> {
  readonly rows: readonly Row[];
  /** The cursor behind these rows; null at the end of the list. */
  readonly next: PageCursor | null;
}

/** The part of a list whose cursors are one text. */
export const asPart = <Row>(
  { data, nextCursor }: { readonly data: readonly Row[]; readonly nextCursor: string | null },
): PagePart<Row> => ({ rows: data, next: nextCursor === null ? null : [nextCursor] });

export interface PagedList<Row, E, R> {
  /** Rows of the page at most. */
  readonly limit: number;
  readonly cursor?: PageCursor | undefined;
  /** The next rows: behind the cursor, which is that of the list at first and then where the last part ended. */
  readonly read: (
    limit: number,
    cursor: PageCursor | undefined,
  ) => Effect.Effect<PagePart<Row>, E, R>;
  /** The cursor behind a row. */
  readonly after: (row: NoInfer<Row>) => PageCursor;
  readonly view: (row: NoInfer<Row>) => unknown;
}

/**
 * A page of rows that can be large. It ends where it is full, or large enough; so that it is known in time,
 * rows are read in parts, few at first. Others are let in between.
 */
export const largePage = <Row, E, R>(
  request: Target & Pick<RawRequest, "by">,
  listing: PagedList<Row, E, R>,
): Effect.Effect<StoredResponse, E | Overloaded, R> =>
  turns.during(request.by.id, madeOfParts(request, listing));

const madeOfParts = Effect.fnUntraced(function* <Row, E, R>(
  request: Target,
  { limit, cursor, read, after, view }: PagedList<Row, E, R>,
): Effect.fn.Return<StoredResponse, E, R> {
  const { pageCharacters, rowsOfFirstPart, partGrowth } = pageLimits;
  const texts: string[] = [];
  let from = cursor;
  let characters = 0;
  const end = (next: PageCursor | null): StoredResponse => {
    const nextCursor = next === null ? null : encodeCursor(next);
    const body = `{"data":[${texts.join(",")}],"nextCursor":${JSON.stringify(nextCursor)}}`;
    return linked(request, body, nextCursor);
  };
  for (let size = rowsOfFirstPart;; size *= partGrowth) {
    const asked = Math.min(size, limit - texts.length);
    const { rows, next } = yield* read(asked, from);
    for (const [n, row] of rows.entries()) {
      const text = JSON.stringify(view(row));
      texts.push(text);
      characters += text.length;
      if (characters >= pageCharacters) return end(n === rows.length - 1 ? next : after(row));
      if (text.length >= pageLimits.largeRowCharacters) yield* Effect.promise(letOthersGoOn);
    }
    // A list that gives less than asked has looked at as much as it may.
    if (next === null || rows.length < asked || texts.length >= limit) return end(next);
    from = next;
  }
});
