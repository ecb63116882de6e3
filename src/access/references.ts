/** API keys, as a reference: made, changed in all but their secret, revoked, and found by their hash. */
import { Schema } from "effect";
import { accessLimits } from "./limits.ts";
import { roles } from "../kernel/principal.ts";
import { uniqueKey } from "../subject/link.ts";
import { reference, sharedReferencePartition } from "../subject/reference.ts";
import type { ApiKey } from "./access.ts";
import { accessKeys } from "./keys.ts";

export const apiKeys = reference<ApiKey>({
  name: "key",
  family: "api_key",
  idOf: ({ id }) => id,
  schema: Schema.Struct({
    id: Schema.String,
    name: Schema.String,
    role: Schema.Literals(roles),
    scope: Schema.Struct({
      channel: Schema.optionalKey(Schema.String),
      locationId: Schema.optionalKey(Schema.String),
    }),
    hash: Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/u)),
    createdAt: Schema.String,
    createdBy: Schema.String,
    updatedAt: Schema.optionalKey(Schema.String),
  }),
  partition: sharedReferencePartition,
  limit: accessLimits.keys,
  confidential: true,
  memory: { type: "recent", capacity: accessLimits.cachedPrincipals },
  records: {
    kind: "access",
    idMember: "keyId",
    added: "key.created",
    saved: "key.saved",
    removed: "key.revoked",
    concerning: ["session.ended"],
  },
  linksOf: ({ id, hash }) => [uniqueKey(accessKeys.apiKeyHash(hash), { keyId: id })],
  linkFamilies: ["api_key_hash"],
});
