/** Secrets as documents have them: encrypted, and only under the key and the field that they were saved in. */
import type { Key } from "./key.ts";

/** By AES-256-GCM. */
export interface Sealed {
  /** Tells which of the operator's keys it was: the first bytes of its hash, hexadecimal. */
  readonly k: string;
  /** Base64; new each time. */
  readonly iv: string;
  /** Base64; the tag that authenticates it stands at its end. */
  readonly data: string;
}

/** A sealed secret opens nowhere else. */
export interface SealedPlace {
  /** The document's. */
  readonly key: Key;
  /**
   * The way to it in the document, members separated by dots: `secrets.accessToken`. Elements of a list have
   * no name: all of `secrets: [{sealed}, {sealed}]` are at `secrets.sealed`, wherever they move in the list.
   */
  readonly field: string;
}

const isSealed = (value: unknown): value is Sealed =>
  typeof value === "object" && value !== null && Object.keys(value).length === 3 &&
  ["k", "iv", "data"].every((name) =>
    typeof (value as Readonly<Record<string, unknown>>)[name] === "string"
  );

/**
 * A document with what `change` makes of each sealed secret in the fields; the document itself stays as it is. A
 * field is written as in `SealedPlace`; `*` stands for any member.
 */
export const mapSealed = <Document>(
  document: Document,
  fields: readonly string[],
  change: (sealed: Sealed, field: string) => unknown,
): Document => {
  const patterns = fields.map((field) => field.split("."));
  const mapped = (value: unknown, way: readonly string[]): unknown => {
    if (isSealed(value)) return isField(patterns, way) ? change(value, way.join(".")) : value;
    if (Array.isArray(value)) return value.map((each) => mapped(each, way));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, mapped(member, [...way, name])]),
    );
  };
  return mapped(document, []) as Document;
};

const isField = (patterns: readonly (readonly string[])[], way: readonly string[]): boolean =>
  patterns.some((pattern) =>
    pattern.length === way.length &&
    pattern.every((name, index) => name === "*" || name === way[index])
  );

/** The sealed secrets in the fields of a document. */
export const sealedIn = (
  document: unknown,
  fields: readonly string[],
): readonly { readonly field: string; readonly sealed: Sealed }[] => {
  const found: { readonly field: string; readonly sealed: Sealed }[] = [];
  mapSealed(document, fields, (sealed, field) => {
    found.push({ field, sealed });
    return sealed;
  });
  return found;
};
