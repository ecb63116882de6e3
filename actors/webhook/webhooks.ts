/** Webhook endpoints: made, changed, tried, disabled and enabled, with secrets that are shown once. */
import { Clock, Context, Data, Effect, Layer, Result } from "effect";
import { epochMsOf, type Instant, instantOf } from "../../src/kernel/instant.ts";
import type { Principal } from "../../src/kernel/principal.ts";
import type { AllowList } from "../../src/outbound/allow-list.ts";
import { laneOf } from "../../src/outbound/place.ts";
import { isRotating, newSecrets, rotated } from "../../src/outbound/signing.ts";
import { webhookSecret } from "../../src/outbound/signature.ts";
import { type TargetNotAllowed, targetOf } from "../../src/outbound/target.ts";
import { Sealing, type SecretsKeyMissing } from "../../src/secrets/sealing.ts";
import type { StoreError } from "../../src/store/store.ts";
import type { Described } from "../../src/subject/reference.ts";
import { webhookLimits } from "../../src/webhook/limits.ts";
import { webhookLanes } from "../../src/webhook/outbox.ts";
import { placeOfSecret, webhooks } from "../../src/webhook/references.ts";
import {
  ownerOf,
  refusalToChange,
  refusalToInclude,
  sees,
  successorOf,
} from "../../src/webhook/rights.ts";
import { disabledFor, type Webhook } from "../../src/webhook/webhook.ts";
import { Access } from "../access/access.ts";
import { type CommandContext, NotFound } from "../command/command.ts";
import { Identifiers } from "../ledger/identifiers.ts";
import type { RemoveFailure, SaveFailure } from "../reference/change.ts";
import { References, type SaveResult } from "../reference/references.ts";

/** The part of an endpoint that requests say. */
export type WebhookSettings = Pick<
  Webhook,
  "url" | "types" | "filter" | "include" | "ordering" | "description"
>;

/** The key that asks may not do this to the endpoint. */
export class WebhookRefused extends Data.TaggedError("WebhookRefused")<{
  readonly detail: string;
}> {}

/** The secret before the last one signs still. */
export class RotationUnderWay extends Data.TaggedError("RotationUnderWay")<{
  readonly id: string;
  readonly until: Instant;
}> {}

/** An endpoint, with the secret that was made for it now: shown this once. */
export interface WithSecret {
  readonly webhook: Webhook;
  readonly secret: string;
}

export type ChangeFailure = NotFound | WebhookRefused | SaveFailure;

export class Webhooks extends Context.Service<Webhooks, {
  /** Of those that the key sees. */
  readonly get: (by: Principal, id: string) => Effect.Effect<Webhook, NotFound | StoreError>;
  /** All that the key sees, by id. */
  readonly all: (by: Principal) => Effect.Effect<readonly Webhook[], StoreError>;
  /** The response that `context.idempotency.respond` makes is stored, so it must leave out the secret. */
  readonly create: (
    settings: WebhookSettings,
    context: CommandContext<WithSecret>,
  ) => Effect.Effect<WithSecret, TargetNotAllowed | SecretsKeyMissing | ChangeFailure>;
  readonly save: (
    id: string,
    settings: WebhookSettings,
    context: CommandContext<Webhook>,
  ) => Effect.Effect<Webhook, TargetNotAllowed | ChangeFailure>;
  readonly remove: (
    id: string,
    context: CommandContext<Webhook>,
  ) => Effect.Effect<Webhook, WebhookRefused | RemoveFailure>;
  /** The secret of now signs beside the new one for so many hours. As `create` for what is stored. */
  readonly rotateSecret: (
    id: string,
    options: { readonly keepOldHours: number; readonly force: boolean },
    context: CommandContext<WithSecret>,
  ) => Effect.Effect<WithSecret, RotationUnderWay | SecretsKeyMissing | ChangeFailure>;
  readonly enable: (
    id: string,
    resume: "where_it_stopped" | "now",
    context: CommandContext<Webhook>,
  ) => Effect.Effect<Webhook, ChangeFailure>;
  readonly disable: (
    id: string,
    reason: string,
    context: CommandContext<Webhook>,
  ) => Effect.Effect<Webhook, ChangeFailure>;
}>()("allot/Webhooks") {
  static readonly layer = (
    allow: AllowList,
  ): Layer.Layer<Webhooks, never, References | Sealing | Identifiers | Access> =>
    Layer.effect(Webhooks, makeWebhooks(allow));
}

