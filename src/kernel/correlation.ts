/**
 * The request that set something going, by the names that its sender gave it. It stands in the log beside what
 * came of the request, so that calls to the outside, which are made later and by any process, name the same.
 */
export interface Correlation {
  /** `X-Request-Id`. Absent where the sender gave none. */
  readonly requestId?: string;
  /** Of W3C Trace Context: the trace, and the engine's place in it. */
  readonly traceparent?: string;
}

/** By the index of a record among those of a unit of work, or of a log entry. */
export type Correlations = Readonly<Record<number, Correlation>>;

/** The same for so many records; undefined when there is nothing to say. */
export const correlationOfAll = (
  correlation: Correlation | undefined,
  records: number,
): Correlations | undefined =>
  correlation === undefined
    ? undefined
    : Object.fromEntries(Array.from({ length: records }, (_, index) => [index, correlation]));

/** Those of several units as those of their records in a row; undefined when none says anything. */
export const joinCorrelations = (
  units: readonly {
    readonly records: number;
    readonly correlations: Correlations | undefined;
  }[],
): Correlations | undefined => {
  let joined: Record<number, Correlation> | undefined;
  let before = 0;
  for (const { records, correlations } of units) {
    for (const [index, found] of Object.entries(correlations ?? {})) {
      (joined ??= {})[before + Number(index)] = found;
    }
    before += records;
  }
  return joined;
};
