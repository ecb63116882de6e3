/**
 * Commands to orders that need to know lots: the decision says of which units, they are found, and it is decided
 * again with them. Commands about untracked items never come here.
 */
import { Effect } from "effect";
import { actorLimits } from "../../src/kernel/limits.ts";
import { lotLimits } from "../../src/lot/limits.ts";
import type { LotRejection, NamedLine } from "../../src/lot/naming.ts";
import { orders } from "../../src/order/definition.ts";
import type { OrderDocument } from "../../src/order/document.ts";
import type { OrderCommand, OrderRejection } from "../../src/order/order.ts";
import { backOff } from "../../src/store/back-off.ts";
import { Aggregates } from "../aggregate/aggregates.ts";
import {
  type CommandContext,
  type CommandFailure,
  type NotFound,
  type PreconditionFailed,
  Refused,
} from "../command/command.ts";
import { Conflict } from "../ledger/unit.ts";
import { Lots } from "../lot/lots.ts";

type Failure = NotFound | PreconditionFailed | Refused<OrderRejection> | CommandFailure;

const withNames = (command: OrderCommand, named: readonly NamedLine[]): OrderCommand =>
  command.type === "pick" || command.type === "ship" || command.type === "collect"
    ? { ...command, named }
    : command;

/** Whether others took the units between the look for lots and the decision. */
const isTaken = (rejection: OrderRejection): boolean => rejection._tag === "LotShort";

export const orderNaming = Effect.gen(function* () {
  const aggregates = yield* Aggregates;
  const lots = yield* Lots;

  const named = (
    orderId: string,
    asked: OrderCommand,
    context: CommandContext<OrderDocument>,
    unnamed: Extract<LotRejection, { readonly _tag: "LotsUnnamed" }>,
    tries: number,
  ): Effect.Effect<OrderDocument, Failure> =>
    Effect.flatMap(
      lots.name(unnamed.locationId, unnamed.lines, context.by),
      (lines) =>
        Effect.catchTag(
          aggregates.command(orders, orderId, withNames(asked, lines), context),
          "Refused",
          ({ rejection }): Effect.Effect<OrderDocument, Failure> => {
            if (rejection._tag !== "LotsUnnamed" && !isTaken(rejection)) {
              return Effect.fail(new Refused({ rejection }));
            }
            if (tries >= lotLimits.namingTries) {
              return Effect.fail(new Conflict({ detail: "Others keep picking these lots." }));
            }
            const next = rejection._tag === "LotsUnnamed" ? rejection : unnamed;
            return Effect.andThen(
              backOff(actorLimits.decisionBackoff, tries),
              named(orderId, asked, context, next, tries + 1),
            );
          },
        ),
    );

  return {
    command: (orderId: string, asked: OrderCommand, context: CommandContext<OrderDocument>) =>
      Effect.catchTag(
        aggregates.command(orders, orderId, asked, context),
        "Refused",
        ({ rejection }): Effect.Effect<OrderDocument, Failure> =>
          rejection._tag === "LotsUnnamed"
            ? named(orderId, asked, context, rejection, 0)
            : Effect.fail(new Refused({ rejection })),
      ),
  };
});
