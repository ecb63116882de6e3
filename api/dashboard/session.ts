/**
 * Sessions: a signed text in a cookie that says which key signed in and until when. Nothing of it is kept
 * here, so every process knows it; since the signature is made with the key's own hash, a revoked key ends
 * its sessions at once.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { dashboardLimits } from "../../src/kernel/limits.ts";
import type { KeyHolder } from "../http/authenticator.ts";

export const sessionCookie = "allot_session";

export interface SessionToken {
  readonly keyId: string;
  readonly expiresAtMs: number;
  readonly signed: string;
  readonly signature: string;
}

type Signer = Pick<KeyHolder, "id" | "hash">;

const sign = (key: Signer, purpose: string, text: string): string =>
  createHmac("sha256", `allot dashboard ${purpose}\n${key.hash}`).update(text).digest("base64url");

const isSame = (one: string, other: string): boolean => {
  const [a, b] = [new TextEncoder().encode(one), new TextEncoder().encode(other)];
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
};

/** A new session's cookie value. `nonce` tells two sessions of a key apart. */
export const makeSession = (key: Signer, nowMs: number, nonce: string): string => {
  const expiresAtMs = nowMs + dashboardLimits.sessionMs;
  const signed = `${key.id}.${expiresAtMs.toString(36)}.${nonce}`;
  return `${signed}.${sign(key, "session", signed)}`;
};

/** What a cookie says, not yet believed; null when it is no session's. */
export const parseSession = (cookie: string): SessionToken | null => {
  const found = /^((key_[0-9a-z_]{1,64})\.([0-9a-z]{1,12})\.[\w-]{1,64})\.([\w-]{43})$/.exec(
    cookie,
  );
  if (found === null) return null;
  const [, signed = "", keyId = "", expires = "", signature = ""] = found;
  return { keyId, expiresAtMs: Number.parseInt(expires, 36), signed, signature };
};

export const isValid = (token: SessionToken, key: Signer, nowMs: number): boolean =>
  token.keyId === key.id && token.expiresAtMs > nowMs &&
  isSame(token.signature, sign(key, "session", token.signed));

/** What every form of a session's pages carries, and no other site can know. */
export const csrfToken = (token: SessionToken, key: Signer): string =>
  sign(key, "form", token.signed);

export const isCsrfToken = (given: string, token: SessionToken, key: Signer): boolean =>
  isSame(given, csrfToken(token, key));
