/** What clients ask of aggregates of which the simulation knows nothing but their workouts. */
import type { Alongside } from "../../actors/command/command.ts";
import type { AggregateState } from "../../src/subject/state.ts";
import type { SubjectList } from "../../src/subject/subject.ts";
import type { Workout } from "../support/workout.ts";
import type { Request } from "./operation.ts";
import type { Chance } from "./random.ts";
import type { Seen, Workload } from "./workload.ts";

/** What the store has of references before anything else happens. */
export const documentsOf = (
  workouts: readonly Workout[],
  { references }: SubjectList,
): readonly Request[] =>
  workouts.flatMap(({ documents }) =>
    Object.entries(documents).flatMap(([name, some]) =>
      some.map((document): Request => {
        const reference = references.get(name);
        if (reference === undefined) throw new Error(`nobody defines the reference ${name}`);
        const { createdAt: _, updatedAt: __, version: ___, ...described } = document as Record<
          string,
          unknown
        >;
        return { type: "save", reference, document: described };
      })
    )
  );

export class Anything {
  #made = 0;

  constructor(
    readonly chance: Chance,
    readonly workouts: readonly Workout[],
    readonly seen: (definition: Workout["definition"]) => Seen<AggregateState>,
    /** For orders that are placed along with something. */
    readonly orders: Workload,
    /** Keeps the names of its aggregates apart from those of others. */
    readonly name: string,
  ) {}

  #ask({ mayDoNothing = [] }: Workout, asked: Alongside): Request {
    const may = mayDoNothing.includes(asked.command.type);
    return { type: "ask", ...asked, ...(may ? { mayDoNothing: true } : {}) };
  }

  next(): Request {
    const { chance } = this;
    const workout = chance.pick(this.workouts);
    const { definition, alongside, forOrder } = workout;
    const known = this.seen(definition).all;
    const isPlaced = alongside !== undefined || forOrder !== undefined;
    const kind = chance.weighted({
      ...{ make: 3, ask: 5, place: isPlaced ? 3 : 0 },
      request: workout.request === undefined ? 0 : 3,
    });
    if (kind === "make" || known.length === 0) {
      const making = workout.making(chance, `${this.name}-${this.#made++}`);
      return { type: "make", aggregate: definition, making };
    }
    const state = chance.pick(known);
    const asked = (command: { readonly type: string }) => ({
      aggregate: definition,
      id: state.id,
      command,
    });
    if (kind === "request" && workout.request !== undefined) return workout.request(chance, state);
    if (kind === "place" && forOrder !== undefined) {
      const order = this.orders.newOrder();
      // It may be of another channel now, and what is paid for an order is told by its number.
      const externalId = `${order.externalId}-along`;
      return { type: "place", order: { ...order, ...forOrder(state), externalId } };
    }
    return kind === "place" && alongside !== undefined
      ? {
        type: "place",
        order: this.orders.newOrder(),
        alongside: [asked(alongside(chance, state))],
      }
      : this.#ask(workout, asked(workout.command(chance, state)));
  }
}
