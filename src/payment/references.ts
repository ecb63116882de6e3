/** Payment providers, as a reference: every process knows them all. */
import { Schema } from "effect";
import { reference, savedFields } from "../subject/reference.ts";
import type { SealedPlace } from "../kernel/sealed.ts";
import { providerLimits } from "./limits.ts";
import { type Provider, providerTypes, singleCaptures } from "./provider.ts";

const SealedSchema = Schema.Struct({ k: Schema.String, iv: Schema.String, data: Schema.String });

export const providers = reference<Provider>({
  name: "payment_provider",
  idOf: ({ id }) => id,
  schema: Schema.Struct({
    id: Schema.String,
    type: Schema.Literals(providerTypes),
    url: Schema.NullOr(Schema.String),
    secret: Schema.NullOr(SealedSchema),
    webhookSecret: Schema.optionalKey(SealedSchema),
    capabilities: Schema.Struct({
      multipleCaptures: Schema.Boolean,
      partialCapture: Schema.Boolean,
      reauthorize: Schema.Boolean,
      refundWindowDays: Schema.optionalKey(Schema.Int),
    }),
    singleCapture: Schema.Literals(singleCaptures),
    ...savedFields,
  }),
  limit: providerLimits.providers,
  memory: { type: "all" },
  sealed: ["secret", "webhookSecret"],
});

/** Where the secret of a provider is sealed: it opens nowhere else. */
export const placeOfSecret = (
  id: string,
  field: "secret" | "webhookSecret" = "secret",
): SealedPlace => ({ key: providers.key(id), field });
