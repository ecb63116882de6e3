/** Orders, as the laws exercise them: the requests and commands of the simulation's clients. */
import assert from "node:assert/strict";
import { Result } from "effect";
import type { Item, Location } from "../../src/catalog/catalog.ts";
import { defaultItem } from "../../src/catalog/catalog.ts";
import type { KitComponent } from "../../src/catalog/kit.ts";
import type { Channel } from "../../src/channel/channel.ts";
import { capture } from "../../src/order/capture.ts";
import { orders } from "../../src/order/definition.ts";
import type { Contact, Order, OrderCommand, OrderEvent } from "../../src/order/order.ts";
import type { ReturnPolicy } from "../../src/order/return-policy.ts";
import { inLots, lotDelta, serialDelta } from "../../src/lot/balance.ts";
import { type LotName, type LotUnits, unknownLot } from "../../src/lot/lot.ts";
import { inStock } from "../../src/stock/balance.ts";
import { stockDelta } from "../../src/stock/stock.ts";
import { inBalance } from "../../src/subject/balance.ts";
import { supplyBalance, supplyDelta } from "../../src/supply/balance.ts";
import { supplyFamily, type SupplyLink } from "../../src/supply/keys.ts";
import { calendarOf, carrierOf, workdays } from "../calendar/support.ts";
import type { Chance } from "../sim/random.ts";
import { kitItem, locationIds, privateTextsOf, Workload } from "../sim/workload.ts";
import { editCommand } from "../support/edit-commands.ts";
import { exchangeCommand, returnStep } from "../support/exchange-commands.ts";
import { cardProvider, paymentCommand, withPayments } from "../support/payment-commands.ts";
import type { Workout } from "../support/workout.ts";

const places = locationIds(3);
const madeAt = "2026-01-01T00:00:00.000Z";

/** One location counts days, and a carrier comes there. */
const dated = {
  ...{ timeZone: "Europe/Amsterdam", calendarId: "weekdays", cutOff: "15:00" },
  ...{ handlingDays: 1, receivingDays: 2 },
};
const weekdays = calendarOf(workdays, [], "weekdays");
const carrier = carrierOf("post", [{ service: "standard", transit: [{ days: 2 }] }], "weekdays");

const location = (id: string, n: number): Location => ({
  ...{ id, name: id, type: "warehouse", address: { country: "NL" }, active: true },
  ...(n === 0 ? dated : {}),
  ...{ createdAt: madeAt, updatedAt: madeAt, version: 1 },
});

/** One channel takes returns back by itself, and not of everything; the other asks somebody. */
const policy: ReturnPolicy = {
  ...{ id: "web", windowDays: 1, finalSale: ["rare"], authorize: "automatic", expiresAfterDays: 2 },
  ...{ createdAt: madeAt, updatedAt: madeAt, version: 1 },
};

/** One channel sells of some locations, and not to the last unit; the other has no settings. */
const market: Channel = {
  ...{ id: "market", exposes: "sum", excludeLocationIds: places.slice(0, 1) },
  ...{ buffer: { percent: 20 }, buffers: [{ sku: "mug", units: 1 }] },
  ...{ createdAt: madeAt, updatedAt: madeAt, version: 1 },
};

/** Components of kits are not told apart: other goods stand for those that are. */
const untracked: Readonly<Record<string, string>> = { cup: "jar", pot: "mug" };

const partOf = ({ sku, quantity }: KitComponent): KitComponent => ({
  ...{ sku: untracked[sku] ?? sku, quantity },
});

const items = new Map<string, Item>([
  ["rare", { ...defaultItem("rare", madeAt), backorder: "never" }],
  ["song", { ...defaultItem("song", madeAt), digital: true }],
  ...(["set", "pair"] as const).map((sku): [string, Item] => {
    const { kit = assert.fail("it is a kit"), ...item } = kitItem(sku);
    const components = kit.components.map(partOf);
    const made = { ...kit, components, parts: components };
    return [sku, { ...defaultItem(sku, madeAt), ...item, kit: made }];
  }),
]);

const dayMs = 86_400_000;

/** Two supplies of each SKU, at different places and times. */
const supplies: readonly SupplyLink[] = ["mug", "cup", "pot", "rare"].flatMap((sku, n) =>
  [0, 1].map((m) => ({
    supplyId: `pol_law_${sku}_${m + 1}`,
    sku,
    locationId: places[(n + m) % places.length] ?? "",
    dueMs: Date.parse(madeAt) + (60 + 10 * m + n) * dayMs,
  }))
);

const supplyCommand = (chance: Chance, order: Order): OrderCommand => {
  const { supplyId, locationId } = chance.pick(supplies);
  const promised = order.lines.flatMap(({ promises = [] }) => promises);
  const [found = { supplyId, locationId }] = promised;
  const quantity = chance.between(1, 4);
  return chance.happens(0.4)
    ? { type: "promise" }
    : chance.happens(0.5)
    ? { type: "arrive", supplyId: found.supplyId, locationId: found.locationId, quantity }
    : { type: "unpeg", supplyId: found.supplyId, quantity };
};

