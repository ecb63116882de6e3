/** Posts what a lane sends, signed as Standard Webhooks 1.0 says, and tells what the answer means. */
import { Clock, Effect } from "effect";
import { instantOf } from "../../src/kernel/instant.ts";
import { keepNewest } from "../../src/kernel/keep-newest.ts";
import type { SealedPlace } from "../../src/kernel/sealed.ts";
import { type EndpointAnswer, outcomeOf } from "../../src/outbound/answer.ts";
import { outboundLimits } from "../../src/outbound/limits.ts";
import type { Outcome } from "../../src/outbound/message.ts";
import { signatureHeaders } from "../../src/outbound/signature.ts";
import { type Signing, type SigningSecret, signingSecrets } from "../../src/outbound/signing.ts";
import { Sealing, type SecretUnreadable } from "../../src/secrets/sealing.ts";
import { type OutboundFailure, OutboundHttp } from "./http.ts";

/** What is posted, and by whom. */
export interface SignedRequest {
  readonly url: string;
  readonly id: string;
  readonly body: string;
  readonly signing: Signing;
  /** Where the secrets are sealed. */
  readonly place: SealedPlace;
}

const userAgent = "Allot";

const reasonOf = (failure: OutboundFailure): string => {
  switch (failure._tag) {
    case "TargetNotAllowed":
      return `Not allowed: ${failure.detail}`;
    case "TimedOut":
      return "No answer in time.";
    default:
      return failure.detail;
  }
};

/** Opened secrets in use: to open one takes longer than to sign. */
class OpenSecrets {
  readonly #known = new Map<string, string>();

  constructor(private readonly sealing: Sealing["Service"]) {}

  readonly open = (
    place: SealedPlace,
    { sealed }: SigningSecret,
  ): Effect.Effect<string, SecretUnreadable> => {
    const name = `${JSON.stringify(place.key)} ${sealed.iv} ${sealed.data}`;
    const known = this.#known.get(name);
    if (known !== undefined) return Effect.succeed(known);
    return Effect.map(this.sealing.open(place, sealed), (secret) => {
      this.#known.set(name, secret);
      keepNewest(this.#known, 2 * outboundLimits.documentLanes);
      return secret;
    });
  };
}

const unreadable: Outcome = {
  _tag: "Retry",
  reason: "Its secret cannot be opened: is ALLOT_SECRETS_KEY the one that sealed it?",
};

/** `read` makes the outcome of an answer; what an answer means in general where nothing is said. */
export type SignedPost = (
  request: SignedRequest,
  read?: (answer: EndpointAnswer, nowMs: number) => Outcome,
) => Effect.Effect<Outcome>;

export const signedPost: Effect.Effect<SignedPost, never, OutboundHttp | Sealing> = Effect.gen(
  function* () {
    const http = yield* OutboundHttp;
    const secrets = new OpenSecrets(yield* Sealing);

    const post = Effect.fnUntraced(function* (
      { url, id, body, signing, place }: SignedRequest,
      read: (answer: EndpointAnswer, nowMs: number) => Outcome,
    ) {
      const nowMs = yield* Clock.currentTimeMillis;
      const [first, ...others] = signingSecrets(signing, instantOf(nowMs));
      const keys: [string, ...string[]] = [yield* secrets.open(place, first)];
      for (const other of others) keys.push(yield* secrets.open(place, other));
      const { status, headers, bodyStart } = yield* http.send({
        url,
        method: "POST",
        headers: {
          "content-type": "application/json",
          "user-agent": userAgent,
          ...signatureHeaders({ id, atMs: nowMs, body }, keys),
        },
        body,
        deadlineMs: outboundLimits.postMs,
      });
      const { retryAfter } = headers;
      const text = bodyStart;
      const answer = { status, text, ...(retryAfter === undefined ? {} : { retryAfter }) };
      return read(answer, yield* Clock.currentTimeMillis);
    });

    return (request, read = outcomeOf) =>
      Effect.catch(
        post(request, read),
        (failure): Effect.Effect<Outcome> =>
          Effect.succeed(
            failure._tag === "SecretUnreadable"
              ? unreadable
              : { _tag: "Retry", reason: reasonOf(failure) },
          ),
      );
  },
);
