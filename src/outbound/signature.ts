/** Signs messages as Standard Webhooks 1.0 says. https://www.standardwebhooks.com */
import { Buffer } from "node:buffer";
import { timingSafeEqual } from "node:crypto";
import { Webhook } from "standardwebhooks";

const prefix = "whsec_";
/** Bytes of a secret, by the standard. */
const fewestBytes = 24;
const mostBytes = 64;

/** Signatures of one message that are looked at. */
const mostSignatures = 10;

const isLongEnough = (bytes: number): boolean => bytes >= fewestBytes && bytes <= mostBytes;

/** `whsec_` and the base64 of the random bytes, 24 to 64 of them; throws TypeError for another number. */
export const webhookSecret = (random: Uint8Array): string => {
  if (!isLongEnough(random.length)) {
    throw new TypeError(`A secret has ${fewestBytes} to ${mostBytes} bytes.`);
  }
  return prefix + Buffer.from(random).toString("base64");
};

/** The fault in a secret that somebody gives; null when there is none. */
export const secretFault = (secret: string): string | null => {
  if (!secret.startsWith(prefix)) return `A secret begins with ${prefix}.`;
  const text = secret.slice(prefix.length);
  const bytes = Buffer.from(text, "base64");
  // Decoding passes over what is no base64.
  if (bytes.toString("base64") !== text) return `After ${prefix} stands base64, with its padding.`;
  return isLongEnough(bytes.length)
    ? null
    : `A secret has ${fewestBytes} to ${mostBytes} bytes, written as base64.`;
};

export interface SignedMessage {
  /** Without a dot, which separates what is signed. */
  readonly id: string;
  /** The time of the attempt, epoch milliseconds. */
  readonly atMs: number;
  readonly body: string;
}

export interface ReceivedMessage {
  readonly headers: Headers;
  readonly body: string;
  /** When it came, epoch milliseconds. */
  readonly atMs: number;
}

const isSame = (left: string, right: string): boolean => {
  const [one, other] = [Buffer.from(left), Buffer.from(right)];
  return one.length === other.length && timingSafeEqual(one, other);
};

/** Whether a message is signed with the secret, and was a while ago at most. */
export const isSigned = (
  { headers, body, atMs }: ReceivedMessage,
  secret: string,
  toleranceMs: number,
): boolean => {
  const id = headers.get("webhook-id");
  const at = headers.get("webhook-timestamp");
  const signatures = headers.get("webhook-signature");
  if (id === null || at === null || signatures === null || !/^\d{1,12}$/.test(at)) return false;
  const sentMs = Number(at) * 1_000;
  if (Math.abs(atMs - sentMs) > toleranceMs) return false;
  const expected = new Webhook(secret).sign(id, new Date(sentMs), body);
  return signatures.split(" ").slice(0, mostSignatures).some((each) => isSame(each, expected));
};

/** One signature for each secret, the newest first: while a secret is being replaced both hold. */
export const signatureHeaders = (
  { id, atMs, body }: SignedMessage,
  secrets: readonly [string, ...string[]],
): Readonly<Record<"webhook-id" | "webhook-timestamp" | "webhook-signature", string>> => {
  const at = new Date(atMs);
  return {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(atMs / 1_000)),
    "webhook-signature": secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(" "),
  };
};
