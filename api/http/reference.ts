/** Routes of a reference: saving, reading and listing its documents, with entity tags and cursors. */
import { Effect, Schema } from "effect";
import { PreconditionFailed } from "../../actors/command/command.ts";
import { References, type SaveResult } from "../../actors/reference/references.ts";
import type { StoreError } from "../../src/store/store.ts";
import type { Described, Reference, Saved } from "../../src/subject/reference.ts";
import type { Permission } from "./permissions.ts";
import { command, versioned } from "./answer.ts";
import { decodeCursor, largePage, type PageCursor, pageSize } from "./pages.ts";
import { type ApiRequest, jsonBody, route, type Tag } from "./registry.ts";
import { pageLimits } from "./limits.ts";
import type { ApiProblem } from "./problems.ts";
import { pageOf, pageParameters, updatedParameters } from "./schemas.ts";
import { updatedWithin } from "./times.ts";

/** Names and words of one route. */
interface OperationWords {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
}

export interface ReferenceApi<Document extends Saved, Body> {
  /** The path of the list; a document's path adds its id. */
  readonly path: `/${string}`;
  /** Name and schema of the id in the path. */
  readonly parameter: string;
  readonly id: Schema.Decoder<string>;
  /** The schema of a request that saves a document. */
  readonly body: Schema.Decoder<Body>;
  /** The schema of the answers. */
  readonly schema: Schema.Constraint;
  /** Refuses what the schema lets through because it cannot know, such as the id of what is not there. */
  readonly check?: (
    body: Body,
    id: string,
  ) => Effect.Effect<void, ApiProblem | StoreError, References>;
  /** The document that a request saves. */
  readonly document: (id: string, body: Body) => Described<Document>;
  readonly tags: readonly Tag[];
  readonly read: Permission;
  readonly write: Permission;
}

const missing = () => Effect.fail(new PreconditionFailed({ expected: "any", actual: "nothing" }));

/**
 * The version that a save stands on: that of `If-Match`, or none for `If-None-Match: *` (RFC 9110 section
 * 13.1.2), which saves only new documents. `If-Match: *` requires a document.
 */
export const standingOn = <Failure>(
  { headers, ifMatch }: Pick<ApiRequest<unknown, unknown, unknown>, "headers" | "ifMatch">,
  existing: Effect.Effect<unknown, Failure>,
): Effect.Effect<string | undefined, Failure | PreconditionFailed> => {
  if (headers.get("if-none-match")?.trim() === "*") return Effect.succeed("nothing");
  return ifMatch === "*" ? Effect.as(existing, undefined) : Effect.succeed(ifMatch);
};

const itsVersion = { etag: "Its version" };

/** The path and the parameters of one document. */
const placeOf = (
  { path, parameter, id }: Pick<ReferenceApi<Saved, unknown>, "path" | "parameter" | "id">,
) => ({
  path: `${path}/{${parameter}}` as const,
  params: Schema.Struct({ [parameter]: id }) as Schema.Decoder<Readonly<Record<string, string>>>,
  idOf: (params: Readonly<Record<string, string>>): string => params[parameter] ?? "",
});

/** `PUT` of a document: 201 when it is new, 200 when it is changed or left as it is. */
export const saveRoute = <Document extends Saved, Body>(
  reference: Reference<Document>,
  api: ReferenceApi<Document, Body>,
  operation: OperationWords,
) => {
  const { name, limit, linkFamilies } = reference;
  const { path, params, idOf } = placeOf(api);
  return route({
    method: "PUT",
    path,
    ...operation,
    tags: api.tags,
    permission: api.write,
    scopes: { channel: "refused", location: "refused" },
    headers: { "if-none-match": "`*` saves only what is not there yet" },
    params,
    body: jsonBody(api.body),
    responses: {
      200: { description: `The ${name} as it is now`, schema: api.schema, headers: itsVersion },
      201: { description: `The new ${name}`, schema: api.schema, headers: itsVersion },
    },
    problems: [
      ...(limit === null ? [] : ["limit-reached"] as const),
      ...(linkFamilies.length === 0 ? [] : ["conflict"] as const),
    ],
    handler: Effect.fnUntraced(
      function* (request) {
        const references = yield* References;
        const id = idOf(request.params);
        const existing = Effect.catchTag(references.get(reference, id), "NotFound", missing);
        const ifMatch = yield* standingOn(request, existing);
        if (api.check !== undefined) yield* api.check(request.body, id);
        const document = api.document(id, request.body);
        return yield* command(
          { ...request, ifMatch },
          (context) => references.save(reference, document, context),
          ({ created, value }: SaveResult<Document>) =>
            versioned(created ? 201 : 200, value, value.version),
        );
      },
    ),
  });
};

/** `GET` of a document. */
export const getRoute = <Document extends Saved, Body>(
  reference: Reference<Document>,
  api: ReferenceApi<Document, Body>,
  operation: OperationWords,
) => {
  const { path, params, idOf } = placeOf(api);
  return route({
    method: "GET",
    path,
    ...operation,
    tags: api.tags,
    permission: api.read,
    params,
    responses: {
      200: { description: `The ${reference.name}`, schema: api.schema, headers: itsVersion },
    },
    handler: Effect.fnUntraced(function* (request) {
      const references = yield* References;
      const document = yield* references.get(reference, idOf(request.params));
      return versioned(200, document, document.version);
    }),
  });
};

/** `GET` of all documents by id, in pages. */
export const listRoute = <Document extends Saved, Body>(
  reference: Reference<Document>,
  api: ReferenceApi<Document, Body>,
  operation: OperationWords,
) =>
  route({
    method: "GET",
    path: api.path,
    ...operation,
    tags: api.tags,
    permission: api.read,
    query: Schema.Struct({ ...pageParameters, ...updatedParameters }),
    responses: {
      200: { description: `A page of ${reference.plural}`, schema: pageOf(api.schema) },
    },
    handler: Effect.fnUntraced(function* (request) {
      const references = yield* References;
      const { query } = request;
      const isUpdated = updatedWithin(query);
      const isSpan = query.updatedAfter !== undefined || query.updatedBefore !== undefined;
      const read = Effect.fnUntraced(function* (limit: number, [after]: PageCursor = []) {
        const rows: Document[] = [];
        let last = after ?? null;
        const size = isSpan ? pageLimits.documentsPerLook : limit;
        for (let looked = 0; looked < pageLimits.documentsLookedAt; looked += size) {
          const found = yield* references.page(reference, { after: last, limit: size + 1 });
          for (const document of found.slice(0, size)) {
            last = reference.idOf(document);
            if (!isUpdated(document.updatedAt)) continue;
            rows.push(document);
            if (rows.length === limit) {
              const isEnd = document === found.at(-1);
              return { rows, next: isEnd ? null : [last] };
            }
          }
          if (found.length <= size) return { rows, next: null };
        }
        return { rows, next: last === null ? null : [last] };
      });
      return yield* largePage(request, {
        limit: pageSize(request.query),
        cursor: yield* decodeCursor(request.query, 1),
        read,
        after: (document) => [reference.idOf(document)],
        view: (document) => document,
      });
    }),
  });
