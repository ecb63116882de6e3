/** Purchase orders and transfers, as the laws and the simulation exercise them. */
import type {
  PurchaseOrder,
  PurchaseOrderCommand,
  PurchaseOrderEvent,
} from "../../src/supply/purchase-order.ts";
import { purchaseOrders } from "../../src/supply/purchase-order-definition.ts";
import { purchaseOrderMaking } from "../../src/supply/purchase-order-making.ts";
import { inStock } from "../../src/stock/balance.ts";
import { stockDelta } from "../../src/stock/stock.ts";
import type { Transfer, TransferCommand, TransferEvent } from "../../src/supply/transfer.ts";
import { transfers } from "../../src/supply/transfer-definition.ts";
import { transferMaking } from "../../src/supply/transfer-making.ts";
import type { Chance } from "../sim/random.ts";
import type { Workout } from "../support/workout.ts";

const skus = ["mug", "cup", "pot"] as const;
const places = ["ams", "ber"] as const;

const location = (id: string) => ({
  ...{ id, name: `Location ${id}`, type: "warehouse", address: { country: "NL" }, active: true },
  ...{ createdAt: "", updatedAt: "", version: 1 },
});

/** In the weeks after the simulated time begins: what was due long before is promised to nobody. */
const dayIn = (chance: Chance): string =>
  `2030-01-${String(chance.between(1, 28)).padStart(2, "0")}T08:00:00.000Z`;

const newLines = (chance: Chance, most: number) =>
  Array.from({ length: chance.between(1, most) }, () => ({
    sku: chance.pick(skus),
    quantity: chance.between(1, 12),
    expectedAt: dayIn(chance),
  }));

const buckets = ["damaged", "quality_control", undefined] as const;

const receiptLine = (chance: Chance, lineId: string) => {
  const quantity = chance.between(1, 5);
  const rejected = chance.happens(0.3) ? chance.between(1, quantity) : 0;
  const bucket = chance.pick(buckets);
  return {
    lineId,
    quantity,
    rejected,
    ...(rejected === 0 || bucket === undefined ? {} : { bucket }),
  };
};

const purchaseOrderCommand = (chance: Chance, order: PurchaseOrder): PurchaseOrderCommand => {
  const line = chance.pick(order.lines);
  switch (chance.weighted({ receive: 10, change: 8, close: 1.5, cancel: 1.5, settle: 1 })) {
    case "receive": {
      const reference = chance.happens(0.3) ? { reference: `note-${chance.between(1, 5)}` } : {};
      const count = chance.between(1, 2);
      const lines = Array.from(
        { length: count },
        () => receiptLine(chance, chance.pick(order.lines).id),
      );
      return { type: "receive", ...reference, lines };
    }
    case "change":
      if (chance.happens(0.2)) return { type: "change", add: newLines(chance, 2) };
      if (chance.happens(0.2)) return { type: "change", expectedAt: dayIn(chance) };
      return {
        type: "change",
        lines: [{
          lineId: line.id,
          ...(chance.happens(0.7) ? { quantity: chance.between(0, 9) } : {}),
          ...(chance.happens(0.5) ? { expectedAt: dayIn(chance) } : {}),
        }],
      };
    case "close":
      return { type: "close", reason: "The supplier has no more." };
    case "cancel":
      return { type: "cancel" };
    case "settle":
      return { type: "settle" };
  }
};

export const purchaseOrderWorkout: Workout<
  PurchaseOrder,
  PurchaseOrderCommand,
  PurchaseOrderEvent,
  null
> = {
  ...{ definition: purchaseOrders, supplies: [] },
  mayDoNothing: ["change", "receive", "settle"],
  documents: { location: places.map(location) },
  nameOf: ({ externalId }) => externalId ?? "",
  making: (chance, name) =>
    purchaseOrderMaking({
      externalId: name,
      ...(chance.happens(0.5) ? { supplierId: "potter" } : {}),
      locationId: chance.pick(places),
      overReceiptPercent: chance.pick([0, 0, 50]),
      lines: newLines(chance, 4),
    }),
  command: purchaseOrderCommand,
};

const shipped = (chance: Chance, transfer: Transfer): TransferCommand => {
  if (chance.happens(0.3)) return { type: "ship" };
  const reference = chance.happens(0.3) ? { reference: `van-${chance.between(1, 5)}` } : {};
  const lines = [{ lineId: chance.pick(transfer.lines).id, quantity: chance.between(1, 3) }];
  return {
    ...{ type: "ship", lines, ...reference },
    ...(chance.happens(0.2) ? { expectedAt: dayIn(chance) } : {}),
  };
};

const transferReceiptLine = (chance: Chance, lineId: string) => {
  const quantity = chance.between(0, 3);
  const damaged = chance.happens(0.3) ? chance.between(0, quantity) : 0;
  const lost = chance.happens(0.2) ? chance.between(0, 2) : 0;
  return { lineId, quantity, damaged, lost };
};

const transferCommand = (chance: Chance, transfer: Transfer): TransferCommand => {
  switch (
    chance.weighted({ ship: 8, receive: 10, change: 2, close: 0.5, cancel: 0.5, settle: 0.5 })
  ) {
    case "ship":
      return shipped(chance, transfer);
    case "receive": {
      const reference = chance.happens(0.3) ? { reference: `note-${chance.between(1, 5)}` } : {};
      const lines = [transferReceiptLine(chance, chance.pick(transfer.lines).id)];
      return { type: "receive", ...reference, lines };
    }
    case "change":
      return { type: "change", expectedAt: dayIn(chance) };
    case "close":
      return { type: "close", reason: "The van was stolen." };
    case "cancel":
      return { type: "cancel", rest: chance.pick(["return", "lost"]) };
    case "settle":
      return { type: "settle" };
  }
};

export const transferWorkout: Workout<Transfer, TransferCommand, TransferEvent, null> = {
  definition: transfers,
  mayDoNothing: ["change", "ship", "receive", "settle"],
  supplies: inStock(
    places.flatMap((id) => skus.map((sku) => stockDelta(id, sku, { onHand: 40 }))),
  ),
  documents: { location: places.map(location) },
  nameOf: ({ externalId }) => externalId ?? "",
  making: (chance, name) => {
    const [from, to] = chance.pick([["ams", "ber"], ["ber", "ams"]] as const);
    return transferMaking({
      ...{ externalId: name, from, to, expectedAt: dayIn(chance) },
      lines: Array.from({ length: chance.between(1, 3) }, () => ({
        sku: chance.pick(skus),
        quantity: chance.between(1, 10),
      })),
    });
  },
  command: transferCommand,
};
