/** What clients may count on under `/v1`: written once, for the OpenAPI document and its page. */

/** Paragraphs, with code in backquotes. */
export const whatMayChange: readonly string[] = [
  "What is under `/v1` stays: no operation, parameter, field or choice is taken away, gets another meaning or " +
  "another type, and nothing that could be left out must be sent.",
  "What can be added: operations, parameters that may be left out, fields of answers, choices of a field (a " +
  "status, a reason, the type of an event), problem types, headers. So requests are closed, and answers are " +
  "open. A request with a field or a parameter that is not known here is refused with 422: nothing that was " +
  "meant is left out silently. A client takes fields and choices in answers that it does not know, and treats a " +
  "problem of a type that it does not know by its status.",
  "What goes is announced. Each answer of an operation that is deprecated has a `Deprecation` header (RFC 9745) " +
  'and a `Link` with `rel="deprecation"` to what is used instead, and a `Sunset` header (RFC 8594) with the day ' +
  "from which on it is gone: at least six months after the announcement. What is gone answers 404. A " +
  "field that is deprecated is marked as such in this document.",
  "The texts of `title` and `detail` are for people and may change at any time; `type`, `pointer` and the other " +
  "members of a problem are for programs. Ids and cursors are texts that mean nothing to a client, and may become " +
  "longer. Integers are of 64 bits where their format does not say 32, and amounts of money are decimal texts.",
];
