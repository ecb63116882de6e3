/** When an order could leave, and be there. Nothing is taken. */
import { Effect } from "effect";
import { type Promised, Promises } from "../../actors/supply/promises.ts";
import { promiseLimits } from "../../src/supply/limits.ts";
import type { PromiseReason } from "../../src/supply/promise.ts";
import { instantOf } from "../../src/kernel/instant.ts";
import { command, json, kept } from "../http/answer.ts";
import { fail } from "../http/problems.ts";
import { jsonBody, route } from "../http/registry.ts";
import { narrowed } from "../http/scope.ts";
import { normalizedIn } from "../http/times.ts";
import { asOfIn, promisesTag, tooManyText } from "./availability.ts";
import { PromiseAnswer, PromiseRequest } from "./promise-schemas.ts";

const detailOf = (reason: PromiseReason): string => {
  switch (reason.code) {
    case "short":
      return `${reason.promised} of ${reason.requested} units of ${reason.sku} can be promised`;
    case "late":
      return `${reason.quantity} units of line ${reason.line} are not there when they are needed`;
    case "location_not_usable":
      return `${reason.locationId} is no location that orders are sent to`;
    case "location_closed":
      return `${reason.locationId} has no working day on which anything could leave`;
  }
};

type Body = typeof PromiseRequest.Type;

const promiseView = (
  { channel, mode = "earliest" }: Body,
  { asOf, plan, overdue }: Promised,
) => ({
  ...{ asOf, channel, mode },
  ...plan,
  reasons: [
    ...plan.reasons.map((reason) => ({ ...reason, detail: detailOf(reason) })),
    ...overdue.slice(0, promiseLimits.overdueShown).map(
      ({ supplyId, sku, locationId, dueMs, units }) => ({
        code: "supply_overdue",
        detail: `${units} units of ${sku} were due at ${locationId} on ${instantOf(dueMs)}`,
        ...{ supplyId, sku, locationId, quantity: units },
      }),
    ),
  ],
});

export const makePromise = route({
  method: "POST",
  path: "/v1/promises",
  operationId: "makePromise",
  summary: "When lines could leave and arrive, and from where: nothing is taken",
  description:
    "Of what is there and what is on its way. Others may take the units meanwhile: an order, or a reservation, " +
    "takes them.",
  tags: [promisesTag],
  permission: "inventory:read",
  scopes: { channel: "narrowed", location: "refused" },
  body: jsonBody(PromiseRequest),
  responses: { 200: { description: "The plan", schema: PromiseAnswer } },
  handler: Effect.fnUntraced(function* (request) {
    const promises = yield* Promises;
    const { by } = request;
    const body: Body = request.body;
    yield* narrowed(by.scope.channel, body.channel, "channel");
    const asOfMs = yield* asOfIn(by, body.asOf);
    const { channel, destination, mode = "earliest", service } = body;
    const lines = body.lines.map(({ neededAt, ...line }) => ({
      ...line,
      neededAt: normalizedIn(neededAt),
    }));
    return yield* command(
      request,
      (context) =>
        Effect.flatMap(
          Effect.catchTag(
            promises.promise({ channel, destination, lines, mode, service, asOfMs }),
            "TooManyGoods",
            (tooMany) =>
              fail("invalid-request", "The lines are of too many goods.", {
                errors: [{ pointer: "/lines", detail: tooManyText(tooMany) }],
              }),
          ),
          (promised) => kept(promised, context),
        ),
      (promised: Promised) => json(200, promiseView(body, promised)),
    );
  }),
});

export const promiseRoutes = [makePromise];
