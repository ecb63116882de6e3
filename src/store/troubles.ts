/** Turns errors of a database into errors of the store. */
import { StoreError, type StoreTrouble } from "./store.ts";

/** Messages of SQLite, and so of Deno KV. */
const troubles: readonly (readonly [StoreTrouble, RegExp])[] = [
  ["full", /database or disk is full|no space left|quota exceeded/i],
  ["locked", /database (table )?is locked|busy/i],
];

const detailOf = (cause: unknown): string => cause instanceof Error ? cause.message : String(cause);

export const storeError = (operation: StoreError["operation"], cause: unknown): StoreError => {
  const detail = detailOf(cause);
  const trouble = troubles.find(([, words]) => words.test(detail));
  return new StoreError({
    operation,
    detail,
    ...(trouble === undefined ? {} : { reason: trouble[0] }),
    cause,
  });
};

/** Another handle holds the SQLite file. Deno KV applied nothing then, so trying again is safe. */
export const isLocked = (error: StoreError): boolean => error.reason === "locked";

/** A KV server's words, or those of Deno KV, which names its bound. */
const tooManyChecks = /too many checks(?:.*\(max (\d+)\))?/i;

/**
 * How many checks a commit may have, by the error that one with so many met; null when it speaks of something
 * else. A server that does not say takes a tenth: ten, where it was believed to take a hundred.
 */
export const checksTaken = ({ detail }: StoreError, sent: number): number | null => {
  const found = tooManyChecks.exec(detail);
  if (found === null) return null;
  const named = Number(found[1]);
  return named > 0 && named < sent ? named : sent > 10 ? 10 : Math.max(1, sent - 1);
};
