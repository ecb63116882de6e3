/** What a list may be asked for: any of several values, and what was changed within a span of time. Pure. */
import { type Instant, parseInstant } from "../../src/kernel/instant.ts";

/** Any of several values; absent: all. */
export type AnyOf<Value> = readonly Value[] | undefined;

/** RFC 3339; neither moment is included. */
export interface UpdatedSpan {
  readonly updatedAfter?: string | undefined;
  readonly updatedBefore?: string | undefined;
}

export const isAnyOf = <Value>(values: AnyOf<Value>, value: Value): boolean =>
  values === undefined || values.includes(value);

/** Whether a moment is within a span; an end that is no time has nothing on its side. */
export const within = (after: string | undefined, before: string | undefined) => {
  const [from, until] = [after, before].map((text) =>
    text === undefined ? undefined : parseInstant(text)
  );
  return (at: Instant): boolean =>
    (from === undefined || (from !== null && at > from)) &&
    (until === undefined || (until !== null && at < until));
};

export const updatedWithin = ({ updatedAfter, updatedBefore }: UpdatedSpan) =>
  within(updatedAfter, updatedBefore);
