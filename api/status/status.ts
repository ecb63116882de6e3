/** The status: a snapshot of now, and the stream of every change as Server-Sent Events. */
import { Effect, Schema } from "effect";
import { Status } from "../../actors/status/status.ts";
import type { Scope } from "../../src/kernel/principal.ts";
import { textLimits } from "../../src/kernel/limits.ts";
import { laneStatuses } from "../../src/outbound/state.ts";
import { streamLimits } from "../../src/status/limits.ts";
import { logLimits } from "../../src/store/limits.ts";
import { storeTroubles } from "../../src/store/store.ts";
import { anyText } from "../../src/kernel/vocabulary.ts";
import { rateNames } from "../../src/order/status-sections.ts";
import { json } from "../http/answer.ts";
import { Authenticator } from "../http/authenticator.ts";
import { route, type Tag } from "../http/registry.ts";
import { count, time } from "../http/schemas.ts";
import { eventFilters, filterOf } from "../event/filter.ts";

const statusTag: Tag = { name: "Status", description: "What goes on now" };

const byStatus = Schema.Record(Schema.String, count);

const units = {
  onHand: Schema.Int,
  reserved: Schema.Int,
  unavailable: Schema.Int,
  safetyStock: Schema.Int,
  claimed: Schema.Int,
  available: Schema.Int.annotate({
    description: "On hand less reserved, unavailable and safety stock",
  }),
};

const Waiting = Schema.NullOr(
  Schema.Struct({
    id: Schema.String,
    locationId: Schema.optionalKey(Schema.NullOr(Schema.String)),
    since: time,
    waitingSeconds: count,
  }).annotate({ identifier: "Waiting" }),
);

const Rate = Schema.Struct({ lastTenSeconds: Schema.Finite, lastMinute: Schema.Finite })
  .annotate({ identifier: "Rate", description: "Per second" });

const [placed, allocated, shipped, cancelled] = rateNames;

const StatusSnapshot = Schema.Struct({
  at: time,
  position: Schema.String.annotate({
    description: "The log position up to which everything is counted",
  }),
  orders: Schema.optionalKey(Schema.Struct({ total: count, byStatus })),
  fulfillmentOrders: Schema.optionalKey(Schema.Struct({
    open: count,
    byStatus,
    byLocation: Schema.Array(Schema.Struct({
      locationId: Schema.NullOr(Schema.String).annotate({
        description: "Null for digital delivery",
      }),
      open: count,
      byStatus,
    })),
  })),
  shipments: Schema.optionalKey(
    Schema.Struct({
      exception: count,
      byLocation: Schema.Array(Schema.Struct({ locationId: Schema.String, exception: count })),
    }).annotate({
      description: "Shipments whose carrier last reported an exception, and the locations that " +
        "have any",
    }),
  ),
  returns: Schema.optionalKey(
    Schema.Struct({
      open: count,
      byStatus,
      byLocation: Schema.Array(Schema.Struct({ locationId: Schema.String, open: count })),
    }).annotate({ description: "Returns, and how many of them wait for something" }),
  ),
  payments: Schema.optionalKey(
    Schema.Struct({ attention: count }).annotate({
      description: "Payments that somebody has to look after",
    }),
  ),
  units: Schema.optionalKey(Schema.Struct({
    ...units,
    byLocation: Schema.Array(Schema.Struct({ locationId: Schema.String, ...units })),
  })),
  rates: Schema.optionalKey(
    Schema.Struct({ [placed]: Rate, [allocated]: Rate, [shipped]: Rate, [cancelled]: Rate }),
  ),
  lastHour: Schema.optionalKey(
    Schema.Struct({ from: time, orders: Schema.Array(count), units: Schema.Array(count) })
      .annotate({
        description:
          "Orders and units placed in each minute, oldest first; the last minute goes on",
      }),
  ),
  oldest: Schema.optionalKey(
    Schema.Struct({ held: Waiting, backordered: Waiting, openFulfillmentOrder: Waiting })
      .annotate({ description: "What has waited longest, by the age of the order" }),
  ),
  aggregates: Schema.optionalKey(
    Schema.Record(Schema.String, Schema.Struct({ total: count, byStatus })).annotate({
      description:
        "How many there are of each kind that has no member of its own, by the plural of " +
        "its name",
    }),
  ),
  consumers: Schema.optionalKey(Schema.Array(Schema.Struct({
    name: Schema.String,
    position: Schema.String,
    entriesBehind: count,
    secondsBehind: Schema.Finite,
    setAside: count.annotate({
      description: "Log entries that it could not handle, however often it tried, and left out: " +
        "while there are any, what it keeps is incomplete",
    }),
  }))),
  lanes: Schema.optionalKey(
    Schema.Array(Schema.Struct({
      name: Schema.String,
      status: Schema.Literals(laneStatuses).annotate({
        description: "`failing`: nobody answers at the other end. `paused`: a bound is reached; " +
          "nothing more is taken from the log until somebody looks after it",
      }),
      reason: Schema.optionalKey(Schema.String),
      failingSince: Schema.optionalKey(time),
      entriesBehind: count,
      secondsBehind: Schema.Finite,
      waiting: count.annotate({ description: "Messages that are not settled" }),
      failed: count.annotate({ description: "Messages that failed for good" }),
    })).annotate({ description: "Lanes to the outside: webhook endpoints and others" }),
  ),
  setAside: Schema.optionalKey(
    Schema.Array(Schema.Struct({
      consumer: Schema.String,
      position: Schema.String.annotate({ description: "Where the entry is in the log" }),
      error: Schema.String.annotate({
        description: "What failed and where; the log of the process has more",
      }),
      tries: count,
      at: time,
    })).annotate({
      description:
        `The first ${logLimits.setAsideShown} entries that consumers left out. They are ` +
        "tried again when a process starts, and by `POST /v1/admin/set-aside/retry`.",
    }),
  ),
  stream: Schema.optionalKey(Schema.Struct({ readers: count })),
  store: Schema.optionalKey(
    Schema.Struct({
      takesCommits: Schema.Boolean,
      since: Schema.optionalKey(time),
      reason: Schema.optionalKey(Schema.Literals(storeTroubles)),
    }).annotate({
      description: "Whether the store takes commits; if not, since when, and why where it is known",
    }),
  ),
}).annotate({
  identifier: "StatusSnapshot",
  description: "A key of one channel sees that channel's orders; a key of one location sees that " +
    "location's fulfillment orders, shipments and units; the rest is for keys that see everything.",
});

