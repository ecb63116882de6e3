/**
 * Whether this process has so much else to do that what leaves must take less of it: requests are answered by the
 * thread that sends, a message can wait in the log, and somebody who places an order cannot. Units of work that
 * come while a commit is under way are committed together by the next one: so many in one commit are the sign.
 */
import { outboundLimits } from "./limits.ts";

export class Strain {
  #units = 0;

  /** A commit of so many units of work is about to be made. */
  noted(units: number): void {
    this.#units += (units - this.#units) * outboundLimits.strainWeight;
  }

  /** Nothing was committed for a while. */
  rested(): void {
    this.#units = 0;
  }

  get isHigh(): boolean {
    return this.#units >= outboundLimits.strainedUnits;
  }
}
