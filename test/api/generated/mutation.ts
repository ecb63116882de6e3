/** What a mutation is: a request made of another one, with how it must end. */
import type { Chance } from "../../sim/random.ts";
import type { Call, Plan } from "./call.ts";
import type { ApiDocument, Misfit } from "./document.ts";

/** How the request must end, as far as that is certain. */
export type Expectation =
  /** One of these statuses, and never a success. */
  | {
    readonly kind: "refused";
    readonly statuses: readonly number[];
    readonly misfits?: readonly Misfit[];
  }
  /** The document allows it: a success, or a refusal for a reason that no schema can say. */
  | { readonly kind: "allowed" };

export interface Made {
  readonly name: string;
  readonly call: Call;
  readonly expectation: Expectation;
}

export type Mutation = (plan: Plan, document: ApiDocument, chance: Chance) => Made | null;

export const refused = (...statuses: readonly number[]): Expectation => ({
  kind: "refused",
  statuses,
});
export const allowed: Expectation = { kind: "allowed" };