/** A change of an endpoint: what it is made of, and the failures that it can meet. */
type Make<E> = (webhook: Webhook, now: Instant) => Effect.Effect<Webhook, E>;

const described = ({ createdAt: _, updatedAt: __, version: ___, ...rest }: Webhook) =>
  rest as Described<Webhook>;

/** The right to leave an answer, for a save of the endpoint. */
const answering = <A>(
  idempotency: CommandContext<A>["idempotency"],
  resultOf: (webhook: Webhook) => A,
): Pick<CommandContext<SaveResult<Webhook>>, "idempotency"> =>
  idempotency === undefined ? {} : {
    idempotency: {
      claim: idempotency.claim,
      respond: ({ value }) => idempotency.respond(resultOf(value)),
    },
  };

const requireChange = (by: Principal, webhook: Webhook): Effect.Effect<void, WebhookRefused> => {
  const detail = refusalToChange(by, webhook);
  return detail === null ? Effect.void : Effect.fail(new WebhookRefused({ detail }));
};

/** The services that endpoints stand on, and what the operator lets them reach. */
interface Parts {
  readonly references: References["Service"];
  readonly sealing: Sealing["Service"];
  readonly identifiers: Identifiers["Service"];
  readonly access: Access["Service"];
  readonly allow: AllowList;
}

const same = (webhook: Webhook): Webhook => webhook;

class Endpoints {
  constructor(private readonly parts: Parts) {}

  readonly get = Effect.fnUntraced(function* (this: Endpoints, by: Principal, id: string) {
    const webhook = yield* this.parts.references.find(webhooks, id);
    if (webhook === null || !sees(by, webhook)) {
      return yield* new NotFound({ what: webhooks.name, id });
    }
    return webhook;
  }).bind(this);

  readonly all = (by: Principal): Effect.Effect<readonly Webhook[], StoreError> =>
    Effect.map(
      this.parts.references.all(webhooks),
      (all) => all.filter((webhook) => sees(by, webhook)),
    );

  readonly create: Webhooks["Service"]["create"] = Effect.fnUntraced(function* (
    this: Endpoints,
    settings: WebhookSettings,
    { by, idempotency }: CommandContext<WithSecret>,
  ): Effect.fn.Return<WithSecret, TargetNotAllowed | SecretsKeyMissing | ChangeFailure> {
    yield* this.#requireSettings(by, settings);
    const { identifiers, references } = this.parts;
    const nowMs = yield* Clock.currentTimeMillis;
    const id = `whk_${nowMs.toString(36)}${identifiers.orderTail()}`;
    const { secret, sealed } = yield* this.#newSecret(id);
    const document: Described<Webhook> = {
      ...settings,
      id,
      enabled: true,
      disabled: null,
      start: 0,
      secrets: newSecrets(sealed, instantOf(nowMs)),
      owner: ownerOf(by),
    };
    const { value } = yield* references.save(webhooks, document, {
      by,
      ifMatch: "nothing",
      ...answering(idempotency, (webhook) => ({ webhook, secret })),
    });
    return { webhook: value, secret };
  }).bind(this);

  readonly save: Webhooks["Service"]["save"] = (id, settings, context) =>
    Effect.andThen(
      this.#requireSettings(context.by, settings),
      this.#change(id, (webhook) => Effect.succeed({ ...webhook, ...settings }), context, same),
    );

  readonly remove: Webhooks["Service"]["remove"] = Effect.fnUntraced(function* (
    this: Endpoints,
    id: string,
    context: CommandContext<Webhook>,
  ) {
    yield* requireChange(context.by, yield* this.get(context.by, id));
    return yield* this.parts.references.remove(webhooks, id, context);
  }).bind(this);

