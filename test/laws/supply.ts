/** Purchase orders and transfers, as the laws and the simulation exercise them. */
import type {
  PurchaseOrder,
  PurchaseOrderCommand,
  PurchaseOrderEvent,
} from "../../src/supply/purchase-order.ts";
import { purchaseOrders } from "../../src/supply/purchase-order-definition.ts";
import { purchaseOrderMaking } from "../../src/supply/purchase-order-making.ts";
import type { Chance } from "../sim/random.ts";
import type { Workout } from "../support/workout.ts";

const skus = ["mug", "cup", "pot"] as const;
const places = ["ams", "ber"] as const;

const location = (id: string) => ({
  ...{ id, name: `Location ${id}`, type: "warehouse", address: { country: "NL" }, active: true },
  ...{ createdAt: "", updatedAt: "", version: 1 },
});

const dayIn = (chance: Chance): string =>
  `2026-04-${String(chance.between(1, 28)).padStart(2, "0")}T08:00:00.000Z`;

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
  switch (chance.weighted({ receive: 10, change: 8, close: 1, cancel: 1, settle: 1 })) {
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
          ...(chance.happens(0.7) ? { quantity: chance.between(0, 14) } : {}),
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
