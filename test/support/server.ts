/** The whole application in this process, on a store in memory, asked as a client would ask it. */
import assert from "node:assert/strict";
import { Clock, Layer, Schema, SchemaParser } from "effect";
import { type Application, type ApplicationParts, startApplication } from "../../api/server.ts";
import { pathPattern } from "../../api/http/registry.ts";
import { routes, routesOf } from "../../api/routes.ts";
import type { Settings } from "../../api/settings.ts";
import { requestLimits } from "../../src/kernel/limits.ts";
import { KvStore } from "../../src/store/kv.ts";
import type { Store, StoreError } from "../../src/store/store.ts";
import { limitsForTests } from "./limits.ts";

export const adminKey = "admin-key-of-the-tests";

export interface TestServerOptions {
  readonly settings?: Partial<Settings>;
  /** By default in memory. */
  readonly path?: string;
  /** Instead of one that is opened here. */
  readonly store?: Layer.Layer<Store, StoreError>;
  /** Put between the engine and its store. */
  readonly faults?: Layer.Layer<Store, never, Store>;
  /** Instead of the machine's. */
  readonly clock?: Clock.Clock;
  /** Instead of the engine's own. */
  readonly parts?: ApplicationParts;
}

/** A response with its body read: what most tests look at. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; null when there is none. */
  readonly body: Json;
}

/** JSON that a test looks into without a schema of its own: what is not there is `undefined`. */
export type Json = {
  readonly [name: string]: Json;
} & {
  readonly [index: number]: Json;
} & Iterable<Json>;

export interface Ask {
  readonly method?: string;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly body?: BodyInit;
  readonly headers?: Readonly<Record<string, string>>;
  /** The key; null for none. By default the admin key. */
  readonly key?: string | null;
}

