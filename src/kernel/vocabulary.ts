/** The words that every subject's requests are made of: identifiers, texts, money, times and places. */
import { Option, Schema, SchemaGetter } from "effect";
import { isCountry } from "./country.ts";
import { textLimits } from "./limits.ts";
import { isCurrency } from "./money.ts";
import { parseInstant } from "./instant.ts";
import { isTimeZone } from "./local-day.ts";
import { codePointsOf, isBlank, quoted, trimmed, visiblePattern } from "./white-space.ts";

const amountPattern = /^-?\d{1,13}(\.\d{1,4})?$/;
const shownCharacters = 40;

/**
 * Characters are Unicode's code points, as JSON Schema counts them: readers of the document know no UTF-16.
 * Most texts are so short in code units that nothing need be counted.
 */
const hasAtMost = (characters: number) =>
  Schema.makeFilter(
    (value: string) =>
      value.length <= characters || value.length <= 2 * characters &&
        [...value].length <= characters,
    {
      expected: `a text of at most ${characters} characters (code points)`,
      toJsonSchema: () => ({ maxLength: characters }),
    },
  );

/** Text that may be empty. `identifier`: its name in documents of the API, as of all texts here. */
export const anyText = (mostCharacters: number, identifier = `AnyText${mostCharacters}`) =>
  Schema.String.check(hasAtMost(mostCharacters)).annotate({ identifier });

const hasText = Schema.makeFilter(
  (value: string) =>
    !isBlank(value) ||
    (value === ""
      ? "must not be empty"
      : `must have something to be seen, and has only ${codePointsOf(value, 4)}`),
  { toJsonSchema: () => ({ minLength: 1, pattern: visiblePattern }) },
);

/** Text with something to be seen, as it was sent: white space may be around it. */
export const sentText = (mostCharacters: number, identifier = `Text${mostCharacters}`) =>
  Schema.String.check(hasText, hasAtMost(mostCharacters)).annotate({ identifier });

/** Text with something to be seen. White space around it is left out. */
export const text = (mostCharacters: number, identifier?: string) =>
  sentText(mostCharacters, identifier).pipe(
    Schema.decode({
      decode: SchemaGetter.transform(trimmed),
      encode: SchemaGetter.passthrough<string>(),
    }),
  );

export const SentIdentifier = sentText(textLimits.id, "Identifier");
export const SentSku = sentText(textLimits.sku, "Sku");
export const Identifier = text(textLimits.id, "Identifier");
export const Sku = text(textLimits.sku, "Sku");
export const Reason = text(textLimits.reason, "Reason");

/** With words for documents of the API, which tell of what is sent and not of what it is decoded to. */
export const described = <S extends Schema.Top>(schema: S, description: string): S["Rebuild"] =>
  Schema.annotateEncoded<S>({ description })(schema);

/**
 * A list that may be left out. Without entries it is as if it were: many clients cannot leave out a list, and
 * a list of nothing says no more.
 */
export const optionalList = <Item extends Schema.Top>(
  item: Item,
  { mostEntries, description }: { readonly mostEntries: number; readonly description?: string },
) => {
  const list = Schema.Array(item).check(Schema.isMaxLength(mostEntries));
  return Schema.optionalKey(description === undefined ? list : list.annotate({ description })).pipe(
    Schema.decode({
      decode: SchemaGetter.transformOptional(
        Option.filter((entries: readonly Item["Type"][]) => entries.length > 0),
      ),
      encode: SchemaGetter.passthrough<readonly Item["Type"][]>(),
    }),
  );
};

/** A code of capital letters that may be sent in small ones. */
const code = (
  identifier: string,
  letters: number,
  isCode: (code: string) => boolean,
  refusal: string,
) =>
  Schema.String.check(
    Schema.makeFilter(
      (value: string) =>
        isCode(value) || value.length === letters && isCode(value.toUpperCase()) || refusal,
      { toJsonSchema: () => ({ pattern: `^[A-Za-z]{${letters}}$` }) },
    ),
  ).annotate({ identifier });

/** A currency code as it was sent: `eur` passes for EUR. */
export const Currency = code(
  "CurrencyCode",
  3,
  isCurrency,
  "must be an ISO 4217 currency code",
);

/** The digits are checked against the currency in `capture.ts`, which knows both. */
export const Money = Schema.Struct({
  amount: Schema.String.check(
    Schema.makeFilter(
      (amount: string) =>
        amountPattern.test(amount) ||
        `must be a decimal number such as 19.99, and is ${quoted(amount, shownCharacters)}`,
      { toJsonSchema: () => ({ pattern: amountPattern.source }) },
    ),
  ).annotate({ identifier: "Amount" }),
  currency: Currency,
}).annotate({
  identifier: "Money",
  description: "A decimal string with exactly the currency's digits, and its ISO 4217 code",
});

/** A country code as it was sent: `nl` passes for NL. */
export const SentCountry = code(
  "CountryCode",
  2,
  isCountry,
  "must be an ISO 3166-1 alpha-2 country code",
);

export const Country = SentCountry.pipe(
  Schema.decode({
    decode: SchemaGetter.transform((value: string) => value.toUpperCase()),
    encode: SchemaGetter.passthrough<string>(),
  }),
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

const isNamedZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    // RangeError, the only one there is.
    return false;
  }
};

/** A time zone by its name in the IANA database. */
export const TimeZone = sentText(textLimits.timeZone).check(
  Schema.makeFilter((name: string) => isNamedZone(name) || "must be of the IANA database"),
).annotate({
  identifier: "TimeZone",
  description: "Of the IANA database, such as `Europe/Berlin`",
});

/** Days are counted by Temporal, which knows fewer names than Intl. An offset has no rules for summer time. */
const isPlaceZone = (name: string): boolean =>
  isNamedZone(name) && isTimeZone(name) && !/^[+-]/.test(name);

/** The time zone of a place, in which its days are counted. */
export const PlaceTimeZone = sentText(textLimits.timeZone).check(
  Schema.makeFilter((name: string) => isPlaceZone(name) || "must be of the IANA database"),
).annotate({
  identifier: "PlaceTimeZone",
  description: "Of the IANA database, such as `Europe/Berlin`; no offset",
});

export const Latitude = Schema.Finite.check(Schema.isBetween({ minimum: -90, maximum: 90 }));
export const Longitude = Schema.Finite.check(Schema.isBetween({ minimum: -180, maximum: 180 }));

/** Makes the schema of an address, for addresses that are kept and for those compared as they were sent. */
const addressOf = <
  Text extends Schema.Codec<string>,
  Code extends Schema.Codec<string>,
>(text: (mostCharacters: number) => Text, country: Code) =>
  Schema.Struct({
    name: Schema.optionalKey(text(textLimits.name)),
    company: Schema.optionalKey(text(textLimits.name)),
    line1: Schema.optionalKey(text(textLimits.addressLine)),
    line2: Schema.optionalKey(text(textLimits.addressLine)),
    city: Schema.optionalKey(text(textLimits.name)),
    region: Schema.optionalKey(text(textLimits.name)),
    postalCode: Schema.optionalKey(text(textLimits.id)),
    country,
    phone: Schema.optionalKey(text(textLimits.id)),
    latitude: Schema.optionalKey(Latitude),
    longitude: Schema.optionalKey(Longitude),
  }).annotate({ identifier: "Address" });

export const Address = addressOf(text, Country);
export const SentAddress = addressOf(sentText, SentCountry);
export type Address = typeof Address.Type;
