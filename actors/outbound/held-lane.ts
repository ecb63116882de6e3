/**
 * The way to the outside. A delivery needs the lane that it is for, and only the process that holds the lane
 * has it to give: an observer of the log, a fold or a command that ran a delivery would not type-check.
 */
import { Context, Effect } from "effect";
import type { Message, Outcome } from "../../src/outbound/message.ts";

/** Not exported as a value: nobody else can provide it. */
class HeldLane extends Context.Service<HeldLane, string>()("allot/HeldLane") {}

/**
 * Delivers one message and says what became of it. It may be asked for the same message again, with the same
 * id and the same bytes: also when it had delivered it, and nobody came to know.
 */
export type Deliver = (message: Message) => Effect.Effect<Outcome, never, HeldLane>;

/** Makes a delivery out of what sends a message; for composition roots. */
export const delivery =
  (send: (message: Message, lane: string) => Effect.Effect<Outcome>): Deliver => (message) =>
    Effect.flatMap(HeldLane, (lane) => send(message, lane));

/** For the process that holds the lane. */
export const deliverFrom = (
  lane: string,
  deliver: Deliver,
  message: Message,
): Effect.Effect<Outcome> => Effect.provideService(deliver(message), HeldLane, lane);
