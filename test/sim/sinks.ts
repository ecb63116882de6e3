/** The other ends of all outboxes in the simulated world, and what must have arrived there at rest. */
import { Effect } from "effect";
import { feedDeliveryBy } from "../../actors/stock-feed/feed-sink.ts";
import { documentDelivery } from "../../actors/outbound/held-lane.ts";
import type { Deliveries } from "../../actors/outbound/outbound.ts";
import type { StockFeed } from "../../src/stock-feed/feed.ts";
import { feedLanes } from "../../src/stock-feed/outbox.ts";
import { stockFeeds } from "../../src/stock-feed/references.ts";
import { messagesOf } from "../../src/outbound/entry-messages.ts";
import type { Message } from "../../src/outbound/message.ts";
import { laneOf } from "../../src/outbound/place.ts";
import { SharedEvents, sourceOfDocument } from "../../src/outbound/source.ts";
import type { LogEntry } from "../../src/store/log.ts";
import type { DocumentOutbox, Outbox } from "../../src/subject/reactor.ts";
import { idConcernedBy } from "../../src/subject/reference.ts";
import { SubjectList } from "../../src/subject/subject.ts";
import { sameJson } from "../../src/verify/same.ts";
import { availableIn, keptOf, toldBy } from "./levels.ts";
import type { Chance } from "./random.ts";
import { firstArrivals, goodSink, Sink, type SinkFaults } from "./sink.ts";
import type { Truth } from "./truth.ts";
import type { Process } from "./world.ts";

/** So many that no message dies of a bad network, and short: a run takes minutes, not days. */
const retryAfterMs = Array.from({ length: 40 }, (_, n) => Math.min(5_000, 200 * 2 ** n));

/** The same subjects, with outboxes that do not wait for days between two attempts. */
export const hastened = (list: SubjectList): SubjectList =>
  new SubjectList(list.subjects.map((subject) =>
    subject.reactors === undefined ? subject : {
      ...subject,
      reactors: subject.reactors.map((each) =>
        each.type === "outbox" || each.type === "document outbox" ? { ...each, retryAfterMs } : each
      ),
    }
  ));

/** The services that the delivery of feeds needs. */
export type FeedNeeds = Effect.Services<ReturnType<typeof feedDeliveryBy>>;

/** What a lane must have brought to its other end. */
interface Expected {
  readonly lane: string;
  readonly messages: readonly Message[];
}

export class Sinks {
  /** By the names of lanes. */
  readonly #sinks = new Map<string, Sink>();
  readonly #outboxes: readonly Outbox[];
  readonly #documentOutboxes: readonly DocumentOutbox[];
  #faults = goodSink;

  constructor(readonly subjects: SubjectList, private readonly chance: Chance) {
    const reactors = [...subjects.reactors.values()];
    // What is optional is not set up here.
    this.#outboxes = reactors.filter((each) => each.type === "outbox")
      .filter(({ isOptional = false }) => !isOptional);
    this.#documentOutboxes = reactors.filter((each) => each.type === "document outbox")
      .filter(({ latest }) => latest === undefined);
  }

  set faults(faults: SinkFaults) {
    this.#faults = faults;
    for (const sink of this.#sinks.values()) sink.faults = faults;
  }

  #sinkOf(lane: string): Sink {
    const known = this.#sinks.get(lane);
    if (known !== undefined) return known;
    const sink = new Sink(this.chance.fork());
    sink.faults = this.#faults;
    this.#sinks.set(lane, sink);
    return sink;
  }

  deliveriesOf(process: Process): Effect.Effect<Deliveries, never, FeedNeeds> {
    const others: Deliveries = Object.fromEntries([
      ...this.#outboxes.map(({ name }) => [name, this.#sinkOf(name).deliverFor(process)] as const),
      ...this.#documentOutboxes.map((outbox) =>
        [
          outbox.name,
          documentDelivery(outbox, {
            send: (message, document) =>
              this.#sinkOf(laneOf(outbox, outbox.reference.idOf(document))).send(process, message),
          }),
        ] as const
      ),
    ]);
    const feeds = feedDeliveryBy(({ id: key }, { id, body }) =>
      this.#sinkOf(laneOf(feedLanes, key)).send(process, { id, key, body })
    );
    return Effect.map(feeds, (delivery) => ({ ...others, [feedLanes.name]: delivery }));
  }

  /** Everything arrived, for each key in the order of the log, and the same to the byte each time. */
  check(truth: Truth): readonly string[] {
    return [...this.#checkFeeds(truth), ...this.#checkMessages(truth)];
  }

  /** Each feed has at last what is available of each SKU, and knows of no others. */
  #checkFeeds({ rows, withLanes }: Truth): readonly string[] {
    const feeds = (withLanes.get(stockFeeds.name) ?? []) as readonly StockFeed[];
    return feeds.flatMap((feed) => {
      const lane = laneOf(feedLanes, feed.id);
      const kept = keptOf(this.#sinkOf(lane).arrivals.map(toldBy));
      const there = availableIn(rows, feed);
      return [...new Set([...kept.keys(), ...there.keys()])]
        .filter((sku) => kept.get(sku) !== there.get(sku))
        .map((sku) => `outbox: ${lane}: ${sku} is ${kept.get(sku)}, not ${there.get(sku)}`);
    });
  }

  #checkMessages(truth: Truth): readonly string[] {
    return this.#expected(truth).flatMap(({ lane, messages }) => {
      const sink = this.#sinkOf(lane);
      const wanted = Map.groupBy(messages, ({ key }) => key);
      const arrived = firstArrivals(sink.arrivals);
      const keys = [...new Set([...wanted.keys(), ...arrived.keys()])];
      const bodies = new Map(messages.map(({ id, body }) => [id, body]));
      return [
        ...keys.filter((key) =>
          !sameJson(wanted.get(key)?.map(({ id }) => id) ?? [], arrived.get(key) ?? [])
        ).map((key) => `outbox: ${lane}: ${key} did not arrive as the log has it`),
        ...sink.attempts.filter(({ id, body }) => bodies.get(id) !== body)
          .map(({ id }) => `outbox: ${lane}: ${id} was not sent as the log has it`),
      ];
    });
  }

  #expected({ log, withLanes }: Truth): readonly Expected[] {
    const events = new SharedEvents(this.subjects);
    return [
      ...this.#outboxes.map((outbox) => ({
        lane: outbox.name,
        messages: log.flatMap((entry) => messagesOf(outbox, entry)),
      })),
      ...this.#documentOutboxes.flatMap((outbox) =>
        (withLanes.get(outbox.reference.name) ?? []).map((document) => {
          const id = outbox.reference.idOf(document);
          const source = sourceOfDocument(outbox, document, id, events);
          return {
            lane: source.name,
            messages: after(firstSaved(outbox, id, log), log).flatMap(source.messagesOf),
          };
        })
      ),
    ];
  }
}

/** The entry that saved a document first: its lane begins behind it. */
const firstSaved = ({ reference }: DocumentOutbox, id: string, log: readonly LogEntry[]): number =>
  log.findIndex(({ records }) => records.some((record) => idConcernedBy(reference, record) === id));

const after = (n: number, log: readonly LogEntry[]): readonly LogEntry[] =>
  n < 0 ? [] : log.slice(n + 1);
