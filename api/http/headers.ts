/** Request headers as the contract reads them. Each function answers with a value or with a problem. */
import { createHash } from "node:crypto";
import { requestLimits } from "../../src/kernel/limits.ts";
import { untaggedGzip } from "./compress.ts";
import { ApiProblem, fail } from "./problems.ts";

/** The key of `Authorization: Bearer <key>` (RFC 6750 section 2.1); null when there is none. */
export const bearerKey = (headers: Headers): string | null => {
  const value = headers.get("authorization");
  if (value === null || value.length < 8 || value.slice(0, 7).toLowerCase() !== "bearer ") {
    return null;
  }
  const key = value.slice(7).trim();
  return key === "" ? null : key;
};

/**
 * The `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a quoted string of RFC 8941 section
 * 3.3.3, or its bare content, as most clients send it.
 */
export const idempotencyKey = (headers: Headers): string | undefined | ApiProblem => {
  const value = headers.get("idempotency-key")?.trim();
  if (value === undefined) return undefined;
  const quoted = /^"((?:[ !#-[\]-~]|\\["\\])*)"$/.exec(value)?.[1];
  const key = quoted === undefined ? value : quoted.replace(/\\(["\\])/g, "$1");
  const readable = quoted !== undefined || /^[!#-~][!-~]*$/.test(value);
  if (readable && key.length >= 1 && key.length <= requestLimits.idempotencyKeyLength) return key;
  return fail("malformed-request", "The Idempotency-Key cannot be read.", {
    errors: [{
      header: "Idempotency-Key",
      detail:
        `must be 1 to ${requestLimits.idempotencyKeyLength} printable ASCII characters, quoted or bare`,
    }],
  });
};

/**
 * The entity tag of `If-Match` (RFC 9110 section 13.1.1) without its quotes, or `*`. A weak tag never
 * matches, so it stays as it is. Lists of tags are refused: a change has one version to stand on.
 */
export const ifMatchTag = (headers: Headers): string | undefined | ApiProblem => {
  const sent = headers.get("if-match")?.trim();
  if (sent === undefined || sent === "*") return sent;
  const value = untaggedGzip(sent);
  const tag = /^(W\/)?"([!#-~]*)"$/.exec(value);
  if (tag !== null) return tag[1] === undefined ? tag[2] ?? "" : value;
  return fail("malformed-request", "If-Match cannot be read.", {
    errors: [{ header: "If-Match", detail: 'must be one entity tag in quotes, or "*"' }],
  });
};

/** Whether `If-None-Match` (RFC 9110 section 13.1.2, weak comparison) names this entity tag. */
export const noneMatch = (headers: Headers, entityTag: string): boolean => {
  const value = headers.get("if-none-match");
  if (value === null) return false;
  return value.trim() === "*" ||
    value.split(",").some((tag) => untaggedGzip(tag.trim().replace(/^W\//, "")) === entityTag);
};

export interface ContentType {
  /** Without parameters, in lower case; empty when there is none. */
  readonly mediaType: string;
  /** In lower case; null when none is named. */
  readonly charset: string | null;
}

const plainJson: ContentType = { mediaType: "application/json", charset: null };

export const contentTypeOf = (headers: Headers): ContentType => {
  const value = headers.get("content-type") ?? "";
  if (value === plainJson.mediaType) return plainJson;
  const end = value.indexOf(";");
  if (end < 0) return { mediaType: value.trim().toLowerCase(), charset: null };
  const found = /;\s*charset\s*=\s*(?:"([^"]*)"|([^\s;]*))/i.exec(value);
  return {
    mediaType: value.slice(0, end).trim().toLowerCase(),
    charset: found === null ? null : (found[1] ?? found[2] ?? "").toLowerCase(),
  };
};

/** Tells two requests with the same idempotency key apart. */
export const fingerprintOf = (
  method: string,
  target: string,
  body: Uint8Array | string,
): string =>
  createHash("sha256").update(method).update("\n").update(target).update("\n").update(body)
    .digest("hex");
