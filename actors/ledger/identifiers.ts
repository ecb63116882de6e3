/** Makes new names for orders and commits. */
import { Context, Layer } from "effect";
import { customAlphabet } from "nanoid";

/** A service, so that a simulation can hand in its own names. */
export class Identifiers extends Context.Service<Identifiers, {
  /** The random tail of an order id: ten characters of Crockford's base 32. */
  readonly orderTail: () => string;
  readonly commitId: () => string;
}>()("allot/Identifiers") {
  static readonly layer = Layer.sync(Identifiers, () => {
    const crockford = "0123456789abcdefghjkmnpqrstvwxyz";
    return Identifiers.of({
      orderTail: customAlphabet(crockford, 10),
      commitId: customAlphabet(crockford, 20),
    });
  });
}
