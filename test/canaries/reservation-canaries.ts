/** Bugs in what carts keep, and in how their orders take it over. */
import type { Canary } from "./canary.ts";

const seenBy = (name: string): Required<Canary>["test"] => ({
  file: "test/reservation/reservations_test.ts",
  name,
});

export const reservationCanaries: readonly Canary[] = [
  {
    name: "a cart that became an order expires all the same",
    file: "src/reservation/decide.ts",
    find: '    return command.type === "expire" || isLetGo ? nothingToDo : illegal(',
    replace: '    if (command.type === "expire") return done({ type: "reservation.expired" });\n' +
      "    return isLetGo ? nothingToDo : illegal(",
    test: seenBy("a cart whose time has come is its shopper's"),
  },
  {
    name: "a cart expires before its time",
    file: "src/reservation/decide.ts",
    find: "      return facts.now < reservation.expiresAt",
    replace: "      return facts.now > reservation.expiresAt",
    test: seenBy("units go free when their time has come, and not before"),
  },
  {
    name: "a cart that became an order keeps its units beside it",
    file: "src/reservation/claims.ts",
    find: '      return [];\n    case "reservation.converted":\n',
    replace: '    case "reservation.converted":\n      return [];\n',
    test: seenBy("a cart keeps units from others, and its order takes them over"),
  },
  {
    name: "a cart that is changed counts units of others as its own",
    file: "src/reservation/decide.ts",
    find: "facts.available(locationId, sku) + keptAt(locationId, sku),",
    replace: "facts.available(locationId, sku) + 2 * keptAt(locationId, sku),",
    test: seenBy("nobody is kept from his own units"),
  },
  {
    name: "a shopper is kept from the units of his own cart",
    file: "src/reservation/decide.ts",
    find: "facts.available(locationId, sku) + keptAt(locationId, sku),",
    replace: "facts.available(locationId, sku) + 0 * keptAt(locationId, sku),",
    test: seenBy("nobody is kept from his own units"),
  },
  {
    name: "the units of a cart are held twice while it becomes an order",
    file: "actors/aggregate/deciding.ts",
    find: "      for (const { drop } of held) drop();\n      return books.hold(balances);",
    replace:
      "      return balances.length < 0 ? () => {} : () => { for (const { drop } of held) drop(); };",
    test: seenBy("nobody is refused units that are free while carts become orders"),
  },
  {
    name: "an order takes over a cart in several commits",
    file: "actors/order/orders.ts",
    find: "  if (order.allocating) return new InvalidOrder",
    replace: "  if (order.allocating && order.version > 1) return new InvalidOrder",
    test: seenBy("what is kept at many places becomes an order in one commit, or is not kept"),
  },
  {
    name: "a place counts twice where a cart and its order touch it in one commit",
    file: "src/order/room.ts",
    find: "!this.#locations.has(locationId) && !this.#isTouched(locationId)",
    replace: "!this.#locations.has(locationId) && this.#isTouched(locationId) !== null",
    test: seenBy("what is kept at many places becomes an order in one commit, or is not kept"),
  },
  {
    name: "an order takes over the cart of another channel",
    file: "src/reservation/decide.ts",
    find: 'if (command.type === "convert" && command.channel !== reservation.channel) {',
    replace: 'if (command.type === "convert" && command.channel === "") {',
    test: seenBy("a cart is its channel's"),
  },
  {
    name: "an order that gets nothing ends its cart",
    file: "actors/order/orders.ts",
    find: "  return order.fulfillmentOrders.length === 0 ? new ReservationUnused() : null;",
    replace: "  return order.fulfillmentOrders.length < 0 ? new ReservationUnused() : null;",
    test: seenBy("an order that gets nothing takes nothing from its cart"),
  },
];
