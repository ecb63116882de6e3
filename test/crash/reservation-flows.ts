/** What is done to carts from beginning to end. */
import { reservations } from "../../src/reservation/definition.ts";
import type { Reservation, ReservationCommand } from "../../src/reservation/reservation.ts";
import type { PlaceOrderRequest } from "../../src/order/request.ts";
import type { Flow, Step } from "./flows.ts";

type Place = (
  externalId: string,
  lines: Readonly<Record<string, number>>,
  more?: Partial<PlaceOrderRequest>,
) => Step;

type Seen = Parameters<Extract<Step, { type: "ask" }>["request"]>[1];

const reserve = (
  externalId: string,
  units: Readonly<Record<string, number>>,
  expiresInSeconds = 3_600,
): Step => ({
  type: "ask",
  request: () => ({
    type: "reserve",
    request: {
      ...{ channel: "web", externalId, expiresInSeconds },
      lines: Object.entries(units).map(([sku, quantity]) => ({ sku, quantity })),
    },
  }),
});

const cartIn = (seen: Seen, externalId: string): string => {
  const carts = seen(reservations).all as readonly Reservation[];
  const found = carts.find((each) => each.externalId === externalId);
  if (found === undefined) throw new Error(`nobody knows the cart ${externalId}`);
  return found.id;
};

const ask = (externalId: string, command: ReservationCommand): Step => ({
  type: "ask",
  request: (_, seen) => ({
    ...{ type: "ask", aggregate: reservations, id: cartIn(seen, externalId), command },
    mayDoNothing: true,
  }),
});

export const reservationFlows = (place: Place): readonly Flow[] => {
  const order = (cart: string, ...placed: Parameters<Place>): Step => {
    const [externalId, lines, more] = placed;
    return {
      type: "ask",
      request: (known, seen) => {
        const step = place(externalId, lines, { ...more, reservationId: cartIn(seen, cart) });
        if (step.type !== "ask") throw new Error("an order is asked for");
        return step.request(known, seen);
      },
    };
  };
  return [
    {
      name: "keep units for a cart, change it, and order it",
      ends: { one: "allocated", two: "allocated", cart: "converted" },
      stock: { ams: { mug: 5, cup: 2 } },
      steps: [
        reserve("cart", { mug: 5 }),
        reserve("cart", { mug: 3, cup: 1 }),
        place("refused", { mug: 3 }),
        order("cart", "one", { mug: 3, cup: 1 }),
        place("two", { mug: 2 }),
      ],
    },
    {
      name: "let a cart's time come, for an order that waits for its units",
      ends: { one: "allocated", cart: "expired", later: "active" },
      stock: { ams: { mug: 4 } },
      steps: [
        reserve("cart", { mug: 4 }, 60),
        place("one", { mug: 3 }, { onShortage: "backorder" }),
        { type: "wait", ms: 65_000 },
        reserve("later", { mug: 1 }),
        ask("cart", { type: "expire" }),
      ],
    },
    {
      name: "give a cart up, and order without it",
      engines: 2,
      ends: { one: "allocated", two: "allocated", cart: "released", other: "converted" },
      stock: { ams: { mug: 2 }, ber: { mug: 2 } },
      steps: [
        reserve("cart", { mug: 3 }),
        reserve("other", { mug: 1 }),
        ask("cart", { type: "release" }),
        order("cart", "one", { mug: 1 }),
        order("other", "two", { mug: 3 }),
      ],
    },
  ];
};
