/** Times of requests. */
import { type Instant, parseInstant } from "../../src/kernel/instant.ts";

/** A time that a schema has looked at, in the engine's one form, in which times are compared. */
export const normalized = (time: string): Instant => parseInstant(time) ?? time;

/** The same where one was said. */
export const normalizedIn = (time: string | undefined): Instant | undefined =>
  time === undefined ? undefined : normalized(time);

export interface UpdatedQuery {
  readonly updatedAfter?: string;
  readonly updatedBefore?: string;
}

/** Whether a moment is within the span that a request asks for. */
export const updatedWithin = ({ updatedAfter, updatedBefore }: UpdatedQuery) => {
  const [after, before] = [normalizedIn(updatedAfter), normalizedIn(updatedBefore)];
  return (at: Instant): boolean =>
    (after === undefined || at > after) && (before === undefined || at < before);
};
