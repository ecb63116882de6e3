/** API keys as the API answers with them. */
import { Schema } from "effect";
import type { ApiKey as ApiKeyOf } from "../../src/access/access.ts";
import { roles } from "../../src/kernel/principal.ts";
import { time } from "../http/schemas.ts";

export const Role = Schema.Literals(roles).annotate({ identifier: "Role" });

export const ApiKey = Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  role: Role,
  scope: Schema.Struct({
    channel: Schema.optionalKey(Schema.String),
    locationId: Schema.optionalKey(Schema.String),
  }).annotate({ identifier: "KeyScope" }),
  createdAt: time,
  createdBy: Schema.String,
  updatedAt: Schema.optionalKey(
    time.annotate({ description: "When it was changed last; absent where it never was" }),
  ),
}).annotate({ identifier: "ApiKey" });

export const CreatedKey = Schema.Struct({
  ...ApiKey.fields,
  key: Schema.NullOr(Schema.String).annotate({
    description: "The key itself: shown this once, and null in a repeat by Idempotency-Key",
  }),
}).annotate({ identifier: "CreatedKey" });

export const KeyName = Schema.Struct({ id: Schema.String, name: Schema.String })
  .annotate({ identifier: "KeyName" });

/** A key without its hash. */
export const apiKeyView = ({ hash: _hash, ...view }: ApiKeyOf) => view;
