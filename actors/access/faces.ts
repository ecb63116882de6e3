/** Keeps in memory the holders of keys that were presented lately. */
import type { Principal } from "../../src/kernel/principal.ts";
import { accessLimits } from "../../src/access/limits.ts";
import { RecentMap } from "../reference/memory.ts";

/** Principals by their key's hash, and hashes that are nobody's. */
export class Faces {
  readonly #principals = new RecentMap<Principal>(accessLimits.cachedPrincipals);
  readonly #strangers = new RecentMap<true>(accessLimits.cachedStrangers);
  #forgotten = 0;

  /** Null is a stranger; undefined is not known. */
  of(hash: string): Principal | null | undefined {
    return this.#principals.get(hash) ??
      (this.#strangers.get(hash) === undefined ? undefined : null);
  }

  principal(hash: string): Principal | undefined {
    return this.#principals.get(hash);
  }

  /**
   * Counts forgettings: a key that is read from now on is remembered only while this count stays the same.
   */
  get age(): number {
    return this.#forgotten;
  }

  remember(hash: string, principal: Principal | null, age: number): void {
    if (age !== this.#forgotten) return;
    if (principal === null) this.#strangers.set(hash, true);
    else this.#principals.set(hash, principal);
  }

  /** Null: everybody. A key that was just made may be one that was a stranger's. */
  forget(keyId: string | null): void {
    this.#forgotten++;
    this.#strangers.clear();
    if (keyId === null) this.#principals.clear();
    for (const [hash, principal] of [...this.#principals]) {
      if (principal.id === keyId) this.#principals.delete(hash);
    }
  }
}
