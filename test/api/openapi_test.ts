/** The OpenAPI document: every route is in it, and it is one that tools can read. */
import assert from "node:assert/strict";
import { makeApp } from "../../api/http/app.ts";
import { openApiDocument, type OpenApiOperation } from "../../api/http/openapi.ts";
import { routes } from "../../api/routes.ts";
import { startServer } from "../support/server.ts";

const document = openApiDocument(routes, "0.0.0");

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation }))
);

Deno.test("every route that the app serves is in the document, and nothing else is", async () => {
  await using server = await startServer();
  const app = makeApp(routes, server.application.context);
  const served = app.routes.map(({ method, path }) =>
    `${method.toLowerCase()} ${path.replace(/:(\w+)/g, "{$1}")}`
  );
  const described = operations.map(({ method, path }) => `${method} ${path}`);
  assert.deepEqual([...served].sort(), [...described].sort());
  assert.equal(new Set(served).size, served.length, "no route is served twice");
});

Deno.test("should serve the document as JSON, and 304 while it is the same", async () => {
  await using server = await startServer();
  const answer = await server.ask("/openapi.json", { key: null });
  assert.equal(answer.status, 200);
  assert.match(String(answer.body.openapi), /^3\.1\.\d+$/);
  assert.deepEqual(answer.body.paths, JSON.parse(JSON.stringify(document.paths)));
  const again = await server.ask("/openapi.json", {
    headers: { "if-none-match": answer.headers.get("etag") ?? "" },
  });
  assert.equal(again.status, 304);
});

Deno.test("should serve a page of it that needs nothing from elsewhere", async () => {
  await using server = await startServer();
  const { status, headers, text } = await server.ask("/docs", { key: null });
  assert.equal(status, 200);
  assert.match(headers.get("content-type") ?? "", /^text\/html/);
  // Addresses in examples are but texts.
  assert.ok(!/<script|@import|url\(|(?:src|href|action)=["']?https?:/i.test(text));
  for (const { operation } of operations) assert.ok(text.includes(`id="${operation.operationId}"`));
});

const eachOf = (value: unknown, look: (part: Readonly<Record<string, unknown>>) => void): void => {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) look(value as Readonly<Record<string, unknown>>);
  for (const part of Object.values(value)) eachOf(part, look);
};

Deno.test("every reference leads somewhere, and every shared part is used", () => {
  const used = new Set<string>();
  eachOf(document, ({ $ref }) => {
    if (typeof $ref === "string") used.add($ref);
  });
  const { securitySchemes: _, ...shared } = document.components;
  const declared = Object.entries(shared).flatMap(([kind, parts]) =>
    Object.keys(parts).map((name) => `#/components/${kind}/${name}`)
  );
  assert.deepEqual([...used].sort(), declared.sort());
});

Deno.test("every operation has an id of its own, a known tag, and its path's parameters", () => {
  const ids = operations.map(({ operation }) => operation.operationId);
  assert.equal(new Set(ids).size, ids.length);
  const tags = new Set(document.tags.map(({ name }) => name));
  for (const { path, operation } of operations) {
    for (const tag of operation.tags) assert.ok(tags.has(tag), tag);
    assert.ok(operation.summary.length > 0);
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
    const declared = (operation.parameters ?? []).filter((each) => each.in === "path");
    assert.deepEqual(declared.map(({ name }) => name).sort(), inPath, path);
    assert.ok(declared.every(({ required }) => required));
    const names = (operation.parameters ?? []).map((each) => `${each.in} ${each.name}`);
    assert.equal(new Set(names).size, names.length, path);
  }
});

const has = (operation: OpenApiOperation, name: string): boolean =>
  (operation.parameters ?? []).some((each) => each.in === "header" && each.name === name);

Deno.test("every operation says how it succeeds and how it fails", () => {
  for (const { path, method, operation } of operations) {
    const what = `${method} ${path}`;
    const statuses = Object.keys(operation.responses);
    assert.ok(statuses.some((status) => status.startsWith("2")), what);
    assert.ok(statuses.every((status) => /^(?:[1-5]\d\d|default)$/.test(status)), what);
    assert.deepEqual(operation.responses["default"], { $ref: "#/components/responses/Problem" });
    for (const [status, response] of Object.entries(operation.responses)) {
      if (status !== "default") assert.equal(typeof response.description, "string", what);
    }
    const isPublic = operation.security?.length === 0;
    // Whoever is not asked for a key may be asked for a signature.
    const isSigned = operation.operationId === "receiveProviderWebhook";
    assert.equal(isPublic && !isSigned, !statuses.includes("401"), what);
    assert.equal(method === "post", has(operation, "Idempotency-Key"), what);
    assert.equal(operation.requestBody !== undefined, statuses.includes("415"), what);
    if (method === "get") assert.equal(operation.requestBody, undefined, what);
    assert.equal(has(operation, "If-Match"), statuses.includes("412"), what);
  }
});

Deno.test("requests are closed to unknown fields in the document as in the decoder", () => {
  for (const [name, schema] of Object.entries(document.components.schemas)) {
    if (!name.endsWith("Request")) continue;
    const { additionalProperties } = schema as { additionalProperties?: unknown };
    assert.equal(additionalProperties, false, name);
  }
});
