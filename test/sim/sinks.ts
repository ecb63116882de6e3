/** The other ends of all outboxes in the simulated world, and what must have arrived there at rest. */
import type { Deliveries } from "../../actors/outbound/outbound.ts";
import { messagesOf } from "../../src/outbound/entry-messages.ts";
import type { LogEntry } from "../../src/store/log.ts";
import type { Outbox } from "../../src/subject/reactor.ts";
import { SubjectList } from "../../src/subject/subject.ts";
import { sameJson } from "../../src/verify/same.ts";
import type { Chance } from "./random.ts";
import { firstArrivals, Sink, type SinkFaults } from "./sink.ts";
import type { Process } from "./world.ts";

/** So many that no message dies of a bad network, and short: a run takes minutes, not days. */
const retryAfterMs = Array.from({ length: 40 }, (_, n) => Math.min(5_000, 200 * 2 ** n));

/** The same subjects, with outboxes that do not wait for days between two attempts. */
export const hastened = (list: SubjectList): SubjectList =>
  new SubjectList(list.subjects.map((subject) =>
    subject.reactors === undefined ? subject : {
      ...subject,
      reactors: subject.reactors.map((each) =>
        each.type === "outbox" ? { ...each, retryAfterMs } : each
      ),
    }
  ));

export class Sinks {
  readonly #sinks = new Map<Outbox, Sink>();

  constructor({ reactors }: SubjectList, chance: Chance) {
    for (const reactor of reactors.values()) {
      if (reactor.type === "outbox") this.#sinks.set(reactor, new Sink(chance.fork()));
    }
  }

  set faults(faults: SinkFaults) {
    for (const sink of this.#sinks.values()) sink.faults = faults;
  }

  deliveriesOf(process: Process): Deliveries {
    return Object.fromEntries(
      [...this.#sinks].map(([{ name }, sink]) => [name, sink.deliverFor(process)]),
    );
  }

  /** Everything arrived, for each key in the order of the log, and the same to the byte each time. */
  check(log: readonly LogEntry[]): readonly string[] {
    return [...this.#sinks].flatMap(([outbox, sink]) => {
      const messages = log.flatMap((entry) => messagesOf(outbox, entry));
      const wanted = Map.groupBy(messages, ({ key }) => key);
      const arrived = firstArrivals(sink.arrivals);
      const keys = [...new Set([...wanted.keys(), ...arrived.keys()])];
      const bodies = new Map(messages.map(({ id, body }) => [id, body]));
      return [
        ...keys.filter((key) =>
          !sameJson(wanted.get(key)?.map(({ id }) => id) ?? [], arrived.get(key) ?? [])
        ).map((key) => `outbox: ${outbox.name}: ${key} did not arrive as the log has it`),
        ...sink.attempts.filter(({ id, body }) => bodies.get(id) !== body)
          .map(({ id }) => `outbox: ${outbox.name}: ${id} was not sent as the log has it`),
      ];
    });
  }
}
