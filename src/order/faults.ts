/** Checks an order's document by itself. */
import { largestAmount } from "../kernel/money.ts";
import type { Fault } from "../subject/aggregate.ts";
import { isHeld } from "./hold-codes.ts";
import { editsOf } from "./edit.ts";
import { totalOf } from "./charges.ts";
import { invoiceFaults } from "./invoice-faults.ts";
import { kitFaults } from "./kit-faults.ts";
import { skuOf } from "./kits.ts";
import type { Order } from "./order.ts";
import { paymentFaults } from "./payment-faults.ts";
import { quantitiesOf } from "./quantities.ts";
import { returnFaults } from "./return-faults.ts";

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;

const checkBuckets = (order: Order, wrong: (detail: string) => void): void => {
  const quantities = quantitiesOf(order);
  order.lines.forEach((line, index) => {
    const units = quantities[index];
    if (line.id !== String(index + 1)) wrong(`line ${index + 1} is called ${line.id}.`);
    if (units === undefined) return;
    const { allocated, shipped, backordered, cancelled, pending, delivered, short } = units;
    const buckets = { allocated, shipped, backordered, cancelled, pending, delivered, short };
    for (const [name, value] of Object.entries(buckets)) {
      if (!isCount(value)) wrong(`line ${line.id} has ${value} units ${name}.`);
    }
    if (!isCount(line.quantity) || line.quantity === 0) wrong(`line ${line.id} has no quantity.`);
    const sum = allocated + shipped + backordered + cancelled + pending;
    if (sum !== line.quantity) wrong(`line ${line.id} adds up to ${sum} of ${line.quantity}.`);
    if (delivered > shipped) wrong(`line ${line.id} arrived more often than it was shipped.`);
    if (short > cancelled) wrong(`line ${line.id} has more units short than cancelled.`);
    if (pending > 0 && !order.allocating && !isHeld(order)) {
      wrong(`line ${line.id} has ${pending} units pending that nothing will allocate.`);
    }
  });
  checkParts(order, wrong);
};

/** Fulfillment orders and shipments hold lines of the order, and no more units than were asked for. */
const checkParts = (order: Order, wrong: (detail: string) => void): void => {
  const byId = new Map(order.fulfillmentOrders.map((part) => [part.id, part]));
  if (byId.size !== order.fulfillmentOrders.length) wrong("two fulfillment orders have one id.");
  for (const { id, lines } of order.fulfillmentOrders) {
    for (const line of lines) {
      if (skuOf(order, line.lineId) !== line.sku) wrong(`${id} has another SKU in ${line.lineId}.`);
      if (!isCount(line.quantity - line.shipped) || !isCount(line.shipped)) {
        wrong(`${id} shipped ${line.shipped} of ${line.quantity} of line ${line.lineId}.`);
      }
      if (!isCount(line.quantity - line.picked) || !isCount(line.picked)) {
        wrong(`${id} picked ${line.picked} of ${line.quantity} of line ${line.lineId}.`);
      }
    }
  }
  const left = new Map<string, number>();
  for (const { id, fulfillmentOrderId, lines } of order.shipments) {
    if (!byId.has(fulfillmentOrderId)) wrong(`${id} is of no fulfillment order.`);
    for (const { lineId, quantity } of lines) {
      if (!isCount(quantity)) wrong(`${id} has ${quantity} units of line ${lineId}.`);
      const key = `${fulfillmentOrderId} ${lineId}`;
      left.set(key, (left.get(key) ?? 0) + quantity);
    }
  }
  for (const { id, method, lines } of order.fulfillmentOrders) {
    if (method !== "ship") continue;
    for (const { lineId, shipped } of lines) {
      const inShipments = left.get(`${id} ${lineId}`) ?? 0;
      if (inShipments !== shipped) {
        wrong(`${id} shipped ${shipped} of line ${lineId}, its shipments have ${inShipments}.`);
      }
    }
  }
};

const checkMoney = (order: Order, wrong: (detail: string) => void): void => {
  let subtotal = 0, discount = 0, tax = 0;
  for (const line of order.lines) {
    for (const name of ["unitPrice", "discount", "tax"] as const) {
      if (!isCount(line[name])) wrong(`line ${line.id} has ${name} ${line[name]}.`);
    }
    subtotal += line.unitPrice * line.quantity;
    discount += line.discount;
    tax += line.tax;
  }
  const { totals } = order;
  const { charges } = order;
  const total = totalOf({ subtotal, discount, tax, shipping: totals.shipping }, charges);
  const sums = { subtotal, discount, tax, total } as const;
  for (const name of ["subtotal", "discount", "tax", "total"] as const) {
    if (totals[name] !== sums[name]) wrong(`${name} is ${totals[name]}, its parts ${sums[name]}.`);
  }
  for (const [index, { total: { after } }] of editsOf(order).entries()) {
    const next = editsOf(order)[index + 1]?.total.before ?? totals.total;
    if (after !== next) wrong(`edit ${index + 1} made a total of ${after}, which is ${next} next.`);
  }
  const spread = order.lines.reduce((sum, { orderDiscount = 0 }) => sum + orderDiscount, 0);
  const discounts = charges?.discounts.reduce((sum, { amount }) => sum + amount, 0) ?? 0;
  if (spread !== discounts) wrong(`lines have ${spread} of discounts of ${discounts}.`);
  for (const [name, amount] of Object.entries(totals)) {
    if (!isCount(amount) || amount > largestAmount) wrong(`${name} is ${amount}.`);
  }
};

/** The faults in the buckets of an order's lines, in its parts, its money and its returns. */
export const faultsOf = (order: Order): readonly Fault[] => {
  const faults: Fault[] = [];
  checkBuckets(order, (detail) => void faults.push({ invariant: "line-buckets", detail }));
  checkMoney(order, (detail) => void faults.push({ invariant: "money", detail }));
  faults.push(...kitFaults(order));
  faults.push(...returnFaults(order));
  faults.push(...paymentFaults(order));
  faults.push(...invoiceFaults(order));
  return faults;
};
