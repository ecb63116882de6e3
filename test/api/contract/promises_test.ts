/** What was promised to clients under `/v1` holds. */
import assert from "node:assert/strict";
import { Effect, Schema } from "effect";
import { json } from "../../../api/http/answer.ts";
import { openApiDocument } from "../../../api/http/openapi.ts";
import { jsonBody, route, type RouteDescriptor } from "../../../api/http/registry.ts";
import { routes } from "../../../api/routes.ts";
import { subjects } from "../../../src/subjects.ts";
import { broken, type Promises, promisesOf } from "./promises.ts";

const recorded: Promises = JSON.parse(
  await Deno.readTextFile(new URL("v1.json", import.meta.url)),
);

Deno.test("everything that was promised is still so, and no more is demanded", () => {
  assert.ok(recorded.promises.length > 500);
  const now = promisesOf(
    openApiDocument(routes, "0.0.0", subjects.eventTypes.values()),
  );
  const hint =
    "Clients would break. Before the first release, or after a sunset: `deno task contract`";
  assert.deepEqual(broken(recorded, now), [], hint);
});

/** Fields that need no service to be decoded. */
type Fields = Readonly<Record<string, Schema.Codec<unknown, unknown>>>;

interface Thing {
  readonly id?: string;
  readonly asked?: Fields;
  readonly told?: Fields;
  readonly query?: Fields;
}

const asked = { name: Schema.String, size: Schema.optionalKey(Schema.Literals(["s", "m"])) };
const told = { name: Schema.String, count: Schema.Int, note: Schema.optionalKey(Schema.String) };

const promisedBy = (thing: Thing): Promises => {
  const described: RouteDescriptor = route({
    method: "POST",
    path: "/v1/things",
    operationId: thing.id ?? "makeThing",
    summary: "Make a thing",
    tags: [],
    permission: "catalog:write",
    query: Schema.Struct(thing.query ?? {}),
    body: jsonBody(Schema.Struct(thing.asked ?? asked).annotate({ identifier: "ThingRequest" })),
    responses: {
      200: {
        description: "It",
        schema: Schema.Struct(thing.told ?? told).annotate({ identifier: "Thing" }),
      },
    },
    handler: () => Effect.succeed(json(200, {})),
  });
  return promisesOf(openApiDocument([described], "0.0.0"));
};

const found = (thing: Thing) => broken(promisedBy({}), promisedBy(thing));

Deno.test("additions break nothing", () => {
  assert.deepEqual(found({}), []);
  assert.deepEqual(found({ told: { ...told, more: Schema.Finite } }), []);
  assert.deepEqual(found({ asked: { ...asked, more: Schema.optionalKey(Schema.Finite) } }), []);
  assert.deepEqual(found({ query: { more: Schema.optionalKey(Schema.Int) } }), []);
  const sizes = Schema.optionalKey(Schema.Literals(["s", "m", "l"]));
  assert.deepEqual(found({ asked: { ...asked, size: sizes } }), []);
});

Deno.test("everything else is found out", () => {
  const breaks: readonly (readonly [Thing, RegExp])[] = [
    [{ id: "createThing" }, /no longer: operation makeThing POST \/v1\/things/],
    [{ told: { name: told.name, count: told.count } }, /no longer: has Thing.note string/],
    [{ told: { ...told, count: Schema.String } }, /no longer: has Thing.count int64/],
    [{ told: { ...told, count: Schema.optionalKey(Schema.Int) } }, /no longer: always Thing.count/],
    [{ told: { ...told, name: Schema.NullOr(Schema.String) } }, /no longer: has Thing.name string/],
    [{ asked: { name: asked.name } }, /no longer: has ThingRequest.size/],
    [{ asked: { ...asked, size: Schema.Literals(["s", "m"]) } }, /demanded: ThingRequest.size/],
    [{ asked: { ...asked, more: Schema.String } }, /newly demanded: ThingRequest.more/],
    [{ query: { more: Schema.Int } }, /newly demanded: makeThing query more/],
    [
      { asked: { ...asked, size: Schema.optionalKey(Schema.Literals(["m", "l"])) } },
      /no longer: has ThingRequestSize s/,
    ],
  ];
  for (const [thing, expected] of breaks) {
    const all = found(thing);
    assert.ok(all.some((each) => expected.test(each)), `${expected}: ${all.join("; ")}`);
  }
});
