/**
 * Why a request may be refused that the document's schemas allow: what no schema can say, because it depends on
 * what is there, on two fields at once, or on lists that are too long to print. Anything else is a disagreement
 * between the document and the engine, and one of them must be mended.
 */
const semantic: readonly RegExp[] = [
  // What the request names is not there.
  /^404 not-found: There is no (?:location|mapping|order|shipment|fulfillment order|reservation|lot|serial) /,
  /^422 invalid-request: [Tt]here is no (?:line|mapping|location) /,
  /^422 invalid-request: is no (?:location|calendar)$/,
  // The document has their form; the IANA database has hundreds, and hours and days depend on each other.
  /^422 invalid-request: must be of the IANA database$/,
  /^422 invalid-request: (?:must be after \d\d:\d\d: hours end|overlaps |comes twice$|must have `open` or )/,
  /^422 invalid-request: The channel .+ has no reservation /s,
  /^422 invalid-request: The (?:transfer|purchase order) has no line /,
  // A kit rests on other items, and one that is digital has none.
  /^422 invalid-request: A kit is made of goods that are shipped/,
  // Who may be called, the operator says.
  /^422 target-not-allowed: /,
  // Cursors are opaque.
  /^422 invalid-request: is (?:not a cursor of this list|of another location's list)$/,
  // Places in this log, and types of events that there are.
  /^410 position-unknown: /,
  /^422 invalid-request: ".*" fits no type of events$/s,
  /^422 invalid-request: must have at most \d+ types$/,
  // The document has their form; each list has hundreds.
  /^422 invalid-request: must be an ISO (?:4217 currency|3166-1 alpha-2 country) code$/,
  // Of mails, where no pattern says all.
  /^422 invalid-request: must be an address, such as /,
  // Which digits an amount has, and how large it may be, depends on its currency.
  /^422 invalid-request: An amount in [A-Z]{3} has exactly \d decimals and is at most /,
  /^422 invalid-request: Line .+ has \d+ units /s,
  // A moment before 1970, or one that is in the year 10000 in UTC.
  /^422 invalid-request: must be an RFC 3339 time from 1970 on$/,
  // What is there does not allow it.
  /^409 (?:below-zero-available|count-mismatch|insufficient-stock|order-exists): /,
  // The fields of a mapping depend on each other.
  /^422 invalid-request: (?:is required, or lineTotal|a line has one price|the tax is |the shipping is )/,
  /^422 invalid-request: (?:has no shippingAmount|says something only where|is never asked|of several col)/,
  /^422 invalid-request: (?:is the order's, and|must be read from the items|must be another sign)/,
  /^422 invalid-request: must (?:be (?:an amount|a country|a whole|one of|a date)|not be blank)/,
  // Goods are picked up somewhere.
  /^422 invalid-request: is required for a pickup$/,
  // Either of two says what is meant.
  /^422 invalid-request: must have either `eventIds` alone, or `since`$/,
  // One of two must name the channel: the query or each row.
  /^422 invalid-request: is required: rows do not name their channel$/,
];

export const isSemantic = (reason: string): boolean =>
  semantic.some((pattern) => pattern.test(reason));
