/**
 * Stripe's own library over the engine's way to the outside: with its checks of where it goes, and its bounds.
 * The library is loaded when the first provider of this type is called; without one it costs nothing.
 */
import { Effect } from "effect";
import type Stripe from "stripe";
import { providerLimits } from "../../../src/payment/limits.ts";
import { OutboundHttp, type OutboundRequest } from "../../outbound/http.ts";
import { failureCode } from "../failure-codes.ts";

const loaded = async () => (await import("stripe")).default;

/** Why a request got no answer, in a word. */
export class NoAnswer extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

/** Headers that are made where the request goes out, and one that tells of this machine. */
const madeElsewhere: ReadonlySet<string> = new Set([
  "host",
  "connection",
  "content-length",
  "x-stripe-client-user-agent",
]);

const requestOf = (input: string, init: RequestInit): OutboundRequest => {
  const headers: Record<string, string> = {};
  for (const [name, value] of new Headers(init.headers)) {
    if (!madeElsewhere.has(name)) headers[name] = value;
  }
  return {
    url: input,
    method: init.method ?? "GET",
    headers,
    body: typeof init.body === "string" ? init.body : null,
    deadlineMs: providerLimits.callMs,
    answerCharacters: providerLimits.stripeAnswerCharacters,
  };
};

/** What the library takes for `fetch`. */
export const fetchOver =
  (http: OutboundHttp["Service"]) =>
  (input: string | URL | Request, init: RequestInit = {}): Promise<Response> =>
    Effect.runPromise(
      Effect.match(http.send(requestOf(String(input), init)), {
        onSuccess: ({ status, bodyStart }) => new Response(bodyStart, { status }),
        onFailure: (failure) => new NoAnswer(failureCode(failure)),
      }),
    ).then((answer) => {
      if (answer instanceof NoAnswer) throw answer;
      return answer;
    });

export interface StripeAddress {
  /** Null: Stripe's own. */
  readonly url: string | null;
  readonly secret: string;
}

const baseOf = (url: string | null): Pick<Stripe.StripeConfig, "host" | "port" | "protocol"> => {
  if (url === null) return {};
  const { protocol, hostname, port } = new URL(url);
  const isSecure = protocol === "https:";
  return {
    host: hostname,
    port: port === "" ? (isSecure ? 443 : 80) : Number(port),
    protocol: isSecure ? "https" : "http",
  };
};

/** Nothing is repeated here: what is not clear is looked up, which is for who asks. */
export const stripeOver = async (
  http: OutboundHttp["Service"],
  { url, secret }: StripeAddress,
): Promise<Stripe> => {
  const Library = await loaded();
  return new Library(secret, {
    ...baseOf(url),
    httpClient: Library.createFetchHttpClient(fetchOver(http)),
    maxNetworkRetries: 0,
    timeout: providerLimits.callMs,
    telemetry: false,
  });
};

/** The event of a signed message; throws where it is not signed with the secret, or too old. */
export const eventOf = async (
  { body, signature, secret, atMs }: {
    readonly body: string;
    readonly signature: string;
    readonly secret: string;
    readonly atMs: number;
  },
): Promise<unknown> => {
  const Library = await loaded();
  const toleranceSeconds = providerLimits.webhookToleranceMs / 1_000;
  return await Library.webhooks.constructEventAsync(
    body,
    signature,
    secret,
    toleranceSeconds,
    undefined,
    atMs,
  );
};
