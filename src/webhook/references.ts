/** Webhook endpoints, as a reference: every process knows them all. */
import { Schema } from "effect";
import { roles } from "../kernel/principal.ts";
import type { SealedPlace } from "../kernel/sealed.ts";
import { secretsField, SigningSecretsSchema } from "../outbound/signing.ts";
import { reference, savedFields } from "../subject/reference.ts";
import { webhookLimits } from "./limits.ts";
import {
  disabledCodes,
  includable,
  orderings,
  recordTypeOf,
  type Webhook,
  webhookRecordKind,
  webhookRecords,
} from "./webhook.ts";

const ScopeSchema = Schema.Struct({
  channel: Schema.optionalKey(Schema.String),
  locationId: Schema.optionalKey(Schema.String),
});

const { saved, removed, enabled, disabled, secretRotated, test } = webhookRecords;

export const webhooks = reference<Webhook>({
  name: "webhook_endpoint",
  idOf: ({ id }) => id,
  schema: Schema.Struct({
    id: Schema.String,
    url: Schema.String,
    types: Schema.Array(Schema.String),
    filter: ScopeSchema,
    include: Schema.Array(Schema.Literals(includable)),
    ordering: Schema.Literals(orderings),
    description: Schema.String,
    enabled: Schema.Boolean,
    disabled: Schema.NullOr(Schema.Struct({
      code: Schema.Literals(disabledCodes),
      reason: Schema.String,
      at: Schema.String,
    })),
    start: Schema.Int,
    secrets: SigningSecretsSchema,
    owner: Schema.Struct({
      keyId: Schema.String,
      role: Schema.Literals(roles),
      scope: ScopeSchema,
    }),
    ...savedFields,
  }),
  limit: webhookLimits.endpoints,
  memory: { type: "all" },
  sealed: [secretsField],
  records: {
    kind: webhookRecordKind,
    idMember: "webhookId",
    added: saved,
    saved,
    removed,
    savedAs: [enabled, disabled, secretRotated],
    concerning: [test],
  },
  savedAs: recordTypeOf,
});

/** Where the secrets of an endpoint are sealed: they open nowhere else. */
export const placeOfSecret = (id: string): SealedPlace => ({
  key: webhooks.key(id),
  field: secretsField,
});
