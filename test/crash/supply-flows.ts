/** What is done to purchase orders and transfers from beginning to end. */
import type { AggregateCommand } from "../../src/subject/state.ts";
import type { PurchaseOrder, PurchaseOrderCommand } from "../../src/supply/purchase-order.ts";
import { purchaseOrders } from "../../src/supply/purchase-order-definition.ts";
import {
  purchaseOrderMaking,
  type PurchaseOrderRequest,
} from "../../src/supply/purchase-order-making.ts";
import type { Transfer, TransferCommand } from "../../src/supply/transfer.ts";
import { transfers } from "../../src/supply/transfer-definition.ts";
import { transferMaking } from "../../src/supply/transfer-making.ts";
import type { Workout } from "../support/workout.ts";
import { command, type Flow, place, type Step } from "./flows.ts";

type Definition = Workout["definition"];

const [anyPurchaseOrder, anyTransfer] = [
  purchaseOrders as unknown as Definition,
  transfers as unknown as Definition,
];

// The simulated time begins in 2030: what was due long before is promised to nobody.
const soon = "2030-05-01T08:00:00.000Z";

const order = (
  lines: Readonly<Record<string, number>>,
  more: Partial<PurchaseOrderRequest> = {},
): Step => ({
  type: "ask",
  request: () => ({
    type: "make",
    aggregate: anyPurchaseOrder,
    making: purchaseOrderMaking({
      ...{ externalId: "P1", supplierId: "potter", locationId: "ams" },
      lines: Object.entries(lines).map(([sku, quantity]) => ({ sku, quantity, expectedAt: soon })),
      ...more,
    }),
  }),
});

const move = (lines: Readonly<Record<string, number>>): Step => ({
  type: "ask",
  request: () => ({
    type: "make",
    aggregate: anyTransfer,
    making: transferMaking({
      ...{ externalId: "T1", from: "ams", to: "ber", expectedAt: soon },
      lines: Object.entries(lines).map(([sku, quantity]) => ({ sku, quantity })),
    }),
  }),
});

const ask = (aggregate: Definition, commandOf: (state: unknown) => AggregateCommand): Step => ({
  type: "ask",
  request: (_, seen) => {
    const [state] = seen(aggregate).all;
    if (state === undefined) throw new Error(`no ${aggregate.name} was seen`);
    return { type: "ask", aggregate, id: state.id, command: commandOf(state) };
  },
});

const onOrder = (commandOf: (order: PurchaseOrder) => PurchaseOrderCommand): Step =>
  ask(anyPurchaseOrder, (state) => commandOf(state as PurchaseOrder));

const onOrderNamed = (
  externalId: string,
  commandOf: (order: PurchaseOrder) => PurchaseOrderCommand,
): Step => ({
  type: "ask",
  request: (_, seen) => {
    const all = seen(anyPurchaseOrder).all as readonly PurchaseOrder[];
    const state = all.find((each) => each.externalId === externalId);
    if (state === undefined) throw new Error(`no purchase order ${externalId} was seen`);
    return { type: "ask", aggregate: anyPurchaseOrder, id: state.id, command: commandOf(state) };
  },
});

const onTransfer = (commandOf: (transfer: Transfer) => TransferCommand): Step =>
  ask(anyTransfer, (state) => commandOf(state as Transfer));

const lineId = ({ lines }: { readonly lines: readonly { readonly id: string }[] }, n = 0): string =>
  lines[n]?.id ?? "";

const receive = (quantity: number, { rejected = 0, reference = "N1" } = {}): Step =>
  onOrder((state) => ({
    ...{ type: "receive", reference },
    lines: [{ lineId: lineId(state), quantity, rejected }],
  }));

const allOf = (count: number, status: string): Readonly<Record<string, string>> =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`o${n}`, status]));

const backorder = { onShortage: "backorder" } as const;

