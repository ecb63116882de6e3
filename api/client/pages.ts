/** Lists page by page and row by row, and the events feed for as long as one wants to read it. */
import type { InitOf, PathOf, Rest, Send } from "./call.ts";
import { clientLimits } from "./limits.ts";
import type { paths } from "./openapi.ts";

/** What lists answer. */
interface AnyPage {
  readonly data: readonly unknown[];
  readonly nextCursor: string | null;
}

type BodyOf<Path extends keyof paths> = paths[Path] extends {
  readonly get: {
    readonly responses: {
      readonly 200: {
        readonly content: { readonly "application/json": infer Body };
      };
    };
  };
} ? Body
  : never;

/** The paths that answer in pages. */
export type ListPath = {
  [Path in PathOf<"get">]: [BodyOf<Path>] extends [never] ? never
    : BodyOf<Path> extends AnyPage ? Path
    : never;
}[PathOf<"get">];

export type PageOf<Path extends ListPath> = BodyOf<Path>;
export type RowOf<Path extends ListPath> = BodyOf<Path> extends
  { readonly data: readonly (infer Row)[] } ? Row : never;

interface Init {
  readonly params?: { readonly query?: Readonly<Record<string, unknown>> };
  readonly signal?: AbortSignal;
}

const withQuery = (
  init: Init,
  query: Readonly<Record<string, unknown>>,
): Init => ({
  ...init,
  params: { ...init.params, query: { ...init.params?.query, ...query } },
});

/** The pages of a list from the query's `cursor` on, each read when it is asked for. */
export type Pages = <Path extends ListPath>(
  path: Path,
  ...init: Rest<InitOf<"get", Path>>
) => AsyncGenerator<PageOf<Path>, void, undefined>;

/** The rows of a list, whatever its pages. */
export type Rows = <Path extends ListPath>(
  path: Path,
  ...init: Rest<InitOf<"get", Path>>
) => AsyncGenerator<RowOf<Path>, void, undefined>;

export const pagesOf = (
  send: Send,
): { readonly pages: Pages; readonly list: Rows } => {
  async function* pages(
    path: string,
    init: Init = {},
  ): AsyncGenerator<AnyPage, void, undefined> {
    let cursor: string | null = null;
    do {
      const query: Readonly<Record<string, string>> = cursor === null ? {} : { cursor };
      const { data } = await send("get", path, withQuery(init, query));
      const page = data as AnyPage;
      yield page;
      cursor = page.nextCursor;
    } while (cursor !== null);
  }
  async function* list(
    path: string,
    init: Init = {},
  ): AsyncGenerator<unknown, void, undefined> {
    for await (const { data } of pages(path, init)) yield* data;
  }
  return { pages: pages as Pages, list: list as Rows };
};

export type EventPage = BodyOf<"/v1/events">;
/** A CloudEvent; `type` says which, and what `data` has. */
export type AllotEvent = EventPage["data"][number];

type EventQuery = NonNullable<
  paths["/v1/events"]["get"]["parameters"]["query"]
>;

/** Which events: `after` is where one stopped, `type`, `channel`, `orderId` and `locationId` narrow them. */
export interface EventOptions extends Omit<EventQuery, "wait"> {
  /** Whether to wait for what happens next, which is so by default, or to end with what has happened. */
  readonly follow?: boolean;
  readonly signal?: AbortSignal;
}

/** Pages of events, each with the `nextAfter` to keep in one transaction with what was done with them. */
export type EventPages = (
  options?: EventOptions,
) => AsyncGenerator<EventPage, void, undefined>;

/** Events one by one; the id of the last that was dealt with is the `after` to go on with. */
export type Events = (
  options?: EventOptions,
) => AsyncGenerator<AllotEvent, void, undefined>;

/** `timeoutMs`: of the client, which must not give up while the engine waits. */
export const eventsOf = (
  send: Send,
  timeoutMs: number = clientLimits.attemptMs,
): { readonly eventPages: EventPages; readonly events: Events } => {
  const wait = Math.min(
    clientLimits.eventWaitSeconds,
    Math.floor(timeoutMs / 2_000),
  );
  async function* eventPages(
    { follow = true, signal, after, ...filters }: EventOptions = {},
  ): AsyncGenerator<EventPage, void, undefined> {
    let place = after;
    while (true) {
      const query = {
        ...filters,
        ...(follow ? { wait } : {}),
        ...(place === undefined ? {} : { after: place }),
      };
      const init = {
        params: { query },
        ...(signal === undefined ? {} : { signal }),
      };
      const { data } = await send("get", "/v1/events", init);
      const page = data as EventPage;
      // A page without events may be one of many that a filter leaves empty.
      const isEnd = page.data.length === 0 && page.nextAfter === place;
      if (isEnd && !follow) return;
      place = page.nextAfter;
      if (!isEnd) yield page;
    }
  }
  async function* events(
    options?: EventOptions,
  ): AsyncGenerator<AllotEvent, void, undefined> {
    for await (const { data } of eventPages(options)) yield* data;
  }
  return { eventPages, events };
};