export const getStatus = route({
  method: "GET",
  path: "/v1/status",
  operationId: "getStatus",
  summary: "What goes on now",
  tags: [statusTag],
  permission: "status:read",
  scopes: { channel: "narrowed", location: "narrowed" },
  responses: { 200: { description: "Counts as of now", schema: StatusSnapshot } },
  handler: Effect.fnUntraced(function* ({ by }) {
    const status = yield* Status;
    return json(200, yield* status.snapshot(by.scope));
  }),
});

const streamHeaders = {
  "content-type": "text/event-stream",
  "cache-control": "no-store, no-transform",
  // Proxies that gather an answer before they pass it on would hold the events back.
  "x-accel-buffering": "no",
};

const StreamQuery = Schema.Struct({
  after: Schema.optionalKey(
    anyText(textLimits.id).annotate({
      description: "The last event id seen; the header Last-Event-ID goes before it",
    }),
  ),
  ...eventFilters,
  brief: Schema.optionalKey(
    Schema.Literals(["true", "false"]).annotate({
      description: "`true`: one `change` for each commit, with the id of its last change and how " +
        "many there were, for readers that only want to know when to look again",
    }),
  ),
});

const streamStatus = route({
  method: "GET",
  path: "/v1/status/stream",
  operationId: "streamStatus",
  summary: "Every change as it commits",
  description: "Server-Sent Events. `snapshot` comes first and then every " +
    `${streamLimits.snapshotMs / 1_000} seconds, with the data of \`GET /v1/status\`. ` +
    "`change` comes for each event of the log, with what the events feed has in `data`; from its id a reader " +
    "resumes with nothing missing and nothing twice. Ids sort as text in the order of the log; those that " +
    "earlier versions gave are understood. `reset` says that the position to resume from is unknown " +
    "or too old; the stream then begins anew. A reader that is too slow is dropped. When its key is " +
    "revoked, the stream ends.",
  tags: [statusTag],
  permission: "status:read",
  scopes: { channel: "narrowed", location: "narrowed" },
  headers: { "Last-Event-ID": "The id of the last event seen" },
  query: StreamQuery,
  responses: { 200: { description: "The stream", mediaType: "text/event-stream" } },
  problems: ["overloaded"],
  handler: Effect.fnUntraced(function* ({ by, session, query, headers, stopping }) {
    const status = yield* Status;
    const authenticator = yield* Authenticator;
    const scope: Scope = by.scope;
    const filter = { ...(yield* filterOf(by, query)), brief: query.brief === "true" };
    const after = headers.get("last-event-id") ?? query.after;
    const reader = yield* status.stream({ filter, keyId: by.id, scope, after });
    // Not a child of this request, which is over when the stream begins.
    const watching = yield* Effect.forkDetach(
      Effect.andThen(authenticator.ended(by, session), Effect.sync(() => reader.close())),
    );
    reader.onEnd(() => watching.interruptUnsafe());
    if (stopping.aborted) reader.close();
    else {
      stopping.addEventListener("abort", reader.close);
      reader.onEnd(() => stopping.removeEventListener("abort", reader.close));
    }
    return new Response(reader.body, { headers: streamHeaders });
  }),
});

export const statusRoutes = [getStatus, streamStatus];
