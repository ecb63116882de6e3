/** Clients: each wants one thing after another, repeats itself, and forgets nothing that it was told. */
import { reservations } from "../../src/reservation/definition.ts";
import type { Order } from "../../src/order/order.ts";
import type { Aggregate } from "../../src/subject/aggregate.ts";
import type { AggregateState } from "../../src/subject/state.ts";
import type { Cluster, Life } from "./cluster.ts";
import {
  type Operation,
  type Outcome,
  outcomeOf,
  perform,
  type ReceivedAnswer,
  type Request,
} from "./operation.ts";
import type { Chance } from "./random.ts";
import type { Reached } from "./reached.ts";
import { type Knowledge, Seen } from "./workload.ts";
import type { World } from "./world.ts";

export interface Network {
  /** Requests that are sent twice at once. */
  readonly duplicates: number;
  /** Answers that do not reach the client. */
  readonly lostAnswers: number;
  /** Messages that are overtaken by others. */
  readonly delayed: number;
}

export const goodNetwork: Network = { duplicates: 0, lostAnswers: 0, delayed: 0 };

/** How long a client waits for an answer. */
const patienceMs = 15_000;
const longestDelayMs = 3_000;
const usualDelayMs = 20;
/** How often a client asks for one thing before it leaves it at not knowing. */
const mostTries = 6;

export class Clients {
  /** Everything that was ever asked. */
  readonly operations: Operation[] = [];
  network: Network;
  readonly #seen = new Map<string, Seen<AggregateState>>();

  constructor(
    readonly world: World,
    readonly cluster: Cluster,
    readonly chance: Chance,
    readonly reached: Reached,
    readonly knowledge: Knowledge,
    network: Network,
  ) {
    this.network = network;
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.world.after(ms, null, resolve));
  }

  open(request: Request, client: string): Operation {
    const operation: Operation = {
      id: `${client}-${this.operations.length}`,
      request,
      // An order has its own number, everything else needs a key to be repeated.
      keyed: request.type === "place" ? this.chance.happens(0.5) : request.type !== "get",
      calledAt: this.world.tick(),
      answers: [],
      sent: 0,
      absurd: [],
    };
    this.operations.push(operation);
    return operation;
  }

  /** Asks until there is an answer, or the client has had enough. */
  async perform(operation: Operation, tries = mostTries): Promise<void> {
    for (let attempt = 0; attempt < tries; attempt++) {
      const copies = this.chance.happens(this.network.duplicates) ? 2 : 1;
      const outcomes = await Promise.all(
        Array.from({ length: copies }, () => this.#send(operation)),
      );
      if (outcomes.some(({ type }) => type === "answered" || type === "absurd")) return;
      if (outcomes.every(({ type }) => type === "unknown")) this.reached.unknownOutcome++;
      await this.pause(this.chance.between(10, 200 * 2 ** attempt));
    }
  }

  /** Asks once, without a thought for whether anybody hears it. */
  async #send(operation: Operation): Promise<Outcome> {
    await this.#travel();
    const { running } = this.cluster;
    if (running.length === 0) return { type: "again", tag: "nobody listens" };
    if (operation.sent++ > 0) this.reached.repeatedRequest++;
    return await this.sendTo(this.chance.pick(running), operation);
  }

  /** Asks once and hears nothing, though the request was carried out. */
  async performUnheard(operation: Operation): Promise<void> {
    const [life] = this.cluster.running;
    if (life === undefined) return;
    operation.sent++;
    await new Promise<void>((resolve) =>
      this.cluster.request(life, perform(operation), () => resolve())
    );
  }

  sendTo(life: Life, operation: Operation): Promise<Outcome> {
    const { sent } = operation;
    const askedAt = this.world.tick();
    return new Promise((resolve) => {
      this.world.after(patienceMs, null, () => resolve({ type: "unknown" }));
      this.cluster.request(life, perform(operation), async (exit) => {
        const outcome = outcomeOf(exit);
        if (this.chance.happens(this.network.lostAnswers)) return;
        await this.#travel();
        this.#learn(operation, outcome, { askedAt, process: life.process.name, sent });
        resolve(outcome);
      });
    });
  }

  #learn(
    operation: Operation,
    outcome: Outcome,
    request: Pick<ReceivedAnswer, "askedAt" | "process" | "sent">,
  ): void {
    if (outcome.type === "absurd") operation.absurd.push(outcome.detail);
    if (outcome.type === "again" && outcome.tag === "Overloaded") {
      this.reached.backpressureRefusal++;
    }
    if (outcome.type !== "answered") return;
    const { answer } = outcome;
    if (outcome.replayed) this.reached.replayedAnswer++;
    operation.answers.push({ ...request, answer, at: this.world.tick() });
    if (answer.type === "state") this.#see(operation.request, answer.state);
  }

  #see(request: Request, state: AggregateState): void {
    if (request.type === "make" || request.type === "ask") this.seen(request.aggregate).see(state);
    else if (request.type === "reserve") this.seen(reservations).see(state);
    else this.knowledge.see(state as Order);
  }

  /** Aggregates of a kind that clients have seen; orders they know better. */
  seen({ name }: Pick<Aggregate, "name">): Seen<AggregateState> {
    const seen = this.#seen.get(name) ?? new Seen<AggregateState>();
    this.#seen.set(name, seen);
    return seen;
  }

  #travel(): Promise<void> {
    const late = this.chance.happens(this.network.delayed);
    return this.pause(this.chance.between(0, late ? longestDelayMs : usualDelayMs));
  }
}
