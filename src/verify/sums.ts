/** Sums over rows of several balances, held against every entry of the log. Pure. */
import { keys } from "../store/keys.ts";
import type { Position } from "../store/log.ts";
import type { BalanceDeltas } from "../subject/balance.ts";
import type { BalanceSum } from "../subject/balance-sum.ts";
import type { Findings } from "./report.ts";

/** One sum, and what its groups come to. */
interface RunningSum {
  readonly definition: BalanceSum;
  readonly units: Map<string, number>;
  /** Groups that the entry changes. */
  readonly touched: Set<string>;
  /** Groups that are reported: each once. */
  readonly wrong: Set<string>;
}

export class SumAudit {
  readonly #sums: readonly RunningSum[];

  constructor(definitions: readonly BalanceSum[], private readonly findings: Findings) {
    this.#sums = definitions.map((definition) => ({
      definition,
      units: new Map(),
      touched: new Set(),
      wrong: new Set(),
    }));
  }

  add(changes: readonly BalanceDeltas[]): void {
    for (const { definition, units, touched } of this.#sums) {
      for (const { balance, deltas } of changes) {
        for (const delta of deltas) {
          const share = definition.of(balance, delta);
          if (share === null || share.units === 0) continue;
          units.set(share.group, (units.get(share.group) ?? 0) + share.units);
          touched.add(share.group);
        }
      }
    }
  }

  /** All changes of the entry are added: they were committed together. */
  endEntry(position: Position): void {
    for (const { definition: { invariant, isSound }, units, touched, wrong } of this.#sums) {
      for (const group of touched) {
        const sum = units.get(group) ?? 0;
        if (isSound(sum) || wrong.has(group)) continue;
        wrong.add(group);
        this.findings.add(invariant, [keys.log(position)], `${group} comes to ${sum}.`);
      }
      touched.clear();
    }
  }
}
