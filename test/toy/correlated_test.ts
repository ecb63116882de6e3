/** From a request to what leaves because of it: the other side is told the names that the sender gave. */
import assert from "node:assert/strict";
import { Effect, Result } from "effect";
import { delivery } from "../../actors/outbound/held-lane.ts";
import { OutboundHttp } from "../../actors/outbound/http.ts";
import { readAllowList } from "../../src/outbound/allow-list.ts";
import { packRow, unpackRow } from "../../src/outbound/rows.ts";
import { readTraceparent } from "../../src/kernel/traceparent.ts";
import { httpServer } from "../support/outside.ts";
import { startServer, type TestServer } from "../support/server.ts";
import type { TelemetrySettings } from "../../api/telemetry.ts";
import { partsWithVouchers } from "./api.ts";
import { seriesNews, voucherNews } from "./voucher.ts";

const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
const given = `00-${trace}-00f067aa0ba902b7-01`;

const allow = Result.getOrThrow(readAllowList("127.0.0.1"));

/** Posts each message to a server of this machine. */
const posting = (url: string) =>
  delivery(({ body }) =>
    Effect.flatMap(
      OutboundHttp,
      (http) => http.send({ url, method: "POST", headers: {}, body, deadlineMs: 15_000 }),
    ).pipe(
      Effect.provide(OutboundHttp.layer({ allow })),
      Effect.match({
        onSuccess: () => ({ _tag: "Delivered" as const }),
        onFailure: ({ _tag }) => ({ _tag: "Retry" as const, reason: _tag }),
      }),
    )
  );

const issue = async (
  server: TestServer,
  code: string,
  headers: Readonly<Record<string, string>>,
): Promise<void> => {
  const issued = await server.ask("/v1/vouchers", {
    json: { series: "gifts", code, units: 5 },
    headers,
  });
  assert.equal(issued.status, 201, issued.text);
};

/** Headers that came, by the order of the vouchers. */
const heardOf = async (telemetry?: TelemetrySettings) => {
  const toy = partsWithVouchers(() => undefined);
  await using outside = await httpServer();
  await using server = await startServer({
    settings: { telemetry },
    parts: {
      ...toy,
      deliveries: {
        ...toy.deliveries,
        [voucherNews.name]: posting(`http://127.0.0.1:${outside.port}/hook`),
      },
    },
  });
  const series = await server.ask("/v1/voucher-series/gifts", {
    method: "PUT",
    json: { name: "Gifts" },
  });
  assert.equal(series.status, 201, series.text);
  await issue(server, "A", { "x-request-id": "one", traceparent: given });
  await outside.requests.reached(1);
  await issue(server, "B", {});
  await outside.requests.reached(2);
  return outside.received.map(({ headers }) => headers);
};

Deno.test("what leaves names the request that it came of, and nothing where that had no name", async () => {
  const [first, second] = await heardOf();
  assert.equal(first?.["x-request-id"], "one");
  assert.equal(readTraceparent(String(first?.["traceparent"]))?.traceId, trace);
  assert.equal(second?.["x-request-id"], undefined);
  assert.equal(second?.["traceparent"], undefined);
});

Deno.test("where spans are exported, what leaves is part of the trace by a span of its own", async () => {
  const spans: { readonly traceId: string; readonly spanId: string; readonly name: string }[] = [];
  await using collector = await httpServer({
    answer: (response, { url, body }) => {
      response.end("{}");
      if (url !== "/v1/traces") return;
      for (const { scopeSpans } of JSON.parse(body).resourceSpans) {
        for (const scope of scopeSpans) spans.push(...scope.spans);
      }
    },
  });
  const [first] = await heardOf({
    endpoint: `http://127.0.0.1:${collector.port}`,
    headers: {},
    serviceName: "allot-test",
    traceShare: 0,
  });
  const place = readTraceparent(String(first?.["traceparent"]));
  assert.equal(place?.traceId, trace);
  const own = spans.filter(({ traceId }) => traceId === trace);
  assert.deepEqual(
    own.map(({ name }) => name).sort(),
    ["POST /v1/vouchers", `deliver ${seriesNews.name}/gifts`, `deliver ${voucherNews.name}`],
  );
  assert.ok(own.some(({ spanId }) => spanId === place?.parentId));
});

Deno.test("a message that waits in the store keeps the request that it came of", () => {
  const row = {
    id: "msg_1",
    key: "a",
    body: "two\nlines",
    correlation: { requestId: "one", traceparent: given },
    attempts: 1,
    firstAtMs: 1,
    nextAtMs: 2,
    reason: "503",
  };
  assert.deepEqual(unpackRow(packRow(row)), row);
});
