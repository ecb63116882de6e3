/** Webhook endpoints as the API takes them and answers with them. */
import { Schema } from "effect";
import { textLimits } from "../../src/kernel/limits.ts";
import { anyText, Identifier, Timestamp } from "../../src/kernel/vocabulary.ts";
import { outboundLimits } from "../../src/outbound/limits.ts";
import { laneStatuses } from "../../src/outbound/state.ts";
import { webhookLimits } from "../../src/webhook/limits.ts";
import { disabledCodes, includable, orderings } from "../../src/webhook/webhook.ts";
import { count, time } from "../http/schemas.ts";

const typePattern = /^(\*|[a-z_]+(\.[a-z_]+)*(\.\*)?)$/;

const TypePattern = Schema.String.check(
  Schema.makeFilter(
    (value: string) =>
      (value.length <= textLimits.id && typePattern.test(value)) ||
      "must be a type of events, such as `order.shipped`, or the beginning of types: `order.*`",
    { toJsonSchema: () => ({ pattern: typePattern.source, maxLength: textLimits.id }) },
  ),
).annotate({ identifier: "EventTypePattern" });

const SomeTypePatterns = Schema.Array(TypePattern).check(
  Schema.isMaxLength(webhookLimits.types),
);

export const TypePatterns = SomeTypePatterns.check(Schema.isMinLength(1));

const Narrowing = Schema.Struct({
  channel: Schema.optionalKey(Identifier),
  locationId: Schema.optionalKey(Identifier),
});

export const WebhookRequest = Schema.Struct({
  url: Schema.String.check(Schema.isMaxLength(outboundLimits.urlLength)).annotate({
    description: "Where events are posted to: https, and on the public internet",
  }),
  types: TypePatterns.annotate({
    description: "Exact types, or beginnings of types: `order.*`. A test comes in any case",
  }),
  filter: Schema.optionalKey(
    Narrowing.annotate({ description: "Only events of a channel, of a location, or of both" }),
  ),
  include: Schema.optionalKey(
    Schema.Array(Schema.Literals(includable)).check(Schema.isMaxLength(includable.length)).annotate(
      {
        description: "`order`: the order as it is when the event is first sent, without personal " +
          "data. `personalData`: the customer and the addresses too; for administrators",
      },
    ),
  ),
  ordering: Schema.optionalKey(
    Schema.Literals(orderings).annotate({
      description: "`order`: an event is sent once the one before it of the same order is " +
        "delivered, or has failed for good. `endpoint`: the same for all events, one at a time. " +
        "Default `order`",
    }),
  ),
  description: Schema.optionalKey(anyText(textLimits.description)),
}).annotate({ identifier: "WebhookRequest" });

const Scope = Schema.Struct({
  channel: Schema.optionalKey(Schema.String),
  locationId: Schema.optionalKey(Schema.String),
});

const fields = {
  id: Schema.String,
  url: Schema.String,
  types: Schema.Array(Schema.String),
  filter: Scope,
  include: Schema.Array(Schema.Literals(includable)),
  ordering: Schema.Literals(orderings),
  description: Schema.String,
  status: Schema.Literals(laneStatuses).annotate({
    description: "`failing`: nobody answers there, and events wait in the log. `paused`: a bound " +
      "is reached, and nothing more is sent until somebody looks after it",
  }),
  reason: Schema.optionalKey(
    Schema.String.annotate({ description: "Why it is not active" }),
  ),
  disabled: Schema.optionalKey(
    Schema.Struct({ code: Schema.Literals(disabledCodes), reason: Schema.String, at: time }),
  ),
  failingSince: Schema.optionalKey(time),
  waiting: count.annotate({
    description: "Events that are not delivered yet, as far as they are read",
  }),
  failed: count.annotate({ description: "Events that failed for good" }),
  secondsBehind: Schema.Finite.annotate({ description: "How far behind the log it is" }),
  scope: Scope.annotate({ description: "What the key sees that it was made with" }),
  madeBy: Schema.String.annotate({
    description: "The key that it was made with: when that is revoked, the endpoint is disabled",
  }),
  secrets: Schema.Array(Schema.Struct({ createdAt: time, endsAt: Schema.NullOr(time) })).annotate({
    description: "The secrets that sign, the newest first; the secrets themselves are shown when " +
      "they are made, and never again",
  }),
  createdAt: time,
  updatedAt: time,
  version: Schema.Int,
};

