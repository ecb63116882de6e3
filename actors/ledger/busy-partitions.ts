/** The partitions at which units of this process are on their way: two commits never share one. */
import { Effect } from "effect";

export class BusyPartitions {
  readonly #busy = new Set<string>();
  /**
   * Busy partitions whose units are being offered to other processes: no commit of ours is under way there.
   */
  readonly #offering = new Set<string>();
  /** Listeners for partitions that are no longer busy; a listener that answers true is done. */
  #releases: ((names: ReadonlySet<string>) => boolean)[] = [];

  get names(): ReadonlySet<string> {
    return this.#busy;
  }

  take(names: ReadonlySet<string>): void {
    for (const name of names) this.#busy.add(name);
  }

  release(names: ReadonlySet<string>): void {
    for (const name of names) this.#busy.delete(name);
    this.#releases = this.#releases.filter((each) => !each(names));
  }

  beginOffering(names: readonly string[]): void {
    for (const name of names) this.#offering.add(name);
  }

  endOffering(names: readonly string[]): void {
    for (const name of names) this.#offering.delete(name);
  }

  /** Whether a commit of ours is under way there. */
  isCommitting(name: string): boolean {
    return this.#busy.has(name) && !this.#offering.has(name);
  }

  /** Waits until the commits under way at these partitions have ended. */
  settled(names: readonly string[]): Effect.Effect<void> {
    return Effect.callback<void>((resume) => {
      const pending = new Set(names.filter((name) => this.#busy.has(name)));
      if (pending.size === 0) return resume(Effect.void);
      this.#releases.push((released) => {
        for (const name of released) pending.delete(name);
        if (pending.size > 0) return false;
        resume(Effect.void);
        return true;
      });
    });
  }
}
