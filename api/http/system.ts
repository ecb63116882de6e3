/** Routes of the process itself, for operators and machines: alive, ready, counted, described. */
import { createHash } from "node:crypto";
import { type Context, Effect, Schema } from "effect";
import { PrometheusMetrics } from "effect/observability";
import { Status } from "../../actors/status/status.ts";
import { StoreHealth } from "../../actors/status/store-health.ts";
import { requestLimits } from "../../src/kernel/limits.ts";
import type { EventType } from "../../src/subject/event-type.ts";
import { Identifier } from "../../src/kernel/vocabulary.ts";
import type { StoredResponse } from "../../src/store/documents.ts";
import { json } from "./answer.ts";
import { asDocument } from "./compress.ts";
import { docsPage } from "./docs.ts";
import { processLimits } from "./limits.ts";
import { openApiDocument, problemTypesOf } from "./openapi.ts";
import { problemPage } from "./problem-pages.ts";
import { fail } from "./problems.ts";
import { route, type RouteDefinition, type RouteDescriptor, type Tag } from "./registry.ts";
import project from "../../deno.json" with { type: "json" };

const Health = Schema.Struct({ status: Schema.String }).annotate({ identifier: "Health" });

/** The tag of routes about the process. */
const systemTag: Tag = { name: "System", description: "The process" };

/** The tag of routes for administrators and operators, of all subjects. */
export const adminTag: Tag = { name: "Admin", description: "Keys and proofs" };

const prometheusText = "text/plain; version=0.0.4; charset=utf-8";

const notInTime = fail("unavailable", "The store does not answer in time.", {
  headers: { "retry-after": String(requestLimits.retryAfterSeconds) },
});

/** Metrics are shown all the more when the store does not answer: with what was read of it before. */
const measured = Effect.gen(function* () {
  yield* (yield* Status).measure;
}).pipe(Effect.timeoutOption(processLimits.measureMs), Effect.ignore);

const shownMetrics = Effect.contextWith((context: Context.Context<never>) =>
  Effect.sync((): StoredResponse => ({
    status: 200,
    headers: { "content-type": prometheusText },
    body: PrometheusMetrics.formatUnsafe(context),
  }))
);

export const systemRoutes = [
  route({
    method: "GET",
    path: "/healthz",
    operationId: "getHealth",
    summary: "Whether the process runs",
    tags: [systemTag],
    permission: "public",
    responses: { 200: { description: "It runs", schema: Health } },
    handler: () => Effect.succeed(json(200, { status: "ok" })),
  }),
  route({
    method: "GET",
    path: "/readyz",
    operationId: "getReadiness",
    summary:
      "Whether it can take requests: the engine runs, and the store answers and takes commits",
    tags: [systemTag],
    permission: "public",
    responses: { 200: { description: "It is ready", schema: Health } },
    handler: () =>
      Effect.gen(function* () {
        const health = yield* StoreHealth;
        yield* health.check;
        return json(200, { status: "ready" });
      }).pipe(
        Effect.timeoutOrElse({
          duration: requestLimits.readinessMs,
          orElse: () => Effect.fail(notInTime),
        }),
      ),
  }),
  route({
    method: "GET",
    path: "/metrics",
    operationId: "getMetrics",
    summary: "Metrics for Prometheus",
    tags: [systemTag],
    permission: "public",
    responses: { 200: { description: "Every metric", mediaType: prometheusText } },
    handler: () => Effect.andThen(measured, shownMetrics),
  }),
];

const tagged = (text: string): string =>
  `"${createHash("sha256").update(text).digest("base64url").slice(0, 22)}"`;

const pageType = "text/html; charset=utf-8";

const asPage = (html: string): StoredResponse => ({
  status: 200,
  headers: {
    "content-type": pageType,
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    etag: tagged(html),
  },
  body: html,
});

const aPage = {
  description: "A page",
  mediaType: pageType,
  headers: { etag: "Changes with the page" },
};

/** The routes that describe all routes, themselves included. */
export const descriptionRoutes = (
  others: readonly RouteDescriptor[],
  eventTypes: Iterable<EventType>,
): readonly RouteDefinition[] => {
  let made: { readonly openApi: StoredResponse; readonly docs: StoredResponse } | undefined;
  /** Made when somebody first asks: starting need not wait for it. */
  const texts = () => {
    if (made !== undefined) return made;
    const document = openApiDocument([...others, ...routes], project.version, eventTypes);
    const openApi = json(200, document);
    const docs = docsPage(document);
    made = {
      openApi: asDocument({
        ...openApi,
        headers: { ...openApi.headers, etag: tagged(openApi.body) },
      }),
      docs: asDocument(asPage(docs)),
    };
    return made;
  };
  const routes: readonly RouteDefinition[] = [
    route({
      method: "GET",
      path: "/openapi.json",
      operationId: "getOpenApi",
      summary: "This API as an OpenAPI 3.1 document",
      tags: [systemTag],
      permission: "public",
      responses: {
        200: {
          description: "The document",
          schema: Schema.Record(Schema.String, Schema.Unknown),
          headers: { etag: "Changes with the document" },
        },
      },
      handler: () => Effect.sync(() => texts().openApi),
    }),
    route({
      method: "GET",
      path: "/docs",
      operationId: "getDocs",
      summary: "This API for people",
      tags: [systemTag],
      permission: "public",
      responses: { 200: aPage },
      handler: () => Effect.sync(() => texts().docs),
    }),
    route({
      method: "GET",
      path: "/problems/{name}",
      operationId: "getProblem",
      summary: "What a type of problem is, and what to do, for people",
      tags: [systemTag],
      permission: "public",
      params: Schema.Struct({ name: Identifier }),
      responses: { 200: aPage },
      handler: ({ params: { name } }) =>
        Effect.suspend(() => {
          const all = [...others, ...routes];
          const type = problemTypesOf(all).find((each) => each.name === name);
          return type === undefined
            ? Effect.fail(fail("not-found", `There is no type of problem ${name}.`))
            : Effect.succeed(asPage(problemPage(type, all)));
        }),
    }),
  ];
  return routes;
};
