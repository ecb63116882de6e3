/** Orders of many lines whose SKUs, ids and locations are as long as they may be, over HTTP. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { textLimits } from "../../src/kernel/limits.ts";
import { eventually } from "../process/process.ts";
import { orderFor, startServer, type TestServer } from "../support/server.ts";

/** Of one byte each, of two, three and four. */
const alphabets = ["abcdefghij", "äëïöüáéíóú", "€₩₪₫₭₮₱₲₴₵", "😀😁😂😃😄😅😆😇😈😉"] as const;

/** Names of their own for numbers, of so many characters. */
const named = (alphabet: string, characters: number) => (n: number): string =>
  [...String(n).padStart(characters, "0")].map((digit) => [...alphabet][Number(digit)]).join("");

const receivedAtOnce = 40;

const receive = async (
  server: TestServer,
  locationId: string,
  skus: readonly string[],
): Promise<void> => {
  for (let at = 0; at < skus.length; at += receivedAtOnce) {
    const changes = skus.slice(at, at + receivedAtOnce).map((sku) => ({ sku, delta: 2 }));
    const { status, text } = await server.ask("/v1/inventory/adjustments", {
      json: { locationId, reason: "received", changes },
    });
    assert.equal(status, 200, text);
  }
};

const openLocation = async (server: TestServer, locationId: string): Promise<void> => {
  const { status, text } = await server.ask(`/v1/locations/${encodeURIComponent(locationId)}`, {
    method: "PUT",
    json: { name: "Somewhere", type: "warehouse", address: { country: "NL" } },
  });
  assert.equal(status, 201, text);
};

const statusOf = async (server: TestServer, orderId: string): Promise<string> =>
  String((await server.ask(`/v1/orders/${orderId}`)).body["status"]);

const becomes = (server: TestServer, orderId: string, status: string): Promise<true> =>
  eventually(status, async () => await statusOf(server, orderId) === status || null);

interface Wide {
  readonly lines: number;
  readonly locations: number;
  readonly sku: (n: number) => string;
  readonly locationId: (n: number) => string;
  readonly onShortage?: string;
}

/** Locations with a part of the SKUs each. */
const stockUp = async (server: TestServer, wide: Wide, stocked: boolean): Promise<void> => {
  for (let place = 0; place < wide.locations; place++) {
    await openLocation(server, wide.locationId(place));
    if (!stocked) continue;
    const skus = Array.from({ length: wide.lines }, (_, n) => n)
      .filter((n) => n % wide.locations === place).map(wide.sku);
    await receive(server, wide.locationId(place), skus);
  }
};

const placeWide = async (server: TestServer, wide: Wide, externalId: string): Promise<string> => {
  const units = Object.fromEntries(
    Array.from({ length: wide.lines }, (_, n) => [wide.sku(n), 1]),
  );
  const { status, body, text } = await server.ask("/v1/orders", {
    json: {
      ...orderFor(externalId, units),
      channel: wide.sku(0),
      onShortage: wide.onShortage ?? "reject",
    },
    headers: { "idempotency-key": `${"k".repeat(200)}-${wide.lines}` },
  });
  assert.equal(status, 201, text.slice(0, 1_000));
  return String(body["id"]);
};

const longest = textLimits.sku;

for (const [bytes, alphabet] of [[1, alphabets[0]], [4, alphabets[3]]] as const) {
  for (const locations of [1, 60]) {
    const wide: Wide = {
      lines: 300,
      locations,
      sku: named(alphabet, longest),
      locationId: named(alphabet, textLimits.id),
    };
    const name = `300 lines of the longest names of ${bytes}-byte characters at ${locations}`;

    Deno.test(`${name} are allocated, and cancelled`, async () => {
      await using server = await startServer();
      await stockUp(server, wide, true);
      const orderId = await placeWide(server, wide, named(alphabet, textLimits.id)(1));
      await becomes(server, orderId, "allocated");
      const cancelled = await server.ask(`/v1/orders/${orderId}/cancel`, {
        json: { reason: "too many names" },
      });
      assert.equal(cancelled.status, 200, cancelled.text.slice(0, 1_000));
      await becomes(server, orderId, "cancelled");
      const proof = await server.ask("/v1/admin/verify", { method: "POST" });
      assert.equal(String(proof.body["ok"]), "true", proof.text);
    });
  }

  Deno.test(`lines of the longest names of ${bytes}-byte characters wait, and are filled`, async () => {
    const wide: Wide = {
      lines: 300,
      locations: 2,
      sku: named(alphabet, longest),
      locationId: named(alphabet, textLimits.id),
      onShortage: "backorder",
    };
    await using server = await startServer();
    await stockUp(server, wide, false);
    const orderId = await placeWide(server, wide, "waiting");
    await becomes(server, orderId, "backordered");
    const skus = Array.from({ length: wide.lines }, (_, n) => wide.sku(n));
    await receive(server, wide.locationId(0), skus);
    await becomes(server, orderId, "allocated");
    const proof = await server.ask("/v1/admin/verify", { method: "POST" });
    assert.equal(String(proof.body["ok"]), "true", proof.text);
  });
}

Deno.test("no order within the limits of texts is too large, however long its names are", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 1, max: 12 }),
      fc.constantFrom(...alphabets),
      fc.integer({ min: 4, max: longest }),
      fc.integer({ min: 4, max: textLimits.id }),
      fc.boolean(),
      async (lines, locations, alphabet, skuLength, idLength, isStocked) => {
        const wide: Wide = {
          lines,
          locations,
          sku: named(alphabet, skuLength),
          locationId: named(alphabet, idLength),
          onShortage: "backorder",
        };
        await using server = await startServer();
        await stockUp(server, wide, isStocked);
        const orderId = await placeWide(server, wide, "any");
        await becomes(server, orderId, isStocked ? "allocated" : "backordered");
      },
    ),
    { numRuns: 12 },
  );
});
