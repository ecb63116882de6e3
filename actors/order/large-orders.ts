/** Orders too large for one commit: their allocation, or cancellation, goes on in further ones. */
import { Context, Effect, Layer } from "effect";
import { orders } from "../../src/order/definition.ts";
import type { OrderDocument } from "../../src/order/document.ts";
import { systemPrincipal } from "../../src/kernel/principal.ts";
import { Aggregates } from "../aggregate/aggregates.ts";

export class LargeOrders extends Context.Service<LargeOrders, {
  /** Goes on with an order that is being allocated, in the background; does nothing for others. */
  readonly resume: (document: OrderDocument) => Effect.Effect<void>;
}>()("allot/LargeOrders") {
  static readonly layer = Layer.effect(
    LargeOrders,
    Effect.gen(function* () {
      const aggregates = yield* Aggregates;
      const scope = yield* Effect.scope;

      const finish = Effect.fnUntraced(function* (orderId: string) {
        let isAllocating = true;
        while (isAllocating) {
          const allocate = { type: "allocate" } as const;
          const { state } = yield* aggregates.command(orders, orderId, allocate, {
            by: systemPrincipal,
          });
          isAllocating = state.allocating;
        }
      });

      return LargeOrders.of({
        // Should the process end meanwhile, the order's timer takes it up again.
        resume: ({ state }) =>
          state.allocating
            ? Effect.asVoid(Effect.forkIn(
              Effect.catchCause(
                finish(state.id),
                (cause) => Effect.logWarning("Allocation of a large order goes on later", cause),
              ),
              scope,
            ))
            : Effect.void,
      });
    }),
  );
}
