/** Checks that the kits of an order are whole: no line promises a part of one. */
import type { Fault } from "../subject/aggregate.ts";
import type { Order } from "./order.ts";

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 1;

export const kitFaults = (order: Order): readonly Fault[] => {
  const faults: Fault[] = [];
  const wrong = (detail: string) => void faults.push({ invariant: "kits-whole", detail });
  for (const { id, method, components, shipsSeparately } of order.lines) {
    if (components === undefined) {
      if (shipsSeparately !== undefined) wrong(`line ${id} ships in parts and has none.`);
      continue;
    }
    if (components.length === 0) wrong(`line ${id} is a kit of nothing.`);
    if (method === "digital") wrong(`line ${id} is a kit and digital.`);
    if (new Set(components.map(({ sku }) => sku)).size !== components.length) {
      wrong(`line ${id} has a component twice.`);
    }
    for (const { sku, quantity } of components) {
      if (!isCount(quantity)) wrong(`line ${id} is made of ${quantity} units of ${sku}.`);
    }
  }
  return faults;
};
