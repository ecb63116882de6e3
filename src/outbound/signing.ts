/** The secrets that sign what a document has sent: the newest, and for a while the one before it. */
import { Schema } from "effect";
import type { Instant } from "../kernel/instant.ts";
import type { Sealed } from "../kernel/sealed.ts";

export interface SigningSecret {
  readonly sealed: Sealed;
  readonly createdAt: Instant;
  /** When it signs no more; null for the one that signs from now on. */
  readonly endsAt: Instant | null;
}

/** The one that signs from now on comes first. */
export type SigningSecrets = readonly [SigningSecret, ...SigningSecret[]];

/** A document with them: their field is `secrets.sealed`. */
export interface Signing {
  readonly secrets: SigningSecrets;
}

export const SigningSecretsSchema = Schema.NonEmptyArray(Schema.Struct({
  sealed: Schema.Struct({ k: Schema.String, iv: Schema.String, data: Schema.String }),
  createdAt: Schema.String,
  endsAt: Schema.NullOr(Schema.String),
}));

/** The field of documents that they are sealed in. */
export const secretsField = "secrets.sealed";

export const newSecrets = (sealed: Sealed, now: Instant): SigningSecrets => [
  { sealed, createdAt: now, endsAt: null },
];

/** The secrets that sign now, the newest first. */
export const signingSecrets = (
  { secrets: [first, ...others] }: Signing,
  now: Instant,
): SigningSecrets => [
  first,
  ...others.filter(({ endsAt }) => endsAt !== null && endsAt > now),
];

/** Whether an older secret signs still: until then another rotation would cut off whoever has that one. */
export const isRotating = (signing: Signing, now: Instant): boolean =>
  signingSecrets(signing, now).length > 1;

/** The new secret signs first, and the one before it until then; older ones no more. */
export const rotated = <Document extends Signing>(
  document: Document,
  sealed: Sealed,
  now: Instant,
  keepOldUntil: Instant,
): Document => {
  const [current] = document.secrets;
  const old = keepOldUntil > now ? [{ ...current, endsAt: keepOldUntil }] : [];
  return { ...document, secrets: [{ sealed, createdAt: now, endsAt: null }, ...old] };
};
