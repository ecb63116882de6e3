/** The problems of webhook endpoints, and which failures become them. */
import type { EndpointDisabled } from "../../actors/webhook/webhook-deliveries.ts";
import type { RotationUnderWay, WebhookRefused } from "../../actors/webhook/webhooks.ts";
import type { TargetNotAllowed } from "../../src/outbound/target.ts";
import type { SecretsKeyMissing } from "../../src/secrets/sealing.ts";
import type { Failures } from "../http/failures.ts";
import { problem, type ProblemType } from "../http/problems.ts";

export const targetNotAllowed: ProblemType = {
  name: "target-not-allowed",
  status: 422,
  title: "Nothing is sent to such a target",
  meaning:
    "The URL, or an address that its name resolves to, is not one that the engine calls. Nothing was saved.",
  remedy:
    "Give an https URL on the public internet, or have the operator name the host or network in `ALLOT_OUTBOUND_ALLOW`.",
};

export const secretsKeyMissing: ProblemType = {
  name: "secrets-key-missing",
  status: 409,
  title: "There is no key to seal secrets with",
  meaning:
    "Secrets are stored sealed, with a key that is not in the store, and there is none. Nothing was saved.",
  remedy: "Set `ALLOT_SECRETS_KEY` to the base64 of 32 random bytes, and start the engine anew.",
};

export const endpointDisabled: ProblemType = {
  name: "endpoint-disabled",
  status: 409,
  title: "The endpoint is disabled",
  meaning: "Nothing is sent to it, and nothing was sent now.",
  remedy: "Enable it, and ask again.",
};

export const webhookFailures: Failures<
  TargetNotAllowed | SecretsKeyMissing | EndpointDisabled | RotationUnderWay | WebhookRefused
> = {
  TargetNotAllowed: {
    problem: ({ detail }) =>
      problem(targetNotAllowed, detail, { errors: [{ pointer: "/url", detail }] }),
  },
  SecretsKeyMissing: {
    problem: () =>
      problem(
        secretsKeyMissing,
        "The secret of an endpoint is stored sealed: set ALLOT_SECRETS_KEY to the base64 of 32 random bytes.",
      ),
  },
  EndpointDisabled: {
    problem: ({ id }) =>
      problem(endpointDisabled, `Nothing is sent to ${id} until somebody enables it.`),
  },
  RotationUnderWay: {
    problem: ({ until }) =>
      problem(
        "conflict",
        `The secret before this one signs until ${until}. Ask with "force" to end that now.`,
      ),
  },
  WebhookRefused: { problem: ({ detail }) => problem("forbidden", detail) },
};
