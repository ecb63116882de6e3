/** Opens the secrets of payment providers: what they are called with, and what they sign with. */
import { Effect } from "effect";
import type { Sealed } from "../../src/kernel/sealed.ts";
import { NotSigned, ProviderUnclear } from "../../src/payment/port.ts";
import type { Provider } from "../../src/payment/provider.ts";
import { placeOfSecret } from "../../src/payment/references.ts";
import type { Sealing } from "../../src/secrets/sealing.ts";

export const openedSecret = (
  sealing: Sealing["Service"],
  { id }: Provider,
  secret: Sealed,
): Effect.Effect<string, ProviderUnclear> =>
  Effect.mapError(
    sealing.open(placeOfSecret(id), secret),
    () => new ProviderUnclear({ code: "secret_unreadable" }),
  );

/** Without one that can be opened nothing is signed. */
export const openedWebhookSecret = (
  sealing: Sealing["Service"],
  { id, webhookSecret }: Provider,
): Effect.Effect<string, NotSigned> =>
  webhookSecret === undefined ? Effect.fail(new NotSigned()) : Effect.mapError(
    sealing.open(placeOfSecret(id, "webhookSecret"), webhookSecret),
    () => new NotSigned(),
  );
