/** Gathers all that is wrong with a request for an order, each with its place in the request. */
import type { Money } from "../kernel/money.ts";
import { digitsOf, formatAmount, largestAmount, parseAmount } from "../kernel/money.ts";

export interface CaptureError {
  /** JSON pointer into the request. */
  readonly pointer: string;
  readonly detail: string;
}

/** Collects what is wrong, so that a client sees all of it at once. */
export class CaptureErrors {
  readonly found: CaptureError[] = [];

  add(pointer: string, detail: string): void {
    this.found.push({ pointer, detail });
  }

  /** Minor units of an amount from zero up; zero where it is wrong. */
  amount(money: Money | undefined, currency: string, pointer: string): number {
    const minorUnits = this.signedAmount(money, currency, pointer);
    if (minorUnits < 0) {
      this.add(`${pointer}/amount`, "The amount must not be negative.");
      return 0;
    }
    return minorUnits;
  }

  /** Minor units of an amount of either sign; zero where it is wrong. */
  signedAmount(money: Money | undefined, currency: string, pointer: string): number {
    if (money === undefined) return 0;
    if (money.currency !== currency) {
      this.add(`${pointer}/currency`, `The order is in ${currency}, so its amounts must be.`);
      return 0;
    }
    const minorUnits = parseAmount(money.amount, currency);
    if (minorUnits === null) {
      this.add(
        `${pointer}/amount`,
        `An amount in ${currency} has exactly ${digitsOf(currency)} decimals and is at most ` +
          `${formatAmount(largestAmount, currency)}.`,
      );
      return 0;
    }
    return minorUnits;
  }

  /** A sum within bounds, so that every later sum of it is an exact integer. */
  sum(units: number, currency: string, pointer: string): number {
    if (units <= largestAmount) return units;
    this.add(pointer, `The sum is more than ${formatAmount(largestAmount, currency)} ${currency}.`);
    return 0;
  }
}
