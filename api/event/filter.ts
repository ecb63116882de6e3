/** The part of the log's events that a request asks for and its key may see. */
import { Effect, Schema } from "effect";
import type { Principal } from "../../src/kernel/principal.ts";
import { textLimits } from "../../src/kernel/limits.ts";
import { described, Identifier, text } from "../../src/kernel/vocabulary.ts";
import type { ChangeFilter } from "../../src/status/changes.ts";
import { feedLimits } from "../../src/status/limits.ts";
import { isOfPattern } from "../../src/subject/event.ts";
import { Subjects } from "../../src/subject/subject.ts";
import { invalidParameter } from "../http/problems.ts";
import { narrowed } from "../http/scope.ts";

/** The query parameters that narrow events. */
export const eventFilters = {
  channel: Schema.optionalKey(Identifier),
  locationId: Schema.optionalKey(Identifier),
  orderId: Schema.optionalKey(Identifier),
  type: Schema.optionalKey(
    described(
      text(feedLimits.patterns * textLimits.id, "EventTypePatterns"),
      "Types of events, with commas between them: `order.placed`, or `order.*` for all that begin so",
    ),
  ),
};

interface EventQuery {
  readonly channel?: string;
  readonly locationId?: string;
  readonly orderId?: string;
  readonly type?: string;
}

/** A pattern that fits no type is a mistake: nothing would ever come of it. */
const patternsOf = Effect.fnUntraced(function* (type: string) {
  const { eventTypes } = yield* Subjects;
  const patterns = [...new Set(type.split(",").map((each) => each.trim()))];
  if (patterns.length > feedLimits.patterns) {
    return yield* invalidParameter("type", `must have at most ${feedLimits.patterns} types`);
  }
  const unknown = patterns.find((pattern) =>
    !eventTypes.keys().some((each) => isOfPattern(each, pattern))
  );
  if (unknown !== undefined) {
    return yield* invalidParameter("type", `${JSON.stringify(unknown)} fits no type of events`);
  }
  return patterns;
});

/** 403 where the request asks for what its key may not see. */
export const filterOf = Effect.fnUntraced(function* (
  { scope, role }: Principal,
  query: EventQuery,
) {
  const channel = yield* narrowed(scope.channel, query.channel, "channel");
  const locationId = yield* narrowed(scope.locationId, query.locationId, "location");
  const types = query.type === undefined ? undefined : yield* patternsOf(query.type);
  const { orderId } = query;
  return {
    channel,
    locationId,
    orderId,
    types,
    confidential: role === "admin",
  } satisfies ChangeFilter;
});