export const supplyFlows: readonly Flow[] = [
  {
    name: "order from a supplier, change it, receive it in parts, and give who waits what came",
    ends: { one: "allocated", P1: "closed" },
    stock: { ams: { mug: 1 } },
    steps: [
      place("one", { mug: 4 }, backorder),
      order({ mug: 10, cup: 5 }),
      onOrder((state) => ({
        type: "change",
        lines: [{ lineId: lineId(state), quantity: 8, expectedAt: "2030-06-01T08:00:00.000Z" }],
        add: [{ sku: "pot", quantity: 2, expectedAt: soon }],
      })),
      receive(4, { rejected: 1 }),
      receive(2, { reference: "N2" }),
      onOrder(() => ({ type: "close", reason: "no more" })),
    ],
  },
  {
    name: "cancel what was ordered from a supplier",
    ends: { P1: "cancelled" },
    stock: { ams: { mug: 1 } },
    steps: [order({ mug: 10, cup: 5 }), onOrder(() => ({ type: "cancel" }))],
  },
  {
    name: "promise what is ordered from a supplier, and give what comes to who was promised it",
    ends: { one: "allocated", two: "allocated", three: "partially_allocated", P1: "received" },
    stock: {},
    engines: 2,
    steps: [
      order({ mug: 10 }),
      place("one", { mug: 4 }, backorder),
      place("two", { mug: 4 }, backorder),
      place("three", { mug: 4 }, backorder),
      receive(6),
      receive(4, { rejected: 1, reference: "N2" }),
    ],
  },
  {
    name: "cut what is promised, so that who is served last waits for other supply, or for any",
    ends: { one: "backordered", urgent: "backordered", P1: "open", P2: "cancelled" },
    stock: {},
    engines: 2,
    steps: [
      order({ mug: 10 }),
      order({ mug: 3 }, { externalId: "P2" }),
      place("one", { mug: 4 }, backorder),
      place("urgent", { mug: 5 }, { ...backorder, priority: 5 }),
      onOrderNamed("P1", (state) => ({
        type: "change",
        lines: [{ lineId: lineId(state), quantity: 6 }],
      })),
      onOrderNamed("P2", () => ({ type: "cancel" })),
    ],
  },
  {
    name: "promise what is ordered later, and what another order gives back, to who waits",
    ends: { one: "cancelled", two: "allocated", P1: "received" },
    stock: {},
    engines: 2,
    steps: [
      place("one", { mug: 5 }, backorder),
      place("two", { mug: 5 }, backorder),
      order({ mug: 5 }),
      onOrder(() => ({ type: "change", expectedAt: "2030-06-01T08:00:00.000Z" })),
      command("one", () => ({ type: "cancel", reason: "changed my mind" })),
      { type: "wait", ms: 2_000 },
      receive(5),
    ],
  },
  {
    name: "settle with more orders than one commit has room for",
    ends: { ...allOf(3, "allocated"), late: "backordered", P1: "received" },
    stock: {},
    engines: 2,
    checks: 5,
    steps: [
      order({ mug: 4 }),
      ...Array.from({ length: 3 }, (_, n) => place(`o${n}`, { mug: 1 }, backorder)),
      place("late", { mug: 1 }, backorder),
      receive(3),
      onOrder((state) => ({
        ...{ type: "change" },
        lines: [{ lineId: lineId(state), quantity: 3 }],
      })),
    ],
  },
  {
    name: "move goods to another location, where some come damaged and some never",
    ends: { one: "allocated", T1: "received" },
    stock: { ams: { mug: 9 } },
    engines: 2,
    steps: [
      move({ mug: 8 }),
      place("one", { mug: 3 }, backorder),
      onTransfer((state) => ({
        ...{ type: "ship", reference: "V1" },
        lines: [{ lineId: lineId(state), quantity: 5 }],
      })),
      // What is on its way now is promised to who waits.
      { type: "wait", ms: 2_000 },
      onTransfer(() => ({ type: "ship", reference: "V2" })),
      onTransfer((state) => ({
        ...{ type: "receive", reference: "N1" },
        lines: [{ lineId: lineId(state), quantity: 5, damaged: 1, lost: 1 }],
      })),
      onTransfer(() => ({ type: "receive", reference: "N2" })),
    ],
  },
  {
    name: "call goods back that are on their way, and let those go that have not left",
    ends: { T1: "cancelled" },
    stock: { ams: { mug: 9, cup: 2 } },
    steps: [
      move({ mug: 8, cup: 2 }),
      onTransfer((state) => ({
        ...{ type: "ship", reference: "V1" },
        lines: [{ lineId: lineId(state), quantity: 5 }],
      })),
      onTransfer(() => ({ type: "cancel", rest: "return" })),
    ],
  },
];
