/**
 * The routes of an aggregate, made from its definition: make one, find them, get one with its history, and
 * the actions on it. What a subject adds is how it is made of a request, and how it is shown.
 */
import { Effect, Schema, type Schema as SchemaOf } from "effect";
import { Aggregates, type Making } from "../../actors/aggregate/aggregates.ts";
import { type OwnEntry, ownEventsOf } from "../../actors/aggregate/history.ts";
import type { AggregateDefinition } from "../../actors/aggregate/turns.ts";
import { NotFound, type Refused } from "../../actors/command/command.ts";
import { Listing } from "../../actors/index/listing.ts";
import type { Principal } from "../../src/kernel/principal.ts";
import { textLimits } from "../../src/kernel/limits.ts";
import { Identifier } from "../../src/kernel/vocabulary.ts";
import type { AggregateDocument } from "../../src/subject/aggregate.ts";
import type {
  AggregateCommand,
  AggregateEvent,
  AggregateRejection,
  AggregateState,
  ListEntry,
} from "../../src/subject/state.ts";
import { eventsSchemaOf } from "../../src/subject/event.ts";
import { eventTypesOf, schemaNameOf } from "../../src/subject/event-type.ts";
import { Subjects } from "../../src/subject/subject.ts";
import { actionRoutes, type Actions } from "./actions.ts";
import { command, versioned } from "./answer.ts";
import { always, type Failures } from "./failures.ts";
import { decodeCursor, encodeCursor, page, pageSize } from "./pages.ts";
import type { Permission } from "./permissions.ts";
import { type NamedProblem, problem } from "./problems.ts";
import { jsonBody, route, type Tag } from "./registry.ts";
import { pageOf, pageParameters, updatedParameters } from "./schemas.ts";
import { idsIn, narrowedIds, someIds } from "./several.ts";
import { updatedWithin } from "./times.ts";

/** A refusal that says in words why. */
export interface WordedRejection extends AggregateRejection {
  readonly detail: string;
}

const refusals: Failures<Refused<WordedRejection>> = {
  Refused: {
    decided: always,
    problem: ({ rejection }) =>
      problem("conflict", rejection.detail, { extensions: { reason: rejection._tag } }),
  },
};

/** How one is made by a request; absent where a subject has a route of its own for it. */
interface MakingApi<S, C, P, Body> {
  readonly write: Permission;
  /** The schema of a request that makes one. */
  readonly body: SchemaOf.Decoder<Body>;
  readonly makingOf: (body: Body) => Making<S, C, P, never>;
}

interface AggregateApi<
  S extends AggregateState,
  C extends AggregateCommand,
  E extends AggregateEvent,
  R extends AggregateRejection,
  P,
> {
  readonly definition: AggregateDefinition<S, C, E, R, P>;
  readonly tag: Tag;
  readonly read: Permission;
  /** The problems that its refusals become. */
  readonly failures: Failures<Refused<R>>;
  readonly problems: readonly NamedProblem[];
  readonly schema: SchemaOf.Constraint;
  readonly view: (document: AggregateDocument<S, P>) => object;
  /** Query parameters that narrow a list, each with the dimension of its lists. */
  readonly filters: Readonly<Record<string, string>>;
  readonly actions: Actions<C>;
}

const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** Whether a key sees it: by its channel, and by a location of it. */
const sees = (
  { scope }: Principal,
  { channel, locationIds }: {
    readonly channel?: string | undefined;
    readonly locationIds?: readonly string[];
  },
): boolean =>
  (scope.channel === undefined || scope.channel === channel) &&
  (scope.locationId === undefined || (locationIds?.includes(scope.locationId) ?? false));

/** The values of a filter that the key may ask for: its own channel or location, where it has one. */
const valuesOf = ({ scope }: Principal, filter: string, asked: readonly string[] | undefined) =>
  filter === "channel"
    ? narrowedIds(scope.channel, asked, "channel")
    : filter === "locationId"
    ? narrowedIds(scope.locationId, asked, "location")
    : Effect.succeed(asked);

const pathOf = ({ plural }: { readonly plural: string }) =>
  `/v1/${plural.replaceAll("_", "-")}` as const;

const itsVersion = { etag: "Its version" };

const shownAs = <S extends AggregateState, P>(
  view: (document: AggregateDocument<S, P>) => object,
) =>
(status: number, document: AggregateDocument<S, P>) =>
  versioned(status, view(document), document.state.version);

/** The routes of those that are there; a subject makes them by a route of its own. */
export const routesOfMade = <
  S extends AggregateState,
  C extends AggregateCommand,
  E extends AggregateEvent,
  R extends AggregateRejection,
  P,
