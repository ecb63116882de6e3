/** Calls over a way that loses answers: done once, asked for under one key, and not for ever. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { AllotProblem, AllotUnreachable } from "../../api/client/mod.ts";
import { clientLimits } from "../../api/client/limits.ts";
import { surroundings } from "../../api/client/retry.ts";
import { startServer, stockOver } from "../support/server.ts";
import { type Fault, type Way, wayTo } from "./way.ts";

const { attempts, firstWaitMs, longestWaitMs } = clientLimits;

/** That pass when one asks again. */
const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.constantFrom<Fault>("lost", "unheard", "torn", "silent"),
  fc.record({
    status: fc.constantFrom(429, 502, 503, 504),
    headers: fc.nat(longestWaitMs / 1_000).map((seconds) => ({
      "retry-after": String(seconds),
    })),
  }),
);

const receive = ({ allot }: Way, sku: string) =>
  allot.POST("/v1/inventory/adjustments", {
    body: {
      locationId: "ams",
      reason: "received",
      changes: [{ sku, delta: 1 }],
    },
  });

const askedMs = (met: Fault | undefined): number =>
  typeof met === "object" ? Number(met.headers?.["retry-after"] ?? 0) * 1_000 : 0;

Deno.test("whatever is lost on the way, a call is done once, under one key of its own", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: {} });
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fault, { maxLength: attempts - 1 }), {
        minLength: 1,
        maxLength: 4,
      }),
      async (calls) => {
        const sku = `sku-${++runs}`;
        const way = wayTo(server);
        const keys = new Set<string | null>();
        let before = 0;
        for (const [n, faults] of calls.entries()) {
          way.meet(faults);
          const { data } = await receive(way, sku);
          assert.equal(data.data[0]?.onHand, n + 1);
          const sent = way.sent.slice(before);
          before = way.sent.length;
          assert.equal(sent.length, faults.length + 1);
          assert.deepEqual(new Set(sent.map(({ body }) => body)).size, 1);
          assert.equal(
            new Set(sent.map(({ idempotencyKey }) => idempotencyKey)).size,
            1,
          );
          keys.add(sent[0]?.idempotencyKey ?? null);
        }
        assert.ok(
          !keys.has(null) && keys.size === calls.length,
          "each call has a key of its own",
        );
        const { data: { data: [row] } } = await way.allot.GET("/v1/inventory", {
          params: { query: { sku: [sku] } },
        });
        assert.equal(row?.onHand, calls.length);
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("waits grow, are spread by chance, and are never shorter than Retry-After asks", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: {} });
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fault, { minLength: 1, maxLength: attempts - 1 }),
      chance,
      async (faults, random) => {
        const way = wayTo(server, { random: () => random });
        way.meet(faults);
        await receive(way, "mug");
        assert.deepEqual(
          way.waitsMs,
          faults.map((met, n) => askedMs(met) + random * firstWaitMs * 2 ** n),
        );
      },
    ),
    { numRuns: 40 },
  );
});

Deno.test("Retry-After as a date counts from the date of its answer, and says nothing without one", async () => {
  await using server = await startServer();
  const way = wayTo(server, { random: () => 0 });
  const retryAfter = "Fri, 01 Jan 2100 00:00:12 GMT";
  const date = "Fri, 01 Jan 2100 00:00:05 GMT";
  way.meet([
    { status: 503, headers: { "retry-after": retryAfter, date } },
    { status: 503, headers: { "retry-after": date, date: retryAfter } },
    { status: 503, headers: { "retry-after": retryAfter } },
    { status: 503, headers: { "retry-after": "soon", date } },
  ]);
  await way.allot.GET("/v1/orders");
  assert.deepEqual(way.waitsMs, [7_000, 0, 0, 0]);
});

Deno.test("after the last attempt the failure is told, with the key to ask again under", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: {} });
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 8 }),
      fault,
      async (most, last) => {
        const way = wayTo(server, { attempts: most });
        way.meet([...Array<Fault>(most - 1).fill("lost"), last, "none"]);
        await assert.rejects(receive(way, "mug"), (error) => {
          if (typeof last === "object") {
            assert.ok(error instanceof AllotProblem);
            assert.deepEqual([error.status, error.type], [
              last.status,
              "about:blank",
            ]);
            assert.equal(error.detail, "<p>Sorry</p>");
            return true;
          }
          assert.ok(error instanceof AllotUnreachable);
          assert.equal(error.attempts, most);
          assert.equal(error.idempotencyKey, way.sent[0]?.idempotencyKey);
          return true;
        });
        assert.equal(way.sent.length, most);
      },
    ),
    { numRuns: 40 },
  );
});

