/** Payment providers as people save them: with a secret that is sealed, and kept where a request names none. */
import { Context, Effect, Layer, Option } from "effect";
import type { Sealed } from "../../src/kernel/sealed.ts";
import type { AllowList } from "../../src/outbound/allow-list.ts";
import { type TargetNotAllowed, targetOf } from "../../src/outbound/target.ts";
import type { Provider, ProviderRules } from "../../src/payment/provider.ts";
import { placeOfSecret, providers } from "../../src/payment/references.ts";
import { Sealing, type SecretsKeyMissing } from "../../src/secrets/sealing.ts";
import type { CommandContext } from "../command/command.ts";
import type { SaveFailure } from "../reference/change.ts";
import { References, type SaveResult } from "../reference/references.ts";

/** What a request says of a provider. A secret that is absent stays as it is; null takes it away. */
export interface ProviderSettings extends ProviderRules {
  readonly url: string | null;
  readonly secret?: string | null | undefined;
  /** What its webhooks are signed with; the same goes for it. */
  readonly webhookSecret?: string | null | undefined;
}

export class PaymentProviders extends Context.Service<PaymentProviders, {
  readonly save: (
    id: string,
    settings: ProviderSettings,
    context: CommandContext<SaveResult<Provider>>,
  ) => Effect.Effect<SaveResult<Provider>, TargetNotAllowed | SecretsKeyMissing | SaveFailure>;
}>()("allot/PaymentProviders") {
  static readonly layer = (
    allow: AllowList,
  ): Layer.Layer<PaymentProviders, never, References | Sealing> =>
    Layer.effect(PaymentProviders, makePaymentProviders(allow));
}

const makePaymentProviders = Effect.fnUntraced(function* (allow: AllowList) {
  const references = yield* References;
  const sealing = yield* Sealing;

  /** The same secret stays sealed as it is, so that saving what is there changes nothing. */
  const sealed = Effect.fnUntraced(function* (
    id: string,
    field: "secret" | "webhookSecret",
    given: string | null | undefined,
    before: Sealed | null,
  ) {
    if (given === undefined) return before;
    if (given === null) return null;
    const place = placeOfSecret(id, field);
    const known = before === null ? Option.none() : yield* Effect.option(
      sealing.open(place, before),
    );
    return Option.isSome(known) && known.value === given
      ? before
      : yield* sealing.seal(place, given);
  });

  return PaymentProviders.of({
    save: Effect.fnUntraced(function* (id, settings, context) {
      const { secret, webhookSecret, ...rest } = settings;
      if (rest.url !== null) yield* Effect.fromResult(targetOf(rest.url, allow));
      const before = yield* references.find(providers, id);
      const signing = yield* sealed(
        id,
        "webhookSecret",
        webhookSecret,
        before?.webhookSecret ?? null,
      );
      return yield* references.save(providers, {
        id,
        ...rest,
        secret: yield* sealed(id, "secret", secret, before?.secret ?? null),
        ...(signing === null ? {} : { webhookSecret: signing }),
      }, context);
    }),
  });
});
