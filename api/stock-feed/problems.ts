/** The problems of stock feeds, and which failures become them. */
import type { FeedDisabled, LocationsUnknown } from "../../actors/stock-feed/stock-feeds.ts";
import type { TargetNotAllowed } from "../../src/outbound/target.ts";
import type { SecretsKeyMissing } from "../../src/secrets/sealing.ts";
import type { Failures } from "../http/failures.ts";
import { problem, type ProblemType } from "../http/problems.ts";
import { webhookFailures } from "../webhook/problems.ts";

export const stockFeedDisabled: ProblemType = {
  name: "stock-feed-disabled",
  status: 409,
  title: "The stock feed is disabled",
  meaning: "It is told nothing, and nothing was asked for now.",
  remedy: "Save it with `enabled`: then it is told of all SKUs.",
};

const { TargetNotAllowed: targetNotAllowed, SecretsKeyMissing: secretsKeyMissing } =
  webhookFailures;

export const feedFailures: Failures<
  TargetNotAllowed | SecretsKeyMissing | FeedDisabled | LocationsUnknown
> = {
  TargetNotAllowed: targetNotAllowed,
  SecretsKeyMissing: secretsKeyMissing,
  FeedDisabled: {
    problem: ({ id }) => problem(stockFeedDisabled, `${id} is told nothing until it is enabled.`),
  },
  LocationsUnknown: {
    problem: ({ at }) =>
      problem("invalid-request", "There are no such locations.", {
        errors: at.map((n) => ({ pointer: `/locationIds/${n}`, detail: "is no location" })),
      }),
  },
};
