/** An order and the events that a decision has made of it so far: what comes next is decided on top of them. */
import { evolve } from "./evolve.ts";
import type { Order, OrderEvent, OrderFacts } from "./order.ts";

export class Unfolding {
  readonly events: OrderEvent[] = [];
  #order: Order;

  constructor(order: Order, readonly facts: OrderFacts, events: readonly OrderEvent[] = []) {
    this.#order = order;
    for (const event of events) this.add(event);
  }

  get order(): Order {
    return this.#order;
  }

  add(event: OrderEvent): void {
    this.events.push(event);
    this.#order = evolve(this.#order, event, this.facts.now);
  }
}
