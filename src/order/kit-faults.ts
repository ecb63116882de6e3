/** Checks that the kits of an order are whole: no line has a part of one without the rest. */
import type { Fault } from "../subject/aggregate.ts";
import { isHeld } from "./hold-codes.ts";
import { componentOf } from "./kits.ts";
import type { Order, OrderLine } from "./order.ts";
import { isPartId, type LineParts, partsOf } from "./parts.ts";

const isCount = (value: unknown, least = 0): boolean =>
  Number.isSafeInteger(value) && Number(value) >= least;

type Wrong = (detail: string) => void;

const checkLine = (line: OrderLine, wrong: Wrong): void => {
  const { id, method, components, shipsSeparately, waitingParts } = line;
  if (components === undefined) {
    if (shipsSeparately !== undefined) wrong(`line ${id} ships in parts and has none.`);
    if (waitingParts !== undefined) wrong(`line ${id} waits for parts and has none.`);
    return;
  }
  if (components.length === 0) wrong(`line ${id} is a kit of nothing.`);
  if (method === "digital") wrong(`line ${id} is a kit and digital.`);
  if (new Set(components.map(({ sku }) => sku)).size !== components.length) {
    wrong(`line ${id} has a component twice.`);
  }
  for (const { sku, quantity } of components) {
    if (!isCount(quantity, 1)) wrong(`line ${id} is made of ${quantity} units of ${sku}.`);
  }
  if (waitingParts !== undefined && shipsSeparately !== true) {
    wrong(`line ${id} waits for parts, and its kits ship together.`);
  }
};

/** All units of the kits that are begun are somewhere: only an allocation that goes on may still look for them. */
const checkParts = (order: Order, id: string, kits: LineParts, wrong: Wrong): void => {
  for (const { sku, perKit, allocated, shipped, delivered, waiting } of kits.units) {
    for (const units of [allocated, shipped, delivered, waiting]) {
      if (!isCount(units)) wrong(`line ${id} has ${units} units of ${sku} somewhere.`);
    }
    const missing = kits.begun * perKit - allocated - shipped - waiting;
    if (missing !== 0 && !order.allocating && !isHeld(order)) {
      wrong(`line ${id} lacks ${missing} units of ${sku} for ${kits.begun} kits.`);
    }
    if (delivered > shipped) wrong(`line ${id} has more of ${sku} delivered than shipped.`);
  }
};

export const kitFaults = (order: Order): readonly Fault[] => {
  const faults: Fault[] = [];
  const wrong = (detail: string) => void faults.push({ invariant: "kits-whole", detail });
  for (const line of order.lines) checkLine(line, wrong);
  const parts = partsOf(order);
  for (const [id, kits] of parts ?? []) checkParts(order, id, kits, wrong);
  for (const { id, lines } of order.fulfillmentOrders) {
    for (const { lineId } of lines) {
      if (!isPartId(lineId)) continue;
      if (parts === null || componentOf(order, lineId) === undefined) {
        wrong(`${id} has a part ${lineId} that no kit has.`);
      }
    }
  }
  return faults;
};
