/** Every mutation, and which one a request gets. */
import type { Chance } from "../../sim/random.ts";
import * as bodies from "./body-mutations.ts";
import type { Plan } from "./call.ts";
import type { ApiDocument } from "./document.ts";
import * as heads from "./head-mutations.ts";
import type { Made, Mutation } from "./mutation.ts";

export interface Mutant extends Made {
  /** The name of what made it, one of `mutationNames`. */
  readonly kind: string;
}

/** Each with its weight. */
const mutations = {
  changeJson: [16, bodies.changeJson],
  breakJson: [3, bodies.breakJson],
  breakBytes: [4, bodies.breakBytes],
  leaveOutBody: [1, bodies.leaveOutBody],
  addMark: [0.5, bodies.addMark],
  repeatMember: [1, bodies.repeatMember],
  tooLarge: [0.4, bodies.tooLarge],
  wrongMediaType: [2, bodies.wrongMediaType],
  otherwiseWrittenType: [0.5, bodies.otherwiseWrittenType],
  encoded: [1, bodies.encoded],
  oddIdempotencyKey: [2, heads.oddIdempotencyKey],
  oddIfMatch: [2, heads.oddIfMatch],
  oddIfNoneMatch: [0.5, heads.oddIfNoneMatch],
  wrongKey: [1.5, heads.wrongKey],
  unknownParameter: [1, heads.unknownParameter],
  repeatedParameter: [1, heads.repeatedParameter],
  oddParameter: [4, heads.oddParameter],
  strayQuery: [1, heads.strayQuery],
  oddId: [2, heads.oddId],
  undecodableId: [1, heads.undecodableId],
  strayPath: [1, heads.strayPath],
  wrongMethod: [1, heads.wrongMethod],
  options: [1, heads.options],
  head: [0.5, heads.head],
} as const satisfies Readonly<Record<string, readonly [weight: number, mutation: Mutation]>>;
type MutationName = keyof typeof mutations;

export const mutationNames = Object.keys(mutations) as readonly MutationName[];

const weights = Object.fromEntries(
  mutationNames.map((name) => [name, mutations[name][0]]),
) as Readonly<Record<MutationName, number>>;

/** Most mutations apply to some operations only. */
const tries = 50;
/** How often the mutation that was made least is tried before any other. */
const shareOfRare = 0.3;

const rarest = (made: ReadonlyMap<string, number>): MutationName =>
  mutationNames.reduce((one, other) => (made.get(other) ?? 0) < (made.get(one) ?? 0) ? other : one);

/** The request made wrong, or at least odd, in one way. `made` counts what was made so far. */
export const mutantOf = (
  plan: Plan,
  document: ApiDocument,
  chance: Chance,
  made: ReadonlyMap<string, number>,
): Mutant => {
  for (let n = 0; n < tries; n++) {
    const isRare = n === 0 && chance.happens(shareOfRare);
    const kind = isRare ? rarest(made) : chance.weighted(weights);
    const mutant = mutations[kind][1](plan, document, chance);
    if (mutant !== null) return { ...mutant, kind };
  }
  throw new Error(`no mutation applies to ${plan.operation.id}`);
};
