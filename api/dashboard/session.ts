/**
 * Sessions: a signed text in a cookie that says which key signed in and until when. It is signed with a secret
 * that is not in the store, so nobody becomes anybody by reading it; and with the key's hash, so a revoked key
 * ends its sessions at once. What is kept of sessions is only which of them were ended.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { requestLimits } from "../../src/kernel/limits.ts";
import type { Session } from "../../src/kernel/principal.ts";
import { dashboardLimits } from "./limits.ts";
import type { KeyHolder } from "../http/authenticator.ts";

export const sessionCookie = "allot_session";

export interface SessionToken extends Session {
  readonly signed: string;
  readonly signature: string;
}

type Signer = Pick<KeyHolder, "id" | "hash">;

const isSame = (one: string, other: string): boolean => {
  const [a, b] = [new TextEncoder().encode(one), new TextEncoder().encode(other)];
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
};

/** The token in a cookie, not yet believed; null when the cookie has none. */
export const parseSession = (cookie: string): SessionToken | null => {
  const found = /^((key_[0-9a-z_]{1,64})\.([0-9a-z]{1,12})\.([\w-]{1,64}))\.([\w-]{43})$/.exec(
    cookie,
  );
  if (found === null) return null;
  const [, signed = "", keyId = "", expires = "", id = "", signature = ""] = found;
  return { id, keyId, expiresAtMs: Number.parseInt(expires, 36), signed, signature };
};

export interface Sessions {
  /** A new session's cookie value; nobody can guess `id`. */
  readonly make: (key: Signer, nowMs: number, id: string) => string;
  readonly isValid: (token: SessionToken, key: Signer, nowMs: number) => boolean;
  /** The token that every form of a session's pages carries, and no other site can know. */
  readonly csrfToken: (token: SessionToken, key: Signer) => string;
  readonly isCsrfToken: (given: string, token: SessionToken, key: Signer) => boolean;
}

/** Sessions that every process with the secret makes and believes. */
export const sessionsSignedWith = (secret: string): Sessions => {
  const sign = (key: Signer, purpose: string, text: string): string =>
    createHmac("sha256", secret).update(`allot dashboard ${purpose}\n${key.hash}\n${text}`)
      .digest("base64url");

  const csrfToken: Sessions["csrfToken"] = (token, key) => sign(key, "form", token.signed);

  return {
    make: (key, nowMs, id) => {
      const expiresAtMs = nowMs + dashboardLimits.sessionMs;
      const signed = `${key.id}.${expiresAtMs.toString(36)}.${id}`;
      return `${signed}.${sign(key, "session", signed)}`;
    },
    isValid: (token, key, nowMs) => {
      const leftMs = token.expiresAtMs - nowMs;
      return token.keyId === key.id && leftMs > 0 &&
        leftMs <= dashboardLimits.sessionMs + requestLimits.clocksApartMs &&
        isSame(token.signature, sign(key, "session", token.signed));
    },
    csrfToken,
    isCsrfToken: (given, token, key) => isSame(given, csrfToken(token, key)),
  };
};
