/** The words that every subject's requests are made of: identifiers, texts, money, times and places. */
import { Schema } from "effect";
import { isCountry } from "./country.ts";
import { textLimits } from "./limits.ts";
import { isCurrency } from "./money.ts";
import { parseInstant } from "./instant.ts";

/**
 * Characters are Unicode's code points, as JSON Schema counts them: who reads the document knows no UTF-16.
 * Most texts are so short in code units that nothing need be counted.
 */
const hasAtMost = (characters: number) =>
  Schema.makeFilter(
    (value: string) =>
      value.length <= characters || value.length <= 2 * characters &&
        [...value].length <= characters,
    {
      expected: `a text of at most ${characters} characters`,
      toJsonSchema: () => ({ maxLength: characters }),
    },
  );

/** Text that may be empty. */
export const anyText = (mostCharacters: number) => Schema.String.check(hasAtMost(mostCharacters));

/** Text of at least one character. */
export const text = (mostCharacters: number) =>
  Schema.String.check(Schema.isMinLength(1), hasAtMost(mostCharacters));

export const Identifier = text(textLimits.id);
export const Sku = text(textLimits.sku);
export const Reason = text(textLimits.reason);

export const Currency = Schema.String.check(
  Schema.isPattern(/^[A-Z]{3}$/u),
  Schema.makeFilter((code: string) => isCurrency(code) || "must be an ISO 4217 currency code"),
);

/** The digits are checked against the currency in `capture.ts`, which knows both. */
export const Money = Schema.Struct({
  amount: Schema.String.check(Schema.isPattern(/^-?\d{1,13}(\.\d{1,4})?$/u)),
  currency: Currency,
}).annotate({
  identifier: "Money",
  description: "A decimal string with exactly the currency's digits, and its ISO 4217 code",
});

export const Country = Schema.String.check(
  Schema.isPattern(/^[A-Z]{2}$/u),
  Schema.makeFilter((code: string) =>
    isCountry(code) || "must be an ISO 3166-1 alpha-2 country code"
  ),
);

export const Timestamp = Schema.String.check(
  Schema.makeFilter(
    (value: string) => parseInstant(value) !== null || "must be an RFC 3339 time from 1970 on",
    {
      toJsonSchema: () => ({ format: "date-time" }),
      description: "RFC 3339, from 1970 on",
    },
  ),
);

export const Latitude = Schema.Finite.check(Schema.isBetween({ minimum: -90, maximum: 90 }));
export const Longitude = Schema.Finite.check(Schema.isBetween({ minimum: -180, maximum: 180 }));

export const Address = Schema.Struct({
  name: Schema.optionalKey(text(textLimits.name)),
  company: Schema.optionalKey(text(textLimits.name)),
  line1: Schema.optionalKey(text(textLimits.addressLine)),
  line2: Schema.optionalKey(text(textLimits.addressLine)),
  city: Schema.optionalKey(text(textLimits.name)),
  region: Schema.optionalKey(text(textLimits.name)),
  postalCode: Schema.optionalKey(text(textLimits.id)),
  country: Country,
  phone: Schema.optionalKey(text(textLimits.id)),
  latitude: Schema.optionalKey(Latitude),
  longitude: Schema.optionalKey(Longitude),
}).annotate({ identifier: "Address" });
export type Address = typeof Address.Type;
