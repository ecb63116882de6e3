/** An engine that lies is found out: each lie here is told now and then, and a block must catch it. */
import assert from "node:assert/strict";
import type { Fetch } from "./call.ts";
import { runBlock } from "./run.ts";

/** More than the first of each operation, so that there are bad requests among them. */
const requests = 190;

const changed = async (
  response: Response,
  change: { readonly status?: number; readonly body?: string; readonly headers?: Headers },
): Promise<Response> => {
  const { status = response.status, headers = response.headers, body } = change;
  const text = body ?? await response.text();
  return new Response(text === "" || status === 304 ? null : text, { status, headers });
};

const isProblem = (response: Response): boolean =>
  response.headers.get("content-type") === "application/problem+json";

const isJson = (response: Response): boolean =>
  response.headers.get("content-type") === "application/json";

/** Answers with what the change makes of the answer, where it applies. */
const lying = (
  applies: (response: Response, request: Request) => boolean,
  change: (response: Response) => Promise<Response>,
) =>
(fetch: Fetch): Fetch =>
async (request) => {
  const response = await fetch(request);
  const isEndless = response.headers.get("content-type") === "text/event-stream";
  return !isEndless && applies(response, request) ? await change(response) : response;
};

const withMember = (name: string, value: unknown) => async (response: Response) => {
  const text = await response.text();
  // An answer to HEAD.
  if (text === "") return changed(response, { body: "" });
  return changed(response, { body: JSON.stringify({ ...JSON.parse(text), [name]: value }) });
};

const withoutHeader = (name: string) => (response: Response) => {
  const headers = new Headers(response.headers);
  headers.delete(name);
  return changed(response, { headers });
};

const withHeader = (name: string, value: string) => (response: Response) => {
  const headers = new Headers(response.headers);
  headers.set(name, value);
  return changed(response, { headers });
};

interface Lie {
  readonly between: (fetch: Fetch) => Fetch;
  readonly found: RegExp;
}

const isRefused = ({ status }: Response): boolean => status === 422;

const lies: Readonly<Record<string, Lie>> = {
  "takes what is wrong": {
    between: lying(isRefused, (response) => changed(response, { status: 200 })),
    found: /it should have been refused/,
  },
  "refuses what is right": {
    between: lying(
      ({ status }, { method }) => status === 201 && method === "POST",
      (response) => changed(response, { status: 409 }),
    ),
    found: /it should have succeeded/,
  },
  "breaks down": {
    between: lying(isRefused, (response) => changed(response, { status: 500 })),
    found: /it is a server's error/,
  },
  "answers with a status that nobody knows": {
    between: lying(isRefused, (response) => changed(response, { status: 418 })),
    found: /418 is not documented/,
  },
  "answers with another status than it should": {
    between: lying(
      ({ status }) => status === 400,
      (response) => changed(response, { status: 422 }),
    ),
    found: /it should be 400/,
  },
  "shows more than the document has": {
    between: lying(isJson, withMember("secret", 1)),
    found: /must NOT have additional properties/,
  },
  "shows less": {
    between: lying(isJson, withMember("version", undefined)),
    found: /must have required property 'version'/,
  },
  "tells where in its code it failed": {
    between: lying(isProblem, withMember("detail", "TypeError at order.ts:17")),
    found: /it tells of the inside/,
  },
  "points at nothing": {
    between: lying(isRefused, withMember("errors", [{ pointer: "/no/such", detail: "wrong" }])),
    found: /leads nowhere/,
  },
  "points at something else": {
    between: lying(isRefused, withMember("errors", [{ pointer: "/other", detail: "wrong" }])),
    found: /it points at \/other, not at/,
  },
  "sends problems as plain JSON": {
    between: lying(isProblem, withHeader("content-type", "application/json")),
    found: /its content type is application\/json/,
  },
  "forgets the entity tag": {
    between: lying(() => true, withoutHeader("etag")),
    found: /it has no etag, which is documented/i,
  },
  "forgets Idempotency-Key": {
    between: (fetch) => (request) => {
      request.headers.delete("idempotency-key");
      return fetch(request);
    },
    found: /it is not the first answer|it did something/,
  },
  "does what it refuses": {
    between: (fetch) => async (request) => {
      const authorization = request.headers.get("authorization") ?? "";
      const response = await fetch(request);
      if (!isRefused(response)) return response;
      await fetch(
        new Request("http://allot.test/v1/items/left-behind", {
          method: "PUT",
          headers: { authorization, "content-type": "application/json" },
          body: JSON.stringify({ name: `Left behind ${crypto.randomUUID()}` }),
        }),
      );
      return response;
    },
    found: /it was refused, ./,
  },
};

for (const [name, { between, found }] of Object.entries(lies)) {
  Deno.test(`generated requests find out an engine that ${name}`, async () => {
    const { faults } = await runBlock(1, { requests, between, until: found });
    assert.ok(faults.some((fault) => found.test(fault)), faults.slice(0, 5).join("\n"));
  });
}
