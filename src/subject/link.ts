/**
 * Links: keys that point at an aggregate. An aggregate says, as one pure function of its state, which links
 * it has; a commit writes the difference of before and after; verify proves that a store has these and no
 * others.
 */
import type { Json } from "../kernel/packed.ts";
import type { Key } from "../kernel/key.ts";

/** A key of one of the aggregate's own families: a unique key, or one that says what it waits for. */
export interface KeyLink {
  readonly type: "key";
  readonly key: Key;
  readonly value: Json;
  /** At most one aggregate has it: the commit that adds it checks that nobody else does. */
  readonly unique: boolean;
}

/**
 * A command to the aggregate at a time. The name tells the timers of one aggregate apart; as long as the
 * aggregate wants a timer of that name, the one that was written first stands, and its due time stays the same:
 * by it its key is found when it is wanted no more. One that moves has its due time in its name.
 */
export interface TimerLink {
  readonly type: "timer";
  readonly name: string;
  /** Epoch milliseconds. */
  readonly dueMs: number;
  readonly command: Json;
}

export type Link = KeyLink | TimerLink;

export const noLinks: readonly Link[] = [];

/** A key that at most one aggregate has. */
export const uniqueKey = (key: Key, value: Json): KeyLink => ({
  type: "key",
  key,
  value,
  unique: true,
});

/** A key by which others find the aggregate while it waits for something. */
export const waitingKey = (key: Key, value: Json): KeyLink => ({
  type: "key",
  key,
  value,
  unique: false,
});

export const timer = (name: string, dueMs: number, command: Json): Link => ({
  type: "timer",
  name,
  dueMs,
  command,
});

/** The name of a link. No other link of its aggregate has it. */
export const linkName = (link: Link): string =>
  link.type === "timer" ? link.name : JSON.stringify(link.key);

/** The links that a change adds, and those that it takes away. */
export const linkChanges = <Kind extends Link>(
  before: readonly Kind[],
  after: readonly Kind[],
): { readonly added: readonly Kind[]; readonly removed: readonly Kind[] } => {
  // Nothing stands on one side: the other is the whole difference.
  if (before.length === 0 || after.length === 0) return { added: after, removed: before };
  const had = new Set(before.map(linkName));
  const has = new Set(after.map(linkName));
  return {
    added: after.filter((link) => !had.has(linkName(link))),
    removed: before.filter((link) => !has.has(linkName(link))),
  };
};
