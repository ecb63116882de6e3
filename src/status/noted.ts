/**
 * Notes down the counts of one entry's records before any of them is counted, so that a malformed record
 * spoils nothing. The notes are lists of plain values, as every record passes here. Pure.
 */
import type { Tallies } from "../subject/tally.ts";

type Way = keyof Tallies;

const requireText = (text: string): void => {
  if (typeof text !== "string") throw new TypeError("Something is counted that has no name.");
};

const requireWhole = (change: number): void => {
  if (!Number.isInteger(change)) throw new TypeError("What is counted is no whole number.");
};

export class NotedTallies implements Tallies {
  readonly #ways: Way[] = [];
  readonly #names: string[] = [];
  readonly #groups: string[] = [];
  readonly #keys: string[] = [];
  readonly #changes: number[] = [];

  add(tally: string, group: string, key: string, change: number): void {
    this.#note("add", tally, group, key, change);
  }

  addAtLeastZero(tally: string, group: string, key: string, change: number): void {
    this.#note("addAtLeastZero", tally, group, key, change);
  }

  happened(rate: string, times: number): void {
    this.#note("happened", rate, "", "", times);
  }

  perMinute(series: string, amount: number): void {
    this.#note("perMinute", series, "", "", amount);
  }

  clear(): void {
    this.#ways.length = 0;
    this.#names.length = 0;
    this.#groups.length = 0;
    this.#keys.length = 0;
    this.#changes.length = 0;
  }

  /** Hands everything on, in order. */
  give(to: Tallies): void {
    for (let n = 0; n < this.#ways.length; n++) {
      const name = this.#names[n] ?? "";
      const change = this.#changes[n] ?? 0;
      const way = this.#ways[n];
      if (way === "happened" || way === "perMinute") to[way](name, change);
      else to[way ?? "add"](name, this.#groups[n] ?? "", this.#keys[n] ?? "", change);
    }
  }

  #note(way: Way, name: string, group: string, key: string, change: number): void {
    requireText(group);
    requireText(key);
    requireWhole(change);
    this.#ways.push(way);
    this.#names.push(name);
    this.#groups.push(group);
    this.#keys.push(key);
    this.#changes.push(change);
  }
}
