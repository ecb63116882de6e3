/**
 * What goes is announced: an operation that is deprecated says so in every answer (RFC 9745), with the day from
 * which it is gone (RFC 8594), and in the documents of the API.
 */

export interface Deprecation {
  /** The day from which on it should not be used any more, as RFC 3339 has it. */
  readonly since: string;
  /** The day from which on it will not be there; without one that is not decided. */
  readonly sunset?: string;
  /** What to do instead, in a sentence. */
  readonly instead: string;
}

/** Where the documents of the API tell of an operation. */
const told = (operationId: string): string =>
  `</docs#${operationId}>; rel="deprecation"; type="text/html"`;

/** The headers of an operation's answers that announce its end; none where that is not near. */
export const deprecationHeaders = (
  { operationId, deprecated }: {
    readonly operationId: string;
    readonly deprecated?: Deprecation | undefined;
  },
): readonly (readonly [name: string, value: string])[] => {
  if (deprecated === undefined) return [];
  const { since, sunset } = deprecated;
  return [
    ["deprecation", `@${Math.floor(Date.parse(since) / 1_000)}`],
    ...(sunset === undefined ? [] : [["sunset", new Date(sunset).toUTCString()] as const]),
    ["link", told(operationId)],
  ];
};

/** The announcement in words. */
export const deprecationText = ({ since, sunset, instead }: Deprecation): string => {
  const end = sunset === undefined ? "" : ` It will be gone on ${sunset.slice(0, 10)}.`;
  return `Deprecated since ${since.slice(0, 10)}.${end} ${instead}`;
};
