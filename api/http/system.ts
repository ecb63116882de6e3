/** Routes of the process itself, for operators and machines: alive, ready, counted, described. */
import { createHash } from "node:crypto";
import { type Context, Effect, Schema } from "effect";
import { PrometheusMetrics } from "effect/observability";
import { StoreHealth } from "../../actors/status/store-health.ts";
import { requestLimits } from "../../src/kernel/limits.ts";
import type { StoredResponse } from "../../src/store/documents.ts";
import { json } from "./answer.ts";
import { docsPage } from "./docs.ts";
import { openApiDocument } from "./openapi.ts";
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
    handler: () =>
      Effect.contextWith((context: Context.Context<never>) =>
        Effect.succeed<StoredResponse>({
          status: 200,
          headers: { "content-type": prometheusText },
          body: PrometheusMetrics.formatUnsafe(context),
        })
      ),
  }),
];

const tagged = (text: string): string =>
  `"${createHash("sha256").update(text).digest("base64url").slice(0, 22)}"`;

/** The routes that describe all routes, themselves included. */
export const descriptionRoutes = (
  others: readonly RouteDescriptor[],
): readonly RouteDefinition[] => {
  let made: { readonly openApi: StoredResponse; readonly docs: StoredResponse } | undefined;
  /** Made when somebody first asks: starting need not wait for it. */
  const texts = () => {
    if (made !== undefined) return made;
    const document = openApiDocument([...others, ...routes], project.version);
    const openApi = json(200, document);
    const docs = docsPage(document);
    made = {
      openApi: { ...openApi, headers: { ...openApi.headers, etag: tagged(openApi.body) } },
      docs: {
        status: 200,
        headers: {
          "content-type": "text/html; charset=utf-8",
          "referrer-policy": "no-referrer",
          "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
          etag: tagged(docs),
        },
        body: docs,
      },
    };
    return made;
  };
  const routes = [
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
      responses: {
        200: {
          description: "A page",
          mediaType: "text/html; charset=utf-8",
          headers: { etag: "Changes with the page" },
        },
      },
      handler: () => Effect.sync(() => texts().docs),
    }),
  ];
  return routes;
};
