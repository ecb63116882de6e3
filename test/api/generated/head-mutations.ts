/** Headers, paths, parameters and methods that are not as they must be. */
import { type Call, callOf, pathOf, type Plan, targetOf } from "./call.ts";
import type { Operation, Parameter } from "./document.ts";
import { allowed, type Mutation, refused } from "./mutation.ts";

const oddIdempotencyKeys = [
  "x".repeat(256),
  "x".repeat(10_000),
  `"${"x".repeat(256)}"`,
  '"open',
  '""',
  "two words",
  '"a" "b"',
  '"a\\b"',
  "é",
  "\u00ff",
  "a\tb",
  "",
];

export const oddIdempotencyKey: Mutation = (plan, _, chance) => {
  const isRead = plan.operation.parameters.some(({ name }) => name === "Idempotency-Key");
  const call = callOf(plan);
  return {
    name: "header: odd Idempotency-Key",
    call: {
      ...call,
      headers: { ...call.headers, "idempotency-key": chance.pick(oddIdempotencyKeys) },
    },
    expectation: isRead ? refused(400) : allowed,
  };
};

const unreadableTags = [
  "1",
  '"1',
  '1"',
  '"1", "2"',
  "'1'",
  '"a b"',
  'w/"1"',
  '"\u00e9"',
  "",
  "W/1",
];
const otherTags = ['"999"', 'W/"1"', '""', '"nonsense"', '"-1"', '"1.0"', '"01"'];

const readsIfMatch = ({ parameters }: Operation): boolean =>
  parameters.some(({ name }) => name === "If-Match");

export const oddIfMatch: Mutation = (plan, _, chance) => {
  const call = callOf(plan);
  const isReadable = chance.happens(0.5);
  const tag = chance.pick(isReadable ? otherTags : unreadableTags);
  return {
    name: `header: If-Match ${isReadable ? "of another version" : "that cannot be read"}`,
    call: { ...call, headers: { ...call.headers, "if-match": tag } },
    expectation: readsIfMatch(plan.operation) ? refused(isReadable ? 412 : 400) : allowed,
  };
};

export const oddIfNoneMatch: Mutation = (plan, _, chance) => {
  const call = callOf(plan);
  const tag = chance.pick(["nonsense", '"', "", ",,,", '"999", W/"998"', "W/", "x".repeat(5_000)]);
  return {
    name: "header: odd If-None-Match",
    call: { ...call, headers: { ...call.headers, "if-none-match": tag } },
    expectation: allowed,
  };
};

const wrongKeys = [
  null,
  "",
  "Bearer",
  "Bearer ",
  "Bearer nobody",
  `Bearer ${"x".repeat(20_000)}`,
  "Basic YWxsb3Q6eA==",
  "Bearer \u00e9",
  "bearer",
  "Token nobody",
  "Bearer a b",
];

export const wrongKey: Mutation = (plan, _, chance) => {
  if (plan.operation.isPublic) return null;
  const call = callOf(plan);
  const key = chance.pick(wrongKeys);
  return {
    name: "header: wrong key",
    // Named here, so that the runner adds no right one.
    call: { ...call, headers: { ...call.headers, authorization: key ?? "" } },
    expectation: refused(401),
  };
};

const withQuery = (plan: Plan, name: string, value: string): Call =>
  callOf({ ...plan, query: [...plan.query.filter(([each]) => each !== name), [name, value]] });

const unknownNames = [
  "nonsense",
  "Limit",
  "limit ",
  "limit[]",
  "__proto__",
  "constructor",
  "é",
  "",
];

export const unknownParameter: Mutation = (plan, _, chance) => {
  const name = chance.pick(unknownNames);
  const value = chance.pick(["", "1", "true", "\u0000", "😀"]);
  if (name === "" && value === "") return null;
  return {
    name: "query: unknown parameter",
    call: withQuery(plan, name, value),
    expectation: refused(422),
  };
};

const queryParameters = ({ parameters }: Operation): readonly Parameter[] =>
  parameters.filter((each) => each.in === "query");

export const repeatedParameter: Mutation = (plan, _, chance) => {
  const known = queryParameters(plan.operation).map(({ name }) => name);
  const name = chance.pick([...known, "nonsense"]);
  const value = chance.pick(["1", "2", "web"]);
  return {
    name: "query: repeated parameter",
    call: callOf({ ...plan, query: [...plan.query, [name, value], [name, value]] }),
    expectation: refused(422),
  };
};

const oddNumbers = ["0", "-1", "201", "1.5", "1e9", "999999999999999999999", "-0", "ten", "NaN"];
const oddValues = [
  ...oddNumbers,
  "",
  " ",
  "+1",
  "0x10",
  "x".repeat(101),
  "😀".repeat(101),
  "x".repeat(2_000),
  "\u0000",
  "null",
  "2026-02-30T00:00:00Z",
  "2026-01-01",
  "9999-12-31T23:59:59-01:00",
  "1969-01-01T00:00:00Z",
  "ALLOCATED",
  "%",
  "שלום",
];

const cursorOf = (value: unknown): string =>
  btoa(unescape(encodeURIComponent(JSON.stringify(value)))).replaceAll("+", "-").replaceAll(
    "/",
    "_",
  );

