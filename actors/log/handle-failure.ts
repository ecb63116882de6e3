/** What a command that follows from the log makes of its failures. */
import { StoreError, type StoreTrouble } from "../../src/store/store.ts";
import type { HandleFailure } from "./follower.ts";

/** Any failure of a command that is asked for again with its log entry. */
export type Passing = HandleFailure | {
  readonly _tag: string;
  /** Why the store does not confirm, where it is known. */
  readonly reason?: StoreTrouble | undefined;
};

const isOwn = (cause: Passing): cause is HandleFailure =>
  cause._tag === "StoreError" || cause._tag === "Overloaded";

/** Too much to do, and a store that is not well, pass; anything else may be the entry's own fault. */
export const asHandleFailure = (detail: string) => (cause: Passing): HandleFailure =>
  isOwn(cause) ? cause : new StoreError({
    operation: "commit",
    detail,
    ...(cause.reason === undefined ? {} : { reason: cause.reason }),
    cause,
  });
