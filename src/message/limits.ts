/** Every bound of messages to customers. */
export const messageLimits = {
  /** Templates that a store may have, and channels with settings of their own. */
  templates: 500,
  channels: 500,
  /** Of a template's parts, in characters; and of all of them together, in bytes of UTF-8. */
  subjectLength: 300,
  htmlLength: 40_000,
  textLength: 20_000,
  templateBytes: 48_000,
  /** Of one parse, in UTF-16 code units: a part, or a partial that it asks for. */
  parseLength: 60_000,
  /**
   * Of one part that is rendered: how long it may take, during which its process does nothing else, and about
   * how many values and characters it may hold. Those that come with Allot take one or two milliseconds.
   */
  renderMs: 1_000,
  renderMemory: 4_000_000,
  /** Of the results, in UTF-16 code units. */
  renderedSubjectLength: 250,
  renderedLength: 400_000,
  /** Elements within elements, and elements of one, when text is made of HTML. */
  htmlDepth: 60,
  htmlChildren: 5_000,
  /** Lines of an order that a message shows. */
  lines: 100,
  /** An order that was placed so long before Allot heard of it is history, of which nobody is told. */
  historyAfterMs: 24 * 3_600_000,
  /** A message that could not be sent for so long is not sent any more: it would be no news. */
  newsForMs: 24 * 3_600_000,
  /** Waits between the attempts to send one message: longer than it is news, so that it ends as expired. */
  retryAfterMs: [
    60_000,
    5 * 60_000,
    15 * 60_000,
    30 * 60_000,
    3_600_000,
    2 * 3_600_000,
    4 * 3_600_000,
    6 * 3_600_000,
    6 * 3_600_000,
    6 * 3_600_000,
  ],
  /** What a shop is called, and a sender with their name, in characters. */
  shopNameLength: 100,
  fromLength: 400,
  /** Messages of one order that one look reads. */
  recordsPerRead: 200,
  /** A language's name, such as `de-AT`. */
  languageLength: 35,
} as const;