>(api: AggregateApi<S, C, E, R, P>) => {
  const { definition, tag, schema, view } = api;
  const { name, plural } = definition;
  const path = pathOf(definition);
  const onePath = `${path}/{id}` as const;
  const params = Schema.Struct({ id: Identifier });
  const eventSchema = eventsSchemaOf(eventTypesOf(definition.record), schemaNameOf(name, "Event"));
  const shown = shownAs(view);

  /** Finds none where the key may not see it. */
  const visible = Effect.fnUntraced(function* (by: Principal, id: string) {
    const aggregates = yield* Aggregates;
    const document = yield* aggregates.get(definition, id);
    if (sees(by, definition.scopeOf(document.state))) return document;
    return yield* new NotFound({ what: name, id });
  });

  const list = route({
    method: "GET",
    path,
    operationId: `list${capital(plural)}`,
    summary: `${capital(plural)}, newest first`,
    tags: [tag],
    permission: api.read,
    scopes: { channel: "narrowed", location: "narrowed" },
    query: Schema.Struct({
      ...pageParameters,
      ...updatedParameters,
      ...Object.fromEntries(
        Object.keys(api.filters).map((
          filter,
        ) => [filter, Schema.optionalKey(someIds(textLimits.id))]),
      ),
    }),
    responses: { 200: { description: `A page of ${plural}`, schema: pageOf(schema) } },
    handler: Effect.fnUntraced(function* (request) {
      const listing = yield* Listing;
      const { by, query } = request;
      const filters = query as Readonly<Record<string, readonly string[] | undefined>>;
      const choices: (readonly ListEntry[])[] = [];
      for (const [filter, dimension] of Object.entries(api.filters)) {
        const values = yield* valuesOf(by, filter, idsIn(filters[filter]));
        if (values !== undefined) {
          choices.push(values.map((value): ListEntry => [dimension, value]));
        }
      }
      const isUpdated = updatedWithin(query);
      const [cursor] = (yield* decodeCursor(query, 1)) ?? [];
      const found = yield* listing.inLists(
        definition,
        choices,
        { limit: pageSize(query), cursor },
        (state) => sees(by, definition.scopeOf(state)) && isUpdated(state.updatedAt),
      );
      return page(
        request,
        found.data.map(view),
        found.nextCursor === null ? null : encodeCursor([found.nextCursor]),
      );
    }),
  });

  const get = route({
    method: "GET",
    path: onePath,
    operationId: `get${capital(name)}`,
    summary: `A ${name}`,
    tags: [tag],
    permission: api.read,
    scopes: { channel: "narrowed", location: "narrowed" },
    params,
    responses: { 200: { description: `The ${name}`, schema, headers: itsVersion } },
    handler: Effect.fnUntraced(function* ({ by, params: { id } }) {
      return shown(200, yield* visible(by, id));
    }),
  });

  const events = route({
    method: "GET",
    path: `${onePath}/events`,
    operationId: `list${capital(name)}Events`,
    summary: `What happened to a ${name}, oldest first`,
    tags: [tag],
    permission: api.read,
    scopes: { channel: "narrowed", location: "narrowed" },
    params,
    query: Schema.Struct(pageParameters),
    responses: { 200: { description: "A page of events", schema: pageOf(eventSchema) } },
    handler: Effect.fnUntraced(function* (request) {
      const aggregates = yield* Aggregates;
      const subjects = yield* Subjects;
      const { id } = request.params;
      yield* visible(request.by, id);
      const limit = pageSize(request.query);
      const [after = "0"] = (yield* decodeCursor(request.query, 1)) ?? [];
      const first = /^\d{1,9}$/.test(after) ? Number(after) : 0;
      const entries = yield* aggregates.history(definition, id, { after: first, limit });
      const told = (entry: OwnEntry) => ownEventsOf(entry, subjects).map(({ event }) => event);
      const next = entries.length < limit ? null : encodeCursor([String(first + limit)]);
      return page(request, entries.flatMap(told), next);
    }),
  });

  return [
    list,
    get,
    events,
    ...actionRoutes({
      path: onePath,
      params,
      idOf: ({ id }) => id,
      tags: [tag],
      scopes: { channel: "narrowed", location: "refused" },
      responses: {
        200: { description: `The ${name} as it is now`, schema, headers: itsVersion },
      },
      problems: ["not-found", ...api.problems],
      failures: api.failures,
      act: Effect.fnUntraced(function* (request, asked: C) {
        const aggregates = yield* Aggregates;
        const { id } = request.params;
        yield* visible(request.by, id);
        return yield* command(
          request,
          (context) => aggregates.command(definition, id, asked, context),
          (document: AggregateDocument<S, P>) => shown(200, document),
        );
      }),
    }, api.actions),
  ];
};

/** The routes of an aggregate that says in words why it refuses. */
export const aggregateRoutes = <
  S extends AggregateState,
  C extends AggregateCommand,
  E extends AggregateEvent,
  P,
  Body,
>(
  api:
    & Omit<AggregateApi<S, C, E, WordedRejection, P>, "failures" | "problems">
    & MakingApi<S, C, P, Body>,
) => {
  const { definition, tag, schema, view } = api;
  const { name } = definition;
  const path = pathOf(definition);
  const shown = shownAs(view);
  const make = route({
    method: "POST",
    path,
    operationId: `make${capital(name)}`,
    summary: `Make a ${name}`,
    tags: [tag],
    permission: api.write,
    scopes: { channel: "refused", location: "refused" },
    body: jsonBody(api.body),
    responses: { 201: { description: `The new ${name}`, schema, headers: itsVersion } },
    problems: ["conflict"],
    failures: refusals,
    handler: Effect.fnUntraced(function* (request) {
      const aggregates = yield* Aggregates;
      return yield* command(
        request,
        (context) => aggregates.create(definition, api.makingOf(request.body), context),
        (document: AggregateDocument<S, P>) => shown(201, document),
      );
    }),
  });
  return [make, ...routesOfMade({ ...api, failures: refusals, problems: ["conflict"] })];
};
