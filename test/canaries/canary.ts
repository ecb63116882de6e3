/**
 * Bugs planted one at a time, to see whether anybody notices. Each is a change of the text of one file that
 * somebody could have made; it must apply exactly once, or the canary says nothing.
 */

export interface Canary {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** The flow that is looked at first, for a bug that seldom shows by chance. */
  readonly flow?: string;
  /** The same for a seed. */
  readonly seed?: number;
  /** The one that looks instead, for what no simulated fault reaches. */
  readonly test?: { readonly file: string; readonly name: string };
}
