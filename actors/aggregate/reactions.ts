/**
 * Carries out the commands that subjects' reactors make of the log. The cause of each is its place in the
 * log, and serves as its idempotency key: asked for again, by this process or another, it is answered.
 */
import { Context, Effect, Layer } from "effect";
import { systemPrincipal } from "../../src/kernel/principal.ts";
import type { StoredResponse } from "../../src/store/documents.ts";
import type { Store, StoreError } from "../../src/store/store.ts";
import type { Consequence } from "../../src/subject/reactor.ts";
import { Subjects } from "../../src/subject/subject.ts";
import { Idempotency } from "../command/idempotency.ts";
import type { LogTail } from "../log/log-tail.ts";
import { runCommands } from "../log/commands.ts";
import type { HandleFailure } from "../log/follower.ts";
import { asHandleFailure } from "../log/handle-failure.ts";
import { reactorLimits } from "../log/limits.ts";
import { Aggregates } from "./aggregates.ts";

export class Reactions extends Context.Service<Reactions, {
  /** Names of the reactors. */
  readonly names: readonly string[];
}>()("allot/Reactions") {
  static readonly layer: Layer.Layer<
    Reactions,
    StoreError,
    Store | LogTail | Subjects | Aggregates | Idempotency
  > = Layer.effect(Reactions, Effect.suspend(() => makeReactions));
}

/** Nobody reads it: that there is one says that the command was carried out, or refused. */
const answer: StoredResponse = { status: 204, headers: {}, body: "" };

interface Caused extends Consequence {
  /** The reactor, and the place in the log. */
  readonly cause: string;
}

const makeReactions = Effect.gen(function* () {
  const subjects = yield* Subjects;
  const aggregates = yield* Aggregates;
  const idempotency = yield* Idempotency;
  const by = systemPrincipal;

  const carryOut = ({ id, command, cause }: Caused): Effect.Effect<void, HandleFailure> => {
    const definition = subjects.aggregateOf(id);
    if (definition === null) return Effect.die(new TypeError(`Nothing has the id ${id}.`));
    return idempotency.run(
      { by, key: cause, fingerprint: JSON.stringify([id, command]) },
      (claim) =>
        aggregates.command(definition, id, command, {
          by,
          idempotency: { claim, respond: () => answer },
        }),
      // A refusal stands as well: a repeat must not carry out later a command that was refused at its time.
      (failure) => failure._tag === "Refused" || failure._tag === "NotFound" ? answer : null,
    ).pipe(
      Effect.asVoid,
      // After a change of the code one cause may have another consequence: the first one stands.
      Effect.catchTags({
        Refused: () => Effect.void,
        NotFound: () => Effect.void,
        IdempotencyMismatch: () => Effect.void,
      }),
      Effect.mapError(asHandleFailure(`What follows for ${id} could not be done yet.`)),
    );
  };

  /** In their order for each aggregate, side by side for different ones. */
  const perform = (caused: readonly Caused[]): Effect.Effect<void, HandleFailure> =>
    Effect.forEach(
      Map.groupBy(caused, ({ id }) => id).values(),
      (each) => Effect.forEach(each, carryOut, { discard: true }),
      { concurrency: reactorLimits.concurrentCommands, discard: true },
    );

  const names: string[] = [];
  for (const reactor of subjects.reactors.values()) {
    if (reactor.type !== "commands") continue;
    const { name } = reactor;
    yield* runCommands<Caused>({
      name,
      tasksOf: (record, place) =>
        reactor.consequencesOf(record).map((consequence, n) => ({
          ...consequence,
          cause: `${name} ${place} ${n}`,
        })),
      perform,
    });
    names.push(name);
  }
  return Reactions.of({ names });
});