export const Webhook = Schema.Struct(fields).annotate({ identifier: "Webhook" });

export const WebhookWithSecret = Schema.Struct({
  ...fields,
  secret: Schema.NullOr(Schema.String).annotate({
    description: "What signs from now on, as Standard Webhooks has it; null in a repeated answer",
  }),
}).annotate({ identifier: "WebhookWithSecret" });

export const RotateRequest = Schema.Struct({
  keepOldHours: Schema.optionalKey(
    Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: webhookLimits.mostKeepOldHours }))
      .annotate({
        description:
          `How long the secret of now signs beside the new one. Default ${webhookLimits.keepOldHours}`,
      }),
  ),
  force: Schema.optionalKey(
    Schema.Boolean.annotate({ description: "True: also while an older secret signs still" }),
  ),
}).annotate({ identifier: "RotateSecretRequest" });

export const EnableRequest = Schema.Struct({
  resume: Schema.optionalKey(
    Schema.Literals(["where_it_stopped", "now"]).annotate({
      description: "`where_it_stopped`: nothing is missed. `now`: what happened meanwhile, and " +
        "what waits, is left out. Default `where_it_stopped`",
    }),
  ),
}).annotate({ identifier: "EnableWebhookRequest" });

export const DisableRequest = Schema.Struct({
  reason: Schema.optionalKey(anyText(textLimits.reason)),
}).annotate({ identifier: "DisableWebhookRequest" });

const SomeEventIds = Schema.Array(Identifier).check(
  Schema.isMaxLength(webhookLimits.redeliveredIds),
);

const EventIds = SomeEventIds.check(Schema.isMinLength(1));

export const RedeliverRequest = Schema.Struct({
  eventIds: Schema.optionalKey(SomeEventIds.annotate({ description: "These; or those of a time" })),
  since: Schema.optionalKey(Timestamp),
  until: Schema.optionalKey(Timestamp.annotate({ description: "Now when absent" })),
  types: Schema.optionalKey(SomeTypePatterns),
  outcome: Schema.optionalKey(
    Schema.Literal("failed").annotate({ description: "Only what failed for good" }),
  ),
}).annotate({ identifier: "RedeliverRequest", description: "Either `eventIds` or `since`" });

export const DismissRequest = Schema.Struct({ eventIds: EventIds }).annotate({
  identifier: "DismissRequest",
});

export const Redelivery = Schema.Struct({
  id: Schema.String,
  status: Schema.Literal("accepted"),
}).annotate({ identifier: "Redelivery" });

/** What `outcome` of a delivery may be, and of which a list may be asked for. */
export const deliveryOutcomes = ["delivered", "not_delivered", "waiting", "failed"] as const;

export const Delivery = Schema.Struct({
  eventId: Schema.String,
  orderId: Schema.NullOr(Schema.String),
  outcome: Schema.Literals(deliveryOutcomes).annotate({
    description: "Of one attempt: `delivered` or `not_delivered`. Of an event: `waiting` for its " +
      "next attempt, or for another event of its order; `failed` for good",
  }),
  attempt: count.annotate({ description: "Which attempt it was, or how many there were" }),
  at: Schema.NullOr(time).annotate({ description: "When it was sent, the first time" }),
  nextAt: Schema.optionalKey(time),
  tookMs: Schema.optionalKey(count),
  status: Schema.optionalKey(Schema.Int.annotate({ description: "That of the answer" })),
  reason: Schema.optionalKey(Schema.String),
  answer: Schema.optionalKey(
    Schema.String.annotate({
      description: "The beginning of what was answered; not for keys of a channel or a location",
    }),
  ),
  body: Schema.optionalKey(
    Schema.String.annotate({
      description: "What is sent, without personal data. Absent where more than the event was " +
        "sent, and delivered",
    }),
  ),
}).annotate({ identifier: "WebhookDelivery" });
