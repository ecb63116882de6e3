/** API keys: made, listed, changed and revoked by admins. */
import { Effect, Schema } from "effect";
import { Access, type CreatedKey as CreatedKeyOf } from "../../actors/access/access.ts";
import type { ApiKey as ApiKeyOf } from "../../src/access/access.ts";
import { NotFound } from "../../actors/command/command.ts";
import type { Scope } from "../../src/kernel/principal.ts";
import { textLimits } from "../../src/kernel/limits.ts";
import { Identifier, text } from "../../src/kernel/vocabulary.ts";
import { command, json, noContent } from "../http/answer.ts";
import { decodeCursor, encodeCursor, page, pageSize } from "../http/pages.ts";
import { jsonBody, route } from "../http/registry.ts";
import { pageOf, pageParameters } from "../http/schemas.ts";
import { adminTag } from "../http/system.ts";
import { keyFailures, lastAdminKey } from "./problems.ts";
import { ApiKey, apiKeyView, CreatedKey, KeyName, Role } from "./schemas.ts";

const KeyRequest = Schema.Struct({
  name: text(textLimits.name),
  role: Role,
  scope: Schema.optionalKey(
    Schema.Struct({
      channel: Schema.optionalKey(Identifier),
      locationId: Schema.optionalKey(Identifier),
    }).annotate({ description: "Narrows the key to a channel, a location, or both" }),
  ),
}).annotate({
  identifier: "KeyRequest",
  examples: [{ name: "Web shop", role: "channel", scope: { channel: "web" } }],
});

const created = (apiKey: ApiKeyOf, key: string | null) =>
  json(201, { ...apiKeyView(apiKey), key }, { location: `/v1/admin/keys/${apiKey.id}` });

/** Newest first, and by id where two were made in the same millisecond. */
const byAge = (a: ApiKeyOf, b: ApiKeyOf): number => placeOf(a) < placeOf(b) ? 1 : -1;
const placeOf = ({ createdAt, id }: ApiKeyOf): string => `${createdAt} ${id}`;

/** A narrowed key must not make a wider one, so keys with a scope may do nothing here. */
const unscoped = { channel: "refused", location: "refused" } as const;

export const createKey = route({
  method: "POST",
  path: "/v1/admin/keys",
  operationId: "createKey",
  summary: "Make a key; it is shown this once",
  tags: [adminTag],
  permission: "admin:keys",
  scopes: unscoped,
  body: jsonBody(KeyRequest),
  responses: {
    201: {
      description: "The key",
      schema: CreatedKey,
      headers: { location: "Where the key can be revoked" },
    },
  },
  problems: ["limit-reached"],
  handler: Effect.fnUntraced(function* (request) {
    const access = yield* Access;
    const { name, role, scope = {} } = request.body;
    return yield* command(
      request,
      (context) => access.createKey({ name, role, scope }, context),
      ({ apiKey, secret }: CreatedKeyOf) => created(apiKey, secret),
      { keep: ({ apiKey }) => created(apiKey, null) },
    );
  }),
});

export const listKeys = route({
  method: "GET",
  path: "/v1/admin/keys",
  operationId: "listKeys",
  summary: "Keys, newest first",
  tags: [adminTag],
  permission: "admin:keys",
  scopes: unscoped,
  query: Schema.Struct(pageParameters),
  responses: { 200: { description: "A page of keys", schema: pageOf(ApiKey) } },
  handler: Effect.fnUntraced(function* (request) {
    const access = yield* Access;
    const limit = pageSize(request.query);
    const [after] = (yield* decodeCursor(request.query, 1)) ?? [];
    const all = [...yield* access.listKeys].sort(byAge);
    const rest = after === undefined ? all : all.filter((key) => placeOf(key) < after);
    const data = rest.slice(0, limit);
    const last = data.at(-1);
    return page(
      request,
      data.map(apiKeyView),
      rest.length > limit && last !== undefined ? encodeCursor([placeOf(last)]) : null,
    );
  }),
});

export const getKey = route({
  method: "GET",
  path: "/v1/admin/keys/{keyId}",
  operationId: "getKey",
  summary: "A key, without its secret",
  tags: [adminTag],
  permission: "admin:keys",
  scopes: unscoped,
  params: Schema.Struct({ keyId: Identifier }),
  responses: { 200: { description: "The key", schema: ApiKey } },
  handler: Effect.fnUntraced(function* ({ params }) {
    const access = yield* Access;
    const key = yield* access.find(params.keyId);
    if (key === null) return yield* new NotFound({ what: "key", id: params.keyId });
    return json(200, apiKeyView(key));
  }),
});

export const changeKey = route({
  method: "PUT",
  path: "/v1/admin/keys/{keyId}",
  operationId: "changeKey",
  summary: "Change the name, role or scope of a key",
  description:
    "Its secret stays. What it has open by a role or scope that it has no more ends, in every " +
    "process, within a second. The key of the settings cannot be changed here.",
  tags: [adminTag],
  permission: "admin:keys",
  scopes: unscoped,
  params: Schema.Struct({ keyId: Identifier }),
  body: jsonBody(KeyRequest),
  responses: { 200: { description: "The key as it is now", schema: ApiKey } },
  problems: ["not-found", "conflict", lastAdminKey],
  failures: keyFailures,
  handler: Effect.fnUntraced(function* (request) {
    const access = yield* Access;
    const { name, role, scope = {} } = request.body;
    return yield* command(
      request,
      (context) => access.changeKey(request.params.keyId, { name, role, scope }, context),
      (apiKey: ApiKeyOf) => json(200, apiKeyView(apiKey)),
    );
  }),
});

export const revokeKey = route({
  method: "DELETE",
  path: "/v1/admin/keys/{keyId}",
  operationId: "revokeKey",
  summary: "Revoke a key: what it has open ends, in every process, within a second",
  tags: [adminTag],
  permission: "admin:keys",
  scopes: unscoped,
  params: Schema.Struct({ keyId: Identifier }),
  responses: { 204: { description: "The key is revoked" } },
  problems: [lastAdminKey],
  failures: keyFailures,
  handler: Effect.fnUntraced(function* (request) {
    const access = yield* Access;
    return yield* command(
      request,
      (context) => access.revokeKey(request.params.keyId, context),
      noContent,
    );
  }),
});

/** Whether a key is within the scope of another. */
const isWithin = (key: Scope, seen: Scope): boolean =>
  (seen.channel ?? key.channel) === key.channel &&
  (seen.locationId ?? key.locationId) === key.locationId;

const getKeyName = route({
  method: "GET",
  path: "/v1/keys/{keyId}/name",
  operationId: "getKeyName",
  summary: "What a key is called that did something",
  description: "A key with a scope knows the names of keys of the same scope.",
  tags: [adminTag],
  permission: "keys:names",
  scopes: { channel: "narrowed", location: "narrowed" },
  params: Schema.Struct({ keyId: Identifier }),
  responses: { 200: { description: "Its name", schema: KeyName } },
  problems: ["not-found"],
  handler: Effect.fnUntraced(function* ({ params, by }) {
    const access = yield* Access;
    const key = yield* access.find(params.keyId);
    if (key === null || !isWithin(key.scope, by.scope)) {
      return yield* new NotFound({ what: "key", id: params.keyId });
    }
    return json(200, { id: key.id, name: key.name });
  }),
});

export const keyRoutes = [
  getKeyName,
  createKey,
  listKeys,
  getKey,
  changeKey,
  revokeKey,
];