Deno.test("who comes back with the key of a lost call is told what came of it", async () => {
  await using server = await startServer();
  await stockOver(server, { ams: {} });
  const way = wayTo(server, { attempts: 1 });
  way.meet(["unheard"]);
  const lost = await receive(way, "mug").then(
    () => null,
    (error: unknown) => error,
  );
  assert.ok(
    lost instanceof AllotUnreachable && lost.idempotencyKey !== undefined,
  );
  const { data, response } = await way.allot.POST("/v1/inventory/adjustments", {
    body: {
      locationId: "ams",
      reason: "received",
      changes: [{ sku: "mug", delta: 1 }],
    },
    params: { header: { "Idempotency-Key": lost.idempotencyKey } },
  });
  assert.equal(data.data[0]?.onHand, 1);
  assert.equal(response.headers.get("idempotent-replayed"), "true");
});

Deno.test("a first attempt that is still being worked on is waited for", async () => {
  const problem = JSON.stringify({
    type: "/problems/idempotency-in-flight",
    title: "The same request is being worked on",
    status: 409,
    detail: "",
    instance: "/requests/1",
  });
  let asked = 0;
  const way = wayTo({
    fetch: () =>
      Promise.resolve(
        ++asked === 1
          ? new Response(problem, {
            status: 409,
            headers: {
              "content-type": "application/problem+json",
              "retry-after": "1",
            },
          })
          : Response.json({ data: [] }),
      ),
  });
  await receive(way, "mug");
  assert.equal(asked, 2);
  assert.ok((way.waitsMs[0] ?? 0) >= 1_000);
});

Deno.test("what asks for more patience than there is, and what will not pass, is told at once", async () => {
  await using server = await startServer();
  const tooLong = String(longestWaitMs / 1_000 + 1);
  const lasting: readonly Fault[] = [
    { status: 429, headers: { "retry-after": tooLong } },
    { status: 503, headers: { "retry-after": tooLong } },
    ...[400, 401, 403, 404, 409, 412, 422, 500].map((status) => ({ status })),
  ];
  for (const met of lasting) {
    const way = wayTo(server);
    way.meet([met]);
    await assert.rejects(way.allot.GET("/v1/orders"), AllotProblem);
    assert.equal(way.sent.length, 1);
  }
});

Deno.test("only a POST has a key, and one that is given is kept", async () => {
  await using server = await startServer();
  const way = wayTo(server);
  await way.allot.GET("/v1/orders");
  await way.allot.PUT("/v1/locations/{locationId}", {
    params: { path: { locationId: "ams" } },
    body: { name: "Amsterdam", type: "warehouse", address: { country: "NL" } },
  });
  await way.allot.POST("/v1/inventory/adjustments", {
    params: { header: { "Idempotency-Key": "mine" } },
    body: {
      locationId: "ams",
      reason: "received",
      changes: [{ sku: "mug", delta: 1 }],
    },
  });
  assert.deepEqual(way.sent.map(({ idempotencyKey }) => idempotencyKey), [
    null,
    null,
    "mine",
  ]);
});

Deno.test("who gives up is not kept: neither in an attempt nor between two", async () => {
  await using server = await startServer();
  const given = new AbortController();
  const between = wayTo(server, {
    waits: () => given.abort(new Error("closing")),
  });
  between.meet(["lost"]);
  await assert.rejects(
    between.allot.GET("/v1/orders", { signal: given.signal }),
    /closing/,
  );
  assert.equal(between.sent.length, 1);

  const during = wayTo({
    fetch: ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
        queueMicrotask(() => other.abort(new Error("closing")));
      }),
  });
  const other = new AbortController();
  await assert.rejects(
    during.allot.GET("/v1/orders", { signal: other.signal }),
    /closing/,
  );
  assert.equal(during.sent.length, 1);
});

Deno.test("the platform's own chance is between 0 and 1, and its keys are long and never the same", () => {
  const keys = Array.from({ length: 1_000 }, surroundings.newKey);
  assert.equal(new Set(keys).size, keys.length);
  for (const key of keys) assert.match(key, /^[0-9a-f]{32}$/);
  for (let n = 0; n < 1_000; n++) {
    const chance = surroundings.random();
    assert.ok(chance >= 0 && chance < 1);
  }
});
