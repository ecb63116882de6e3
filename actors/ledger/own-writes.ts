/**
 * Remembers the latest writes of this process where no other process wrote. A process that leaves a parcel
 * has the store check the keys that the parcel's units rest on. While this process knows all writes since
 * then, it need not read those keys again.
 */
import { type Key, keyText } from "../../src/kernel/key.ts";
import { parcelLimits } from "../../src/store/limits.ts";
import type { Versionstamp } from "../../src/store/store.ts";
import type { WaitingUnit } from "./batch.ts";
import type { Partition } from "./fences.ts";

interface RememberedCommit {
  readonly versionstamp: Versionstamp;
  readonly keys: readonly Key[];
  /** The keys as text, made when they are first needed. */
  texts: ReadonlySet<string> | undefined;
}

export class OwnWrites {
  /** For each partition the first commit of ours after which nobody else wrote there. */
  readonly #since = new Map<string, Versionstamp>();
  /** Oldest first. */
  #commits: RememberedCommit[] = [];
  /** The newest commit that is not among them any more. */
  #forgotten: Versionstamp = "";

  /** Others have written there, or may have. */
  lost(partitions: readonly Pick<Partition, "name">[]): void {
    for (const { name } of partitions) this.#since.delete(name);
  }

  committed(
    partitions: readonly Pick<Partition, "name">[],
    versionstamp: Versionstamp,
    units: readonly WaitingUnit[],
  ): void {
    for (const { name } of partitions) {
      if (!this.#since.has(name)) this.#since.set(name, versionstamp);
    }
    const keys = units.flatMap(({ unit }) => unit.writes.map(({ key }) => key));
    this.#commits.push({ versionstamp, keys, texts: undefined });
    if (this.#commits.length <= parcelLimits.commitsRemembered) return;
    this.#forgotten = this.#commits.shift()?.versionstamp ?? this.#forgotten;
  }

  /** Whether everything that a parcel rests on is certainly as its owner had the store check. */
  untouched({ unit, partitions, soundAt }: WaitingUnit): boolean {
    if (soundAt === undefined || soundAt < this.#forgotten) return false;
    for (const name of partitions) {
      const since = this.#since.get(name);
      if (since === undefined || soundAt < since) return false;
    }
    const later = this.#commits.filter(({ versionstamp }) => versionstamp > soundAt);
    if (later.length === 0) return true;
    const read = unit.reads.map(({ key }) => keyText(key));
    return later.every((commit) => {
      const texts = commit.texts ??= new Set(commit.keys.map(keyText));
      return !read.some((key) => texts.has(key));
    });
  }
}
