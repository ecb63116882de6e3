/**
 * Keeps what belongs to a person out of texts that go into the log, which keeps them for good: what somebody
 * types is refused, and what a carrier sends goes on without it.
 */
import { Effect } from "effect";
import { orders } from "../../src/order/definition.ts";
import type { OrderDocument } from "../../src/order/document.ts";
import type { OrderCommand } from "../../src/order/order.ts";
import { findPersonalData, personalDataOf } from "../../src/verify/personal-data.ts";
import { fail } from "../http/problems.ts";

const left = "[…]";

const detail =
  "This is the customer's name, address, phone or e-mail, which the log must not keep: say it without.";

/** The command, if what is new in it is nothing of the customer's. */
export const withoutPersonal = (
  { state, personal }: OrderDocument,
  command: OrderCommand,
) => {
  const texts = orders.personalTexts(personal, state);
  if (command.type === "track") {
    const { description } = command;
    if (description === undefined) return Effect.succeed(command);
    const told = texts.whole.includes(description)
      ? left
      : texts.within.reduce((text, found) => text.replaceAll(found, left), description);
    return Effect.succeed({ ...command, description: told });
  }
  // What it was is in the log already.
  const fresh = command.type === "correct-tracking" ? { ...command, was: undefined } : command;
  const pointer = findPersonalData(fresh, personalDataOf(texts));
  return pointer === null
    ? Effect.succeed(command)
    : Effect.fail(fail("invalid-request", detail, { errors: [{ pointer, detail }] }));
};