  readonly rotateSecret: Webhooks["Service"]["rotateSecret"] = Effect.fnUntraced(function* (
    this: Endpoints,
    id: string,
    { keepOldHours, force }: { readonly keepOldHours: number; readonly force: boolean },
    context: CommandContext<WithSecret>,
  ) {
    const { secret, sealed } = yield* this.#newSecret(id);
    const rotate: Make<RotationUnderWay> = (webhook, now) => {
      const [, old] = webhook.secrets;
      if (!force && isRotating(webhook, now)) {
        return Effect.fail(new RotationUnderWay({ id, until: old?.endsAt ?? now }));
      }
      const keepUntil = instantOf(epochMsOf(now) + keepOldHours * 3_600_000);
      return Effect.succeed(rotated(webhook, sealed, now, keepUntil));
    };
    return yield* this.#change(id, rotate, context, (webhook): WithSecret => ({ webhook, secret }));
  }).bind(this);

  readonly enable: Webhooks["Service"]["enable"] = (id, resume, context) => {
    const { access } = this.parts;
    const enabled: Make<StoreError> = Effect.fnUntraced(function* (webhook: Webhook) {
      const owner = (yield* access.find(webhook.owner.keyId)) === null
        ? successorOf(webhook.owner, context.by)
        : webhook.owner;
      const start = webhook.start + (resume === "now" ? 1 : 0);
      return { ...webhook, owner, start, enabled: true, disabled: null };
    });
    return this.#change(id, enabled, context, same);
  };

  readonly disable: Webhooks["Service"]["disable"] = (id, reason, context) => {
    const disabled: Make<never> = (webhook, now) =>
      Effect.succeed(webhook.enabled ? disabledFor(webhook, "by_hand", reason, now) : webhook);
    return this.#change(id, disabled, context, same);
  };

  readonly #requireSettings = Effect.fnUntraced(function* (
    this: Endpoints,
    by: Principal,
    { url, include }: WebhookSettings,
  ) {
    yield* Effect.fromResult(targetOf(url, this.parts.allow));
    const detail = refusalToInclude(by, include);
    if (detail !== null) return yield* new WebhookRefused({ detail });
  }).bind(this);

  readonly #newSecret = Effect.fnUntraced(function* (this: Endpoints, id: string) {
    const secret = webhookSecret(crypto.getRandomValues(new Uint8Array(webhookLimits.secretBytes)));
    return { secret, sealed: yield* this.parts.sealing.seal(placeOfSecret(id), secret) };
  }).bind(this);

  /** Changes what it finds, as often as others are faster. `resultOf` makes the result of what was saved. */
  readonly #change = <A, E>(
    id: string,
    make: Make<E>,
    context: CommandContext<A>,
    resultOf: (webhook: Webhook) => A,
  ): Effect.Effect<A, E | ChangeFailure> => {
    const { references } = this.parts;
    const { by, ifMatch, idempotency } = context;
    const get = this.get;
    const changing = Effect.fnUntraced(function* (): Effect.fn.Return<A, E | ChangeFailure> {
      for (let tries = 1;; tries++) {
        const before = yield* get(by, id);
        yield* requireChange(by, before);
        const after = yield* make(before, instantOf(yield* Clock.currentTimeMillis));
        const saved = yield* Effect.result(references.save(webhooks, described(after), {
          by,
          ifMatch: ifMatch ?? String(before.version),
          ...answering(idempotency, resultOf),
        }));
        if (Result.isSuccess(saved)) return resultOf(saved.success.value);
        const { failure } = saved;
        const isOvertaken = failure._tag === "PreconditionFailed" && ifMatch === undefined;
        if (!isOvertaken || tries >= webhookLimits.changeTries) return yield* failure;
        references.forget(webhooks, id);
      }
    });
    return changing();
  };
}

const makeWebhooks = Effect.fnUntraced(function* (allow: AllowList) {
  const endpoints = new Endpoints({
    references: yield* References,
    sealing: yield* Sealing,
    identifiers: yield* Identifiers,
    access: yield* Access,
    allow,
  });
  return Webhooks.of(endpoints);
});

/** The lane of an endpoint. */
export const laneOfWebhook = (id: string): string => laneOf(webhookLanes, id);
