/** Keys of every family that the store has: a key that nobody defines is a finding. */
import { Effect } from "effect";
import type { Key } from "../kernel/key.ts";
import { machineFamilies } from "../store/keys.ts";
import { Store, type StoreError } from "../store/store.ts";
import type { SubjectList } from "../subject/subject.ts";
import type { Findings } from "./report.ts";

/** The families that the machine and the subjects write. */
const knownFamilies = (subjects: SubjectList): ReadonlySet<string> =>
  new Set<string>([...machineFamilies, ...subjects.families]);

/** The first key behind a family: numbers sort after all texts. */
const behind = (family: string | number): Key =>
  typeof family === "string" ? [`${family}\u0000`] : [family, Number.POSITIVE_INFINITY];

/** Seeks from one family to the next, however many keys each has. */
export const checkFamilies = Effect.fnUntraced(function* (
  subjects: SubjectList,
  findings: Findings,
): Effect.fn.Return<void, StoreError, Store> {
  const store = yield* Store;
  const known = knownFamilies(subjects);
  let start: Key = [""];
  while (true) {
    const [entry] = yield* store.list({ start, end: [Number.POSITIVE_INFINITY], limit: 1 });
    const family = entry?.key[0];
    if (entry === undefined || family === undefined) return;
    if (typeof family !== "string" || !known.has(family)) {
      findings.add("known-families", [entry.key], `Nobody writes keys that begin with ${family}.`);
    }
    start = behind(family);
  }
});
