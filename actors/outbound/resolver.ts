/** Asks the system for the addresses of names, at each attempt anew, and never for too many at once. */
import { lookup } from "node:dns";
import { Data, Effect } from "effect";
import { outboundLimits } from "../../src/outbound/limits.ts";

/** The name has no address, or nobody says. */
export class CouldNotResolve extends Data.TaggedError("CouldNotResolve")<{
  readonly detail: string;
}> {}

/** All addresses of a name at this moment, A and AAAA; rejects where there is none. */
export type Lookup = (name: string) => Promise<readonly string[]>;

/** As the system resolves names, with its file of hosts. */
export const systemLookup: Lookup = (name) =>
  new Promise((resolve, reject) => {
    lookup(name, { all: true }, (error, addresses) =>
      error === null
        ? resolve(addresses.map(({ address }) => address))
        : reject(error));
  });

/** The code of an error of the network, such as `ENOTFOUND`: its message may name addresses of the inside. */
export const codeOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "code" in error && typeof error.code === "string"
    ? error.code
    : "no reason given";

const unresolved = (detail: string) => new CouldNotResolve({ detail });

export class Resolver {
  /**
   * By their names. A look-up cannot be taken back, and each has a thread of those that the store works with:
   * were there one for each attempt, a resolver that hangs would hang the store.
   */
  readonly #underWay = new Map<string, Promise<readonly string[]>>();

  constructor(private readonly lookup: Lookup) {}

  /** At least one address. Attempts at one time share a look-up; a later one asks again. */
  readonly addressesOf = (name: string): Effect.Effect<readonly string[], CouldNotResolve> =>
    Effect.suspend(() => {
      const going = this.#underWay.get(name);
      if (going === undefined && this.#underWay.size >= outboundLimits.lookups) {
        return Effect.fail(unresolved("Too many names are being resolved."));
      }
      return Effect.tryPromise({
        try: () => going ?? this.#begin(name),
        catch: (error) => unresolved(`The name cannot be resolved: ${codeOf(error)}.`),
      });
    }).pipe(
      Effect.filterOrFail(
        (addresses) => addresses.length > 0,
        () => unresolved("The name has no address."),
      ),
    );

  #begin(name: string): Promise<readonly string[]> {
    const found = Promise.resolve().then(() => this.lookup(name))
      .finally(() => this.#underWay.delete(name));
    this.#underWay.set(name, found);
    return found;
  }
}