/** What of these is told apart by lots, or by serials. */
const tracked: readonly Item[] = [
  { ...defaultItem("cup", madeAt), tracking: "lot", minRemainingDays: 2 },
  { ...defaultItem("pot", madeAt), tracking: "serial" },
];

const lotsOf = (sku: string): readonly LotName[] =>
  sku === "cup"
    ? [{ lotId: "A", expiresAt: "2026-03-04T00:00:00.000Z" }, { lotId: "B" }, unknownLot]
    : ["S1", "S2", "S3", "S4"].map((lotId) => ({ lotId, serial: true }));

const lotSupplies = inLots(
  places.flatMap((id) => [
    ...lotsOf("cup").map((lot, n) => lotDelta(id, "cup", lot, { onHand: n === 0 ? 2 : 1 })),
    ...lotsOf("pot").map((lot) =>
      lotDelta(id, "pot", { ...lot, lotId: `${id}-${lot.lotId}` }, { onHand: 1 })
    ),
  ]),
  places.flatMap((id) =>
    lotsOf("pot").map(({ lotId }) => serialDelta("pot", `${id}-${lotId}`, { there: 1 }))
  ),
);

/** As many units of a tracked SKU, of lots that may have them. */
const someLots = (chance: Chance, sku: string, locationId: string, units: number) => {
  const names = lotsOf(sku);
  const first = chance.between(0, names.length - 1);
  return Array.from({ length: units }, (_, n): LotUnits => {
    const lot = names[(first + n) % names.length] ?? unknownLot;
    const lotId = sku === "pot" ? `${locationId}-${lot.lotId}` : lot.lotId;
    return { ...lot, lotId, quantity: 1 };
  });
};

/** A command with the lots that whoever decides would have found for it. */
const withLots = (chance: Chance, order: Order, command: OrderCommand): OrderCommand => {
  if (command.type !== "pick" && command.type !== "ship" && command.type !== "collect") {
    return command;
  }
  const found = order.fulfillmentOrders.find(({ id }) => id === command.fulfillmentOrderId);
  const lines = "lines" in command ? command.lines : undefined;
  const named = found?.lines.flatMap(({ lineId, sku, quantity, picked }) => {
    const units = lines?.find((line) => line.lineId === lineId)?.quantity ?? quantity - picked;
    return units > 20 || !tracked.some((item) => item.sku === sku)
      ? []
      : [{ lineId, lots: someLots(chance, sku, found.locationId ?? "", units) }];
  });
  return { ...command, named };
};

const workload = (chance: Chance): Workload => new Workload(chance, { orders: [] }, places, "law");

const refused = (detail: unknown): never => {
  throw new Error(`The order could not be captured: ${JSON.stringify(detail)}`);
};

export const orderWorkout: Workout<Order, OrderCommand, OrderEvent, Contact> = {
  definition: orders,
  supplies: [
    ...inStock(
      places.flatMap((id) =>
        ["mug", "cup", "pot", "jar", "rare"].map((sku) => stockDelta(id, sku, { onHand: 4 }))
      ),
    ),
    ...inBalance(
      supplyBalance,
      supplies.map(({ locationId, supplyId }) =>
        supplyDelta(locationId, supplyId, { expected: 5 })
      ),
    ),
    ...lotSupplies,
  ],
  linked: ([family, sku]) =>
    family === supplyFamily
      ? supplies.filter((each) => each.sku === sku).map((each) => ({ ...each }))
      : [],
  documents: {
    location: places.map(location),
    return_policy: [policy],
    channel: [market],
    calendar: [weekdays],
    carrier: [carrier],
    payment_provider: [cardProvider],
    item: [...items.values(), ...tracked],
  },
  nameOf: ({ channel, externalId }) => `${channel} ${externalId}`,
  making: (chance, name) => {
    const plain = { ...workload(chance).newOrder(), externalId: name };
    const request = withPayments(chance, plain);
    return {
      privateTexts: privateTextsOf(request),
      reference: JSON.stringify([request.channel, request.externalId]),
      make: (id, now) => {
        const captured = capture(request, {
          ...{ id, now, fingerprint: "f", items },
          knownLocation: (locationId) => places.includes(locationId),
        });
        if (Result.isFailure(captured)) return refused(captured.failure);
        const { order, contact } = captured.success;
        return Result.succeed({ state: order, personal: contact });
      },
      opening: { type: "place" },
    };
  },
  command: (chance, order) =>
    chance.happens(0.1)
      ? { type: "fill", locationId: chance.pick(places) }
      : chance.happens(0.1)
      ? { type: "allocate" }
      : chance.happens(order.lines.some(({ backordered }) => backordered > 0) ? 0.3 : 0.01)
      ? supplyCommand(chance, order)
      : chance.happens(0.08)
      ? editCommand(order, chance.between(0, 20), chance.between(1, 4))
      : chance.happens(0.06)
      ? exchangeCommand(order, chance.between(0, 20), chance.between(1, 4), chance.pick(places))
      : (order.returns?.length ?? 0) > 0 && chance.happens(0.1)
      ? returnStep(order, chance.between(0, 20), chance.between(1, 4), chance.pick(places))
      : chance.happens(order.settlement === undefined ? 0.02 : 0.4)
      ? paymentCommand(chance, order)
      : withLots(chance, order, workload(chance).commandTo(order)),
};
