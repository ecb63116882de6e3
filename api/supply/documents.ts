/** The routes that purchase orders and transfers have alike: lists, one of them, and what happened to it. */
import { Effect, Schema } from "effect";
import { Aggregates } from "../../actors/aggregate/aggregates.ts";
import { type OwnEntry, ownEventsOf } from "../../actors/aggregate/history.ts";
import { NotFound } from "../../actors/command/command.ts";
import { Listing } from "../../actors/index/listing.ts";
import type { SupplyDefinition, SupplyState } from "../../actors/supply/supply.ts";
import type { Principal } from "../../src/kernel/principal.ts";
import { Identifier } from "../../src/kernel/vocabulary.ts";
import type { Dimension } from "../../src/subject/dimension.ts";
import { eventsSchemaOf } from "../../src/subject/event.ts";
import { eventTypesOf } from "../../src/subject/event-type.ts";
import type { AggregateCommand, AggregateEvent, ListEntry } from "../../src/subject/state.ts";
import { Subjects } from "../../src/subject/subject.ts";
import { inList } from "../../src/supply/lists.ts";
import { versioned } from "../http/answer.ts";
import { decodeCursor, encodeCursor, page, pageSize } from "../http/pages.ts";
import { route } from "../http/registry.ts";
import { pageOf, pageParameters } from "../http/schemas.ts";
import { supplyTag } from "./tag.ts";

export const OneParameters = Schema.Struct({ id: Identifier });

/** What the routes must know of a kind. */
export interface DocumentApi<
  S extends SupplyState,
  C extends AggregateCommand,
  E extends AggregateEvent,
> {
  readonly definition: SupplyDefinition<S, C, E>;
  readonly path: `/${string}`;
  /** As messages say it. */
  readonly what: string;
  /** In names of operations and schemas. */
  readonly name: string;
  readonly schema: Schema.Constraint;
  readonly view: (state: S) => object;
}

/** A key of a location sees what goes to it, or leaves it. */
export const seesIt = <S extends SupplyState>(
  { scope }: Principal,
  definition: SupplyDefinition<S, AggregateCommand, AggregateEvent>,
  state: S,
): boolean => {
  const { channel, locationIds } = definition.scopeOf(state);
  return (scope.channel === undefined || scope.channel === channel) &&
    (scope.locationId === undefined || (locationIds?.includes(scope.locationId) ?? false));
};

/** Finds none where the key may not see it. */
export const visible = Effect.fnUntraced(function* <
  S extends SupplyState,
  C extends AggregateCommand,
  E extends AggregateEvent,
>({ definition, what }: DocumentApi<S, C, E>, by: Principal, id: string) {
  const aggregates = yield* Aggregates;
  const document = yield* Effect.catchTag(
    aggregates.get(definition, id),
    "NotFound",
    () => Effect.fail(new NotFound({ what, id })),
  );
  if (seesIt(by, definition as never, document.state)) return document;
  return yield* new NotFound({ what, id });
});

export const itsVersion = { etag: "Its version" };

/** Lists of each choice of a filter. */
export const choice = (
  dimension: Dimension,
  values: readonly string[] | undefined,
): readonly (readonly ListEntry[])[] =>
  values === undefined ? [] : [values.map((value) => inList(dimension, value))];

/** A page of the documents that stand in a list of each choice. */
export const documentPage = Effect.fnUntraced(function* <
  S extends SupplyState,
  C extends AggregateCommand,
  E extends AggregateEvent,
>(
  { definition, view }: DocumentApi<S, C, E>,
  request: Parameters<typeof page>[0] & {
    readonly by: Principal;
    readonly query: { readonly limit?: number; readonly cursor?: string };
  },
  choices: readonly (readonly ListEntry[])[],
  matches: (state: S) => boolean,
) {
  const listing = yield* Listing;
  const [cursor] = (yield* decodeCursor(request.query, 1)) ?? [];
  const found = yield* listing.inLists(
    definition as SupplyDefinition<S, AggregateCommand, AggregateEvent>,
    choices,
    { limit: pageSize(request.query), cursor },
    (state) => seesIt(request.by, definition as never, state) && matches(state),
  );
  return page(
    request,
    found.data.map(({ state }) => view(state)),
    found.nextCursor === null ? null : encodeCursor([found.nextCursor]),
  );
});

/** One of them, and what happened to it. */
export const oneRoutes = <
  S extends SupplyState,
  C extends AggregateCommand,
  E extends AggregateEvent,
>(api: DocumentApi<S, C, E>) => {
  const { definition, path, what, name, schema, view } = api;
  const eventSchema = eventsSchemaOf(eventTypesOf(definition.record), `${name}Event`);
  const shared = {
    method: "GET",
    tags: [supplyTag],
    permission: "supply:read",
    params: OneParameters,
    scopes: { channel: "refused", location: "narrowed" },
  } as const;
  const one = route({
    ...shared,
    path: `${path}/{id}`,
    operationId: `get${name}`,
    summary: `A ${what}`,
    responses: { 200: { description: `The ${what}`, schema, headers: itsVersion } },
    handler: Effect.fnUntraced(function* ({ by, params: { id } }) {
      const { state } = yield* visible(api, by, id);
      return versioned(200, view(state), state.version);
    }),
  });
  const events = route({
    ...shared,
    path: `${path}/{id}/events`,
    operationId: `list${name}Events`,
    summary: `What happened to a ${what}, oldest first`,
    query: Schema.Struct(pageParameters),
    responses: { 200: { description: "A page of events", schema: pageOf(eventSchema) } },
    handler: Effect.fnUntraced(function* (request) {
      const aggregates = yield* Aggregates;
      const subjects = yield* Subjects;
      const { id } = request.params;
      yield* visible(api, request.by, id);
      const limit = pageSize(request.query);
      const [after = "0"] = (yield* decodeCursor(request.query, 1)) ?? [];
      const first = /^\d{1,9}$/.test(after) ? Number(after) : 0;
      const entries = yield* aggregates.history(definition as never, id, { after: first, limit });
      const told = (entry: OwnEntry) => ownEventsOf(entry, subjects).map(({ event }) => event);
      const next = entries.length < limit ? null : encodeCursor([String(first + limit)]);
      return page(request, entries.flatMap(told), next);
    }),
  });
  return [one, events];
};