export interface TestServer {
  readonly application: Application;
  readonly fetch: (request: Request) => Promise<Response>;
  /** Asks, reads the answer, and holds it against the schema of its route. */
  readonly ask: (path: string, ask?: Ask) => Promise<Answer>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

const origin = "http://allot.test";

interface Pattern {
  readonly method: string;
  readonly pattern: RegExp;
  readonly route: (typeof routes)[number];
}

const patternsOf = (all: typeof routes): readonly Pattern[] =>
  all.map((route) => ({ method: route.method, pattern: pathPattern(route.path), route }));

const ownPatterns = patternsOf(routes);

const decoders = new WeakMap<Schema.Decoder<unknown>, (body: unknown) => unknown>();

/** Made once: making it takes as long as using it. */
const decoderOf = (schema: Schema.Decoder<unknown>): (body: unknown) => unknown => {
  let decoder = decoders.get(schema);
  if (decoder === undefined) {
    decoder = SchemaParser.decodeUnknownSync(schema, { errors: "all", onExcessProperty: "error" });
    decoders.set(schema, decoder);
  }
  return decoder;
};

/** What the route's definition says of an answer must be so: the document is made of the same. */
const checkAnswer = (
  patterns: readonly Pattern[],
  method: string,
  path: string,
  answer: Answer,
): void => {
  const found = patterns.find((each) => each.method === method && each.pattern.test(path));
  if (found === undefined || answer.status >= 400 || answer.status === 304) return;
  // Kept from then, perhaps by an earlier version.
  if (answer.headers.has("idempotent-replayed")) return;
  const response = found.route.responses[answer.status];
  assert.ok(response, `${method} ${path} answered ${answer.status}, which its definition has not`);
  const mediaType = answer.headers.get("content-type") ?? "";
  const schema = (response.onRequest?.[mediaType] ?? response.schema) as
    | Schema.Decoder<unknown>
    | undefined;
  if (schema === undefined) return;
  decoderOf(schema)(answer.body);
  for (const name of Object.keys(response.headers ?? {})) {
    assert.ok(answer.headers.has(name), `${method} ${path} answered without ${name}`);
  }
};

const checkProblem = (answer: Answer): void => {
  assert.equal(answer.headers.get("content-type"), "application/problem+json");
  assert.match(String(answer.body.type), /^\/problems\/[a-z-]+$/);
  assert.equal(answer.body.status, answer.status);
  assert.doesNotMatch(answer.text, /\bat .*\.ts:\d+/, "no stack trace leaves the server");
};

export const startServer = async (options: TestServerOptions = {}): Promise<TestServer> => {
  const settings: Settings = {
    port: 0,
    host: "127.0.0.1",
    kvPath: options.path ?? ":memory:",
    adminKey,
    logLevel: "None",
    shelves: 1,
    autoCloseAfterMs: limitsForTests.autoCloseAfterMs,
    inFlightCommands: requestLimits.inFlightCommands,
    ...options.settings,
  };
  const kv = options.store ?? KvStore.layer({ path: settings.kvPath });
  const store = options.faults === undefined ? kv : options.faults.pipe(Layer.provide(kv));
  const application = await startApplication(
    settings,
    options.clock === undefined
      ? store
      : Layer.merge(store, Layer.succeed(Clock.Clock, options.clock)),
    options.parts,
  );
  const patterns = options.parts?.api === undefined
    ? ownPatterns
    : patternsOf(routesOf(options.parts.api, options.parts.subjects));
  const fetch = async (request: Request) => await application.fetch(request);
  return {
    application,
    fetch,
    ask: async (path, { method, json, body, headers, key = adminKey } = {}) => {
      const sent = new Headers(headers);
      if (key !== null) sent.set("authorization", `Bearer ${key}`);
      if (json !== undefined && !sent.has("content-type")) {
        sent.set("content-type", "application/json");
      }
      const content = json === undefined ? body : JSON.stringify(json);
      const asked = method ?? (content === undefined ? "GET" : "POST");
      const response = await fetch(
        new Request(origin + path, {
          method: asked,
          headers: sent,
          ...(content === undefined ? {} : { body: content }),
        }),
      );
      const text = await response.text();
      const isJson = response.headers.get("content-type")?.includes("json") ?? false;
      const answer: Answer = {
        status: response.status,
        headers: response.headers,
        text,
        body: isJson && text !== "" ? JSON.parse(text) : null,
      };
      if (answer.status >= 400 && asked !== "HEAD") checkProblem(answer);
      checkAnswer(patterns, asked, path.split("?")[0] ?? path, answer);
      return answer;
    },
    [Symbol.asyncDispose]: () => application.close(),
  };
};

/** Locations with stock, over HTTP: `{ams: {mug: 5}}`. */
export const stockOver = async (
  server: TestServer,
  stock: Readonly<Record<string, Readonly<Record<string, number>>>>,
): Promise<void> => {
  for (const [locationId, units] of Object.entries(stock)) {
    const saved = await server.ask(`/v1/locations/${locationId}`, {
      method: "PUT",
      json: { name: locationId, type: "warehouse", address: { country: "NL" } },
    });
    assert.ok(saved.status < 300, saved.text);
    const changes = Object.entries(units).map(([sku, delta]) => ({ sku, delta }));
    if (changes.length === 0) continue;
    const adjusted = await server.ask("/v1/inventory/adjustments", {
      json: { locationId, reason: "received", changes },
    });
    assert.equal(adjusted.status, 200, adjusted.text);
  }
};

/** The body of an order for `{sku: quantity}`. */
export const orderFor = (
  externalId: string,
  units: Readonly<Record<string, number>>,
  more: Readonly<Record<string, unknown>> = {},
) => ({
  channel: "web",
  externalId,
  currency: "USD",
  customer: { name: "Ada Example" },
  shippingAddress: { country: "NL", city: "Utrecht" },
  lines: Object.entries(units).map(([sku, quantity]) => ({
    sku,
    quantity,
    unitPrice: { amount: "10.00", currency: "USD" },
  })),
  ...more,
});

/** A key of a role and a scope. */
export const keyFor = async (
  server: TestServer,
  role: string,
  scope: Readonly<Record<string, string>> = {},
): Promise<string> => {
  const made = await server.ask("/v1/admin/keys", { json: { name: role, role, scope } });
  assert.equal(made.status, 201, made.text);
  return String(made.body.key);
};
