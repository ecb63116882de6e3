/** Pages of the list of orders, by filters of all kinds: what operators and other systems ask for. */
import type { HttpRequest } from "../load/connection.ts";
import type { Answered } from "../load/drive.ts";
import type { Response } from "../load/response.ts";

const dayMs = 86_400_000;

type Query = Readonly<Record<string, string>>;

export interface ListFilter {
  readonly name: string;
  readonly query: (nowMs: number) => Query;
}

const ago = (nowMs: number, days: number): string => new Date(nowMs - days * dayMs).toISOString();

/** From so many days ago, for so many days. */
const placedFor = (days: number, from: number) => (nowMs: number): Query => ({
  placedAfter: ago(nowMs, from),
  placedBefore: ago(nowMs, from - days),
});

const placedBefore = (days: number) => (nowMs: number): Query => ({
  placedBefore: ago(nowMs, days),
});

const and = (query: Query, other: ListFilter["query"]): ListFilter["query"] => (nowMs) => ({
  ...query,
  ...other(nowMs),
});

/** Orders came for a year; a fifth of them from files, placed up to three years before. */
export const listedHistory = {
  spanMs: 365 * dayMs,
  importedEvery: 5,
  placedBeforeMs: 3 * 365 * dayMs,
} as const;

/** Without any filter, and what the others are compared with. */
export const unfiltered = "no filter";

export const listFilters: readonly ListFilter[] = [
  { name: unfiltered, query: () => ({}) },
  { name: "placed today", query: placedFor(2, 1) },
  { name: "placed on a day half a year ago", query: placedFor(1, 180) },
  { name: "placed in a quarter half a year ago", query: placedFor(90, 200) },
  { name: "placed on a day two years ago", query: placedFor(1, 730) },
  { name: "placed in a quarter two years ago", query: placedFor(90, 730) },
  { name: "placed before half a year ago", query: placedBefore(180) },
  { name: "placed before three years ago", query: placedBefore(3 * 365) },
  { name: "placed after two years ago", query: (nowMs) => ({ placedAfter: ago(nowMs, 730) }) },
  {
    name: "allocated, placed on a day half a year ago",
    query: and({ status: "allocated" }, placedFor(1, 180)),
  },
  { name: "held, placed in a year", query: and({ status: "held" }, placedFor(365, 365)) },
  {
    name: "of two channels, placed on a day two years ago",
    query: and({ channel: "bench,other" }, placedFor(1, 730)),
  },
  {
    name: "of a location, placed on a day half a year ago",
    query: and({ locationId: "bench-hot" }, placedFor(1, 180)),
  },
  {
    name: "of a customer, placed in a quarter",
    query: and({ customerId: "cus_7" }, placedFor(90, 200)),
  },
  { name: "changed in the last hour", query: (nowMs) => ({ updatedAfter: ago(nowMs, 1 / 24) }) },
  {
    name: "changed on a day half a year ago",
    query: (nowMs) => ({ updatedAfter: ago(nowMs, 180), updatedBefore: ago(nowMs, 179) }),
  },
  {
    name: "not changed since half a year ago",
    query: (nowMs) => ({ updatedBefore: ago(nowMs, 180) }),
  },
];

const rows = 50;

export const listRequest = (name: string, nowMs: number): HttpRequest => {
  const filter = listFilters.find((each) => each.name === name);
  if (filter === undefined) throw new RangeError(`No list is filtered by "${name}".`);
  const query = new URLSearchParams({ limit: String(rows), ...filter.query(nowMs) });
  return { method: "GET", path: `/v1/orders?${query}` };
};

const decoder = new TextDecoder();

interface Page {
  readonly data: readonly unknown[];
  readonly nextCursor: string | null;
}

/** A page counts when it is full, or the last: a short one with a next is no answer at once. */
export const meaningOfPage = ({ status, body }: Response): Answered => {
  const text = decoder.decode(body);
  if (status !== 200) {
    return {
      result: status === 503 || status === 429 ? "overloaded" : "error",
      detail: `${status} ${text.slice(0, 300)}`,
    };
  }
  const { data, nextCursor }: Page = JSON.parse(text);
  return data.length === rows || nextCursor === null
    ? { result: "accepted" }
    : { result: "error", detail: `a short page of ${data.length} orders` };
};