const oddCursors: readonly string[] = [
  "nonsense",
  "😀",
  "====",
  ...[
    [],
    [""],
    ["", ""],
    ["x"],
    ["x", "y"],
    ["0"],
    ["0", "0"],
    ["-1", "0"],
    ["1e3", "0"],
    ["999999999", "999999999"],
    ["9007199254740993", "0"],
    ["0", "9007199254740991"],
    ["\u0000"],
    ["\uffff"],
    ["ord_zzzzzzzzzzzzzzzzzzzzzz"],
    ["a", "b", "c"],
    [1],
    [null],
    {},
    null,
    "text",
    [["x"]],
  ].map(cursorOf),
];

export const oddParameter: Mutation = (plan, document, chance) => {
  const parameters = queryParameters(plan.operation);
  if (parameters.length === 0) return null;
  const parameter = chance.pick(parameters);
  const value = chance.pick(parameter.name === "cursor" ? oddCursors : oddValues);
  const misfits = document.parameterMisfits(plan.operation, parameter, value);
  return {
    name: parameter.name === "cursor" ? "query: odd cursor" : "query: odd value",
    call: withQuery(plan, parameter.name, value),
    expectation: misfits.length > 0 ? refused(422) : allowed,
  };
};

const strayQueries = [
  "?",
  "?&&",
  "?=",
  "?%",
  "?%ff=%fe",
  "?limit=%ff",
  "?a;b",
  `?${"x".repeat(9_000)}`,
];

export const strayQuery: Mutation = (plan, _, chance) => {
  const query = chance.pick(strayQueries);
  const call = callOf(plan);
  const needsSome = plan.operation.parameters.some((each) => each.in === "query" && each.required);
  const isNothing = !needsSome && (query === "?" || query === "?&&");
  return {
    name: "query: stray",
    call: { ...call, target: pathOf(plan) + query },
    expectation: isNothing && !needsSome ? allowed : refused(422),
  };
};

const oddIds = [
  "nothing",
  "x".repeat(101),
  "😀".repeat(101),
  "x".repeat(5_000),
  "\u0000",
  "ord_",
  "a/b",
  " ",
];

export const oddId: Mutation = (plan, document, chance) => {
  const parameters = plan.operation.parameters.filter((each) => each.in === "path");
  if (parameters.length === 0) return null;
  const parameter = chance.pick(parameters);
  const isPut = plan.operation.method === "PUT";
  // It makes what is not there; another one changes what is.
  const isSave = isPut && !Object.hasOwn(plan.operation.responses, 404);
  // What is saved here must not be there when it is asked for as nothing.
  const value = chance.pick(oddIds) + (isSave ? " saved" : "");
  const fits = document.parameterMisfits(plan.operation, parameter, value).length === 0;
  return {
    name: "path: odd id",
    call: callOf({ ...plan, params: { ...plan.params, [parameter.name]: value } }),
    expectation: isSave && fits
      ? allowed
      : refused(isPut && !fits ? 422 : fits ? missing(plan.operation) : 404),
  };
};

/** Who signs what he sends is not told of whom there is. */
const missing = ({ id }: Operation): number => id === "receiveProviderWebhook" ? 401 : 404;

const undecodable = ["%ff", "%c3", "%ed%a0%80", "%e2%82", "a%ff"];

export const undecodableId: Mutation = (plan, _, chance) => {
  const target = plan.operation.path;
  if (!target.includes("{")) return null;
  const raw = chance.pick(undecodable);
  const [, query = ""] = targetOf(plan).split("?", 2);
  const path = target.replace(/\{\w+\}/, raw);
  return {
    name: "path: bytes that are no text",
    call: { ...callOf(plan), target: query === "" ? path : `${path}?${query}` },
    expectation: refused(plan.operation.method === "PUT" ? 422 : 404),
  };
};

export const strayPath: Mutation = (plan, _, chance) => {
  const path = pathOf(plan);
  const stray = chance.pick([
    `${path}/`,
    `${path}/more/and/more`,
    path.replace("/", "//"),
    `/v2${path}`,
    path.toUpperCase(),
    `${path}%20`.replace("/v1/", "/v1%2f"),
    `${path};x=1`.replace("/v1", "/v1;x"),
  ]);
  return {
    name: "path: stray",
    call: { ...callOf(plan), target: stray },
    // Other methods may have a path like it.
    expectation: refused(404, 405),
  };
};

const methodNames = ["GET", "PUT", "POST", "DELETE", "PATCH", "PROPFIND", "get", "X"];

export const wrongMethod: Mutation = (plan, document, chance) => {
  const method = chance.pick(methodNames);
  const call = callOf(plan);
  const path = pathOf(plan);
  const patterns = document.operations.map((operation) => ({
    method: operation.method,
    pattern: new RegExp(`^${operation.path.replaceAll(".", "\\.").replace(/\{\w+\}/g, "[^/]+")}$`),
  }));
  if (patterns.some((each) => each.method === method.toUpperCase() && each.pattern.test(path))) {
    return null;
  }
  return {
    name: "method: another",
    call: { ...call, method, body: method.toUpperCase() === "GET" ? null : call.body },
    expectation: refused(405),
  };
};

export const options: Mutation = (plan) => ({
  name: "method: OPTIONS",
  call: { ...callOf(plan), method: "OPTIONS" },
  expectation: allowed,
});

export const head: Mutation = (plan) =>
  plan.operation.method !== "GET" ? null : {
    name: "method: HEAD",
    call: { ...callOf(plan), method: "HEAD" },
    expectation: allowed,
  };
