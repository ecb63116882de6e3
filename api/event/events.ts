/** The events feed: what happened, in the order of the log, for readers that keep their own place in it. */
import { Effect, Schema } from "effect";
import { EventFeed, type PositionUnknown } from "../../actors/status/event-feed.ts";
import { textLimits } from "../../src/kernel/limits.ts";
import { anyText } from "../../src/kernel/vocabulary.ts";
import type { FeedPage } from "../../src/status/feed.ts";
import { feedLimits } from "../../src/status/limits.ts";
import type { StoredResponse } from "../../src/store/documents.ts";
import { Authenticator } from "../http/authenticator.ts";
import type { Failures } from "../http/failures.ts";
import { problem, type ProblemType } from "../http/problems.ts";
import { route, type Tag } from "../http/registry.ts";
import { eventFilters, filterOf } from "./filter.ts";
import { CloudEvent } from "./schemas.ts";

const eventsTag: Tag = { name: "Events", description: "What happened, for other systems" };

const positionUnknown: ProblemType = {
  name: "position-unknown",
  status: 410,
  title: "The log has no such position",
  meaning:
    "The log that is read has no event of this id: it is of another store, or of this one before a copy " +
    "was put back.",
  remedy: "Begin anew without `after`, and compare what comes with what is there already.",
};

const failures: Failures<PositionUnknown> = {
  PositionUnknown: {
    problem: ({ after }) =>
      problem(
        positionUnknown,
        `The log has no event ${after}: it is of another store, or of one before a copy was put back. ` +
          "Begin anew without `after`.",
      ),
  },
};

const batch = "application/cloudevents-batch+json";

const FeedQuery = Schema.Struct({
  after: Schema.optionalKey(
    anyText(textLimits.id).annotate({
      description:
        "`nextAfter` of the page before, or the id of any event; without it, the feed begins " +
        "with the first event of the log. The `position` of `GET /v1/status` begins with what comes next",
    }),
  ),
  limit: Schema.optionalKey(
    Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: feedLimits.events })),
  ),
  wait: Schema.optionalKey(
    Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: feedLimits.waitSeconds })).annotate({
      description: "Seconds to wait for an event where there is none yet",
    }),
  ),
  ...eventFilters,
});

const FeedAnswer = Schema.Struct({
  data: Schema.Array(CloudEvent),
  nextAfter: Schema.String.annotate({
    description:
      "Everything up to there was looked at: the `after` of the next page, also of one that " +
      "has no events",
  }),
}).annotate({ identifier: "EventPage" });

/** Whether the client asks for nothing but the events. */
const wantsBatch = (headers: Headers): boolean =>
  (headers.get("accept") ?? "").toLowerCase().split(",")
    .some((each) => each.split(";")[0]?.trim() === batch);

const answer = (
  { target, headers }: { readonly target: string; readonly headers: Headers },
  { events, nextAfter }: FeedPage,
): StoredResponse => {
  const [path = "", query = ""] = target.split("?", 2);
  const parameters = new URLSearchParams(query);
  parameters.set("after", nextAfter);
  const list = `[${events.join(",")}]`;
  const isBatch = wantsBatch(headers);
  return {
    status: 200,
    headers: {
      "content-type": isBatch ? batch : "application/json",
      link: `<${path}?${parameters}>; rel="next"`,
    },
    body: isBatch ? list : `{"data":${list},"nextAfter":${JSON.stringify(nextAfter)}}`,
  };
};

const stopped = (signal: AbortSignal): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const stop = () => resume(Effect.void);
    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop, { once: true });
    return Effect.sync(() => signal.removeEventListener("abort", stop));
  });

export const listEvents = route({
  method: "GET",
  path: "/v1/events",
  operationId: "listEvents",
  summary: "What happened, oldest first",
  description:
    "CloudEvents 1.0 in the order of the log, each with what a webhook and the status stream tell of " +
    "it in `data`. Reading moves nothing: keep `nextAfter` together with what you did with the events, and " +
    "nothing is missed or done twice. With filters a page may be empty although more follows: `nextAfter` " +
    `moves on all the same. With \`Accept: ${batch}\` the answer is the list of events alone; \`Link\` has the ` +
    "next page in either case. When the key is revoked, the wait ends.",
  tags: [eventsTag],
  permission: "events:read",
  scopes: { channel: "narrowed", location: "narrowed" },
  query: FeedQuery,
  responses: {
    200: {
      description: "A page of events",
      schema: FeedAnswer,
      onRequest: { [batch]: Schema.Array(CloudEvent) },
      headers: { link: "The next page" },
    },
  },
  problems: ["overloaded", positionUnknown],
  failures,
  handler: Effect.fnUntraced(function* (request) {
    const feed = yield* EventFeed;
    const authenticator = yield* Authenticator;
    const { by, session, query, stopping } = request;
    const { after, limit = feedLimits.defaultEvents, wait = 0 } = query;
    const page = yield* feed.read({
      filter: yield* filterOf(by, query),
      after,
      limit,
      waitMs: wait * 1_000,
      until: Effect.raceFirst(authenticator.ended(by, session), stopped(stopping)),
      keyId: by.id,
    });
    return answer(request, page);
  }),
});

export const eventRoutes = [listEvents];
