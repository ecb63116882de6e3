/**
 * Disables endpoints of which the key is gone, as soon as this process hears of it. The lanes themselves take
 * nothing that comes after the revocation in the log; this says so, also of endpoints that have no lane now.
 */
import { Clock, Effect, Layer } from "effect";
import { apiKeys } from "../../src/access/references.ts";
import { revokedReason } from "../../src/access/revocation.ts";
import { instantOf } from "../../src/kernel/instant.ts";
import { systemPrincipal } from "../../src/kernel/principal.ts";
import { webhookLimits } from "../../src/webhook/limits.ts";
import { webhooks } from "../../src/webhook/references.ts";
import { disabledFor } from "../../src/webhook/webhook.ts";
import { References } from "../reference/references.ts";
import { Hurry } from "../log/reactor.ts";

export const webhookKeys: Layer.Layer<never, never, References> = Layer.effectDiscard(
  Effect.gen(function* () {
    const references = yield* References;
    const hurry = new Hurry();
    references.onForget(apiKeys, () => hurry.up());
    references.onForget(webhooks, () => hurry.up());

    const look = Effect.gen(function* () {
      for (const webhook of yield* references.all(webhooks)) {
        const { id, enabled, owner: { keyId }, version } = webhook;
        if (!enabled || (yield* references.find(apiKeys, keyId)) !== null) continue;
        const at = instantOf(yield* Clock.currentTimeMillis);
        const { createdAt: _, updatedAt: __, version: ___, ...disabled } = disabledFor(
          webhook,
          "key_revoked",
          revokedReason,
          at,
        );
        const context = { by: systemPrincipal, ifMatch: String(version) };
        yield* Effect.logWarning(`The webhook endpoint ${id} is disabled: ${revokedReason}`);
        // Where another process was faster, it says the same.
        yield* Effect.catchTag(
          references.save(webhooks, disabled, context),
          "PreconditionFailed",
          () => Effect.sync(() => references.forget(webhooks, id)),
        );
      }
    });
    const looking = Effect.catch(
      look,
      (error) => Effect.logWarning("Endpoints of revoked keys wait to be disabled", error),
    );
    yield* Effect.forkScoped(
      Effect.forever(Effect.andThen(looking, hurry.pause(webhookLimits.lookAtKeysMs))),
    );
  }),
);
