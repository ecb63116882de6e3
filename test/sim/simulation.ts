/** One run: a cluster, clients and faults, all from one seed. */
import { orders } from "../../src/order/definition.ts";
import type { SubjectList } from "../../src/subject/subject.ts";
import type { Workout } from "../support/workout.ts";
import { workouts } from "../support/workouts.ts";
import { Anything, documentsOf } from "./anything.ts";
import { actorLimits } from "../../src/kernel/limits.ts";
import type { LogEntry } from "../../src/store/log.ts";
import { goodNetwork, type Network } from "./clients.ts";
import { type Faults, noFaults, type SeenCommit } from "./database.ts";
import { saveEndpoints, saveFeed, turnEndpoint } from "./endpoints.ts";
import type { Operation } from "./operation.ts";
import { Chance } from "./random.ts";
import type { Reached } from "./reached.ts";
import { Observer, starve } from "./readers.ts";
import type { ProviderFaults } from "./payment-provider.ts";
import { goodSink, type SinkFaults } from "./sink.ts";
import { Stage } from "./stage.ts";
import { StateRequests } from "./state-requests.ts";
import { truthOf } from "./truth.ts";
import type { Request } from "./operation.ts";
import { type Habits, locationIds, orderToShip, preparation, Workload } from "./workload.ts";

export interface SimulationReport {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly reached: Readonly<Reached>;
  /** What happened, in a form that two runs of one seed share. */
  readonly trace: string;
  readonly operations: readonly Operation[];
  readonly log: readonly LogEntry[];
  readonly steps: number;
  readonly commits: number;
}

/** What a seed makes of the run. */
interface Plan {
  readonly engines: number;
  readonly shelves: number;
  readonly checks: number;
  readonly locations: number;
  readonly clients: number;
  readonly requestsPerClient: number;
  readonly faults: Faults;
  readonly network: Network;
  /** How far clocks are off at most, milliseconds. */
  readonly clocksOffMs: number;
  /** Many requests at once for one order. */
  readonly flood: boolean;
  /** Clients that hardly pause, at several engines: they race for the same stock. */
  readonly hurried: boolean;
  /** More to send than may wait for a reader that does not read. */
  readonly starve: boolean;
  /** Some orders are paid, and edited, by a provider that has a bad day. */
  readonly paid: boolean;
  /** Units go in and out of buckets, and channels get locations and buffers. */
  readonly states: boolean;
  /** Webhook endpoints that are told of everything, and disabled and enabled meanwhile; and a stock feed. */
  readonly endpoints: boolean;
}

const hourMs = 3_600_000;
const longestSinkMs = 500;
const dayMs = 24 * hourMs;
/** One in so many seeds with wrong clocks has them days off, not hours. */
const daysOffEvery = 3;
const mostDaysOff = 3;
const floodedRequests = actorLimits.mailbox + 60;
const floodedEvery = 21;
const starvedEvery = 61;
const hurriedEvery = 7;
const endpointsEvery = 4;
const statesEvery = 6;
/** Of so many seeds the last two. */
const paidEvery = 5;
const turnsOfEndpoints = 4;
/** Locations of the stock feed; there may be others. */
const toldLocations = 2;
const hurriedClients = 8;
const hurriedRequests = 5;
/** More of it, and nobody would be hurried. */
const hurriedLocked = 0.03;
/** Orders that have left when a run with payments begins. */
const shippedBefore = 2;
const usualPauseMs = 400;
const hurriedPauseMs = 10;

/** Some runs have none of a fault, so that others are seen alone. */
const share = (chance: Chance, most: number): number =>
  chance.happens(0.35) ? 0 : chance.next() * most;

const planOf = (seed: number, chance: Chance): Plan => {
  const checks = chance.pick([5, 10, 100]);
  const hurried = seed % hurriedEvery === 4;
  return {
    hurried,
    engines: Math.max(chance.between(1, 3), hurried ? 2 : 1),
    shelves: chance.between(1, 3),
    checks,
    locations: checks === 5 ? 5 : chance.between(1, 4),
    clients: chance.between(2, 5),
    requestsPerClient: hurried ? hurriedRequests : chance.between(6, 12),
    faults: {
      locked: share(chance, hurried ? hurriedLocked : 0.5),
      full: share(chance, 0.1),
      broken: share(chance, 0.03),
      conflict: share(chance, 0.3),
      throwAfter: share(chance, 0.05),
      repeat: share(chance, 0.05),
      late: share(chance, 0.05),
      crash: share(chance, 0.02),
      slow: share(chance, 0.02),
      longestMs: chance.pick([1, 5, 30]),
    },
    network: {
      duplicates: share(chance, 0.5),
      lostAnswers: share(chance, 0.1),
      delayed: share(chance, 0.3),
    },
    clocksOffMs: chance.happens(0.5) ? seed % daysOffEvery === 0 ? mostDaysOff * dayMs : hourMs : 0,
    flood: seed % floodedEvery === 1,
    starve: seed % starvedEvery === 2,
    paid: seed % paidEvery >= paidEvery - 2 && !hurried,
    states: seed % statesEvery === 1,
    endpoints: seed % endpointsEvery === 0,
  };
};

/** Messages to the outside meet the same network as those of clients. */
const sinkFaultsOf = ({ duplicates, lostAnswers, delayed }: Network): SinkFaults => ({
  lost: lostAnswers,
  unheard: lostAnswers,
  denied: lostAnswers,
  twice: duplicates / 2,
  slow: delayed / 20,
  longestMs: longestSinkMs,
});

/** How far the clocks go in steps once all is quiet: past everything that is tried again, or ends. */
const hoursLater = [2, 7, 25, 97] as const;

const providerFaultsOf = (chance: Chance): ProviderFaults => ({
  lost: share(chance, 0.4),
  late: share(chance, 0.4),
  repeated: share(chance, 0.4),
  unheard: share(chance, 0.4),
  stored: share(chance, 0.4),
  review: share(chance, 0.4),
  declined: share(chance, 0.6),
  longestMs: chance.pick([50, 500, 3_000]),
});

/** The timer that resumes a large order is set by its first commit, and deleted by its last. */
const beginsLargeOrder = ({ keys }: SeenCommit): boolean =>
  keys.some(([kind, , subject]) => kind === "timer" && String(subject).endsWith(":allocate"));

/** The subjects that a run is about beside orders and stock. */
export interface Cast {
  /** Instead of those of the engine. */
  readonly subjects?: SubjectList;
  /** Of the aggregates beside orders. */
  readonly workouts: readonly Workout[];
}

/** Orders that are paid get further than others. */
const payingHabits: Habits = { place: 26, order: 56, stock: 10, catalog: 2, get: 6 };

/** How often clients turn from orders to aggregates of other kinds. */
const othersShare = 0.4;

class Simulation {
  readonly #plan: Plan;
  readonly #chance: Chance;
  readonly #paid: Chance;
  readonly #states: Chance;
  readonly stage: Stage;
  readonly #observer: Observer;

  constructor(seed: number, kv: Deno.Kv, readonly cast: Cast) {
    const chance = new Chance(seed);
    const plan = planOf(seed, chance);
    const { engines, shelves, checks } = plan;
    const clocks = chance.fork();
    const clockOffsetsMs = Array.from(
      { length: engines },
      () => clocks.between(-plan.clocksOffMs, plan.clocksOffMs),
    );
    this.#plan = plan;
    this.#chance = chance.fork();
    const aimed = chance.fork();
    // Apart from the others, so that a run without payments is what it was.
    const paid = new Chance(seed ^ 0xca5e);
    this.#paid = paid;
    this.#states = new Chance(seed ^ 0x57a7e);
    this.stage = new Stage({
      kv,
      chance,
      engines,
      shelves,
      checks,
      clockOffsetsMs,
      ...(plan.paid ? { paid } : {}),
      ...(cast.subjects === undefined ? {} : { subjects: cast.subjects }),
      // Crashes by chance seldom hit the moment between two parts of a large order.
      placed: (commit) =>
        this.stage.faults.crash > 0 && beginsLargeOrder(commit) && aimed.happens(0.3)
          ? "crash after"
          : null,
    });
    this.#observer = new Observer(this.stage.cluster, this.stage.clients, chance.fork());
  }

  run(): Promise<readonly string[]> {
    return this.stage.play(() => this.#script());
  }

  async #script(): Promise<readonly string[]> {
    const { stage } = this;
    const { cluster, clients } = stage;
    const { faults, network, locations, requestsPerClient } = this.#plan;
    cluster.startAll();
    await stage.until(() => cluster.running.length > 0, "a first engine");
    const following = this.#observer.follow();
    for (const request of preparation(this.#chance.fork(), locations)) {
      await clients.perform(clients.open(request, "preparation"));
    }
    for (const request of documentsOf(this.cast.workouts, stage.subjects)) {
      await clients.perform(clients.open(request, "preparation"));
    }
    if (stage.paid !== null) {
      await clients.perform(clients.open(stage.paid.preparation, "preparation"));
      for (let n = 0; n < shippedBefore; n++) await this.#ship(`shipped-${n}`);
    }
    const told = locationIds(locations).slice(0, toldLocations);
    for (const request of this.#plan.endpoints ? [...saveEndpoints, saveFeed(told)] : []) {
      await clients.perform(clients.open(request, "preparation"));
    }
    stage.faults = faults;
    stage.sinks.faults = sinkFaultsOf(network);
    clients.network = network;
    stage.paid?.begin(clients, providerFaultsOf(this.#paid.fork()));
    await Promise.all([
      this.#turnEndpoints(),
      stage.paid?.customers(clients),
      ...Array.from(
        { length: this.#plan.hurried ? hurriedClients : this.#plan.clients },
        (_, n) => this.#client(`client${n}`, requestsPerClient),
      ),
    ]);
    await this.#recover();
    await stage.paid?.end(clients);
    await this.#enableEndpoints();
    if (this.#plan.flood) await this.#flood();
    const starved = this.#plan.starve ? await starve(cluster, clients, stage.reached) : [];
    await stage.rest();
    await stage.resolveUnknowns();
    await this.#enableEndpoints();
    await stage.rest();
    await this.#passDays();
    const violations = await stage.check();
    const log = await stage.log();
    await this.#observer.settle(log.at(-1)?.position ?? "");
    const missed = this.#observer.check(log);
    this.#observer.stop();
    await Promise.race([following, clients.pause(1_000)]);
    return [...starved, ...violations, ...missed];
  }

  /** An order that has left before anything fails: runs are short, and its goods may come back. */
  async #ship(externalId: string): Promise<void> {
    const { clients, paid } = this.stage;
    const perform = (request: Request) => clients.perform(clients.open(request, "preparation"));
    const find = (id: string) => clients.knowledge.find(id);
    const placing: Request = { type: "place", order: orderToShip(externalId) };
    await perform(paid?.requestOf(placing, find) ?? placing);
    const order = clients.knowledge.orders.find((each) => each.externalId === externalId);
    for (const { id: fulfillmentOrderId } of order?.fulfillmentOrders ?? []) {
      for (const type of ["accept", "pick"] as const) {
        await perform({
          type: "command",
          orderId: order?.id ?? "",
          command: { type, fulfillmentOrderId },
        });
      }
      await perform({
        ...{ type: "command", orderId: order?.id ?? "" },
        command: { type: "ship", fulfillmentOrderId, carrier: "DHL" },
      });
    }
  }

  async #client(name: string, requests: number): Promise<void> {
    const { clients } = this.stage;
    const { knowledge, chance } = clients;
    const places = locationIds(this.#plan.locations);
    const workload = new Workload(
      ...[chance.fork(), knowledge, places, name] as const,
      this.#plan.paid ? payingHabits : undefined,
    );
    const pace = chance.fork();
    const { workouts } = this.cast;
    const seen = (definition: Workout["definition"]) => clients.seen(definition);
    const anything = workouts.length === 0
      ? null
      : new Anything(chance.fork(), workouts, seen, workload, name);
    const states = this.#plan.states ? new StateRequests(this.#states.fork(), places) : null;
    const longestPauseMs = this.#plan.hurried ? hurriedPauseMs : usualPauseMs;
    for (let n = 0; n < requests; n++) {
      await clients.pause(pace.between(0, longestPauseMs));
      const next = anything?.chance.happens(othersShare) ? anything : workload;
      const request = states?.next() ?? next.next();
      const { paid } = this.stage;
      await clients.perform(clients.open(
        paid === null ? request : paid.requestOf(request, (id) => knowledge.find(id)),
        name,
      ));
    }
  }

  /** Disables endpoints and enables them again: what happened meanwhile is told then. */
  async #turnEndpoints(): Promise<void> {
    if (!this.#plan.endpoints) return;
    const { clients } = this.stage;
    for (let turn = 0; turn < turnsOfEndpoints; turn++) {
      await clients.pause(usualPauseMs * 2);
      for (const n of saveEndpoints.keys()) {
        const request = turnEndpoint(n, turn % 2 === 1);
        await clients.perform(clients.open(request, "operator"));
      }
    }
  }

  /**
   * Whatever was left disabled, since nothing answered the operator, or something did late; and an endpoint
   * that was not there for long is asked at once when it is enabled anew.
   */
  async #enableEndpoints(): Promise<void> {
    if (!this.#plan.endpoints) return;
    const { clients } = this.stage;
    for (const n of saveEndpoints.keys()) {
      for (const enabled of [false, true]) {
        await clients.perform(clients.open(turnEndpoint(n, enabled), "operator"));
      }
    }
  }

  /** The faults end, everybody is there again, and the clocks are set. */
  async #recover(): Promise<void> {
    const { stage } = this;
    stage.faults = noFaults;
    stage.sinks.faults = goodSink;
    stage.clients.network = goodNetwork;
    for (const slot of stage.cluster.slots) slot.clockOffsetMs = 2 * hourMs;
    await stage.everybodyRuns();
  }

  /** What waits for hours or days comes to its end: captures are tried again, and authorizations expire. */
  async #passDays(): Promise<void> {
    const { paid, cluster, clients } = this.stage;
    if (paid === null) return;
    for (const hours of hoursLater) {
      for (const slot of cluster.slots) slot.clockOffsetMs += hours * hourMs;
      await this.stage.rest();
      await paid.payLate(clients);
    }
    await this.stage.rest();
  }

  async #flood(): Promise<void> {
    const { clients, cluster } = this.stage;
    const [life] = cluster.running;
    const order = clients.knowledge.orders[0];
    if (life === undefined || order === undefined) return;
    await Promise.all(Array.from({ length: floodedRequests }, () => {
      const operation = clients.open({
        type: "command",
        orderId: order.id,
        command: { type: "hold", reason: "everybody holds it" },
      }, "flood");
      operation.sent++;
      return clients.sendTo(life, operation);
    }));
  }
}

const traceOf = (
  operations: readonly Operation[],
  entries: number,
  { steps, nowMs }: { readonly steps: number; readonly nowMs: number },
): string =>
  JSON.stringify([
    steps,
    nowMs,
    entries,
    operations.map(({ id, sent, answers }) => [
      id,
      sent,
      answers.map(({ at, process, answer }) => [
        at,
        process,
        answer.type,
        answer.type === "state" ? [answer.state.id, answer.state.version] : null,
      ]),
    ]),
  ]);

/** All aggregates of the engine that have no workload of their own. */
export const ownCast: Cast = {
  workouts: workouts.filter(({ definition }) => definition.name !== orders.name),
};

export const simulate = async (seed: number, cast: Cast = ownCast): Promise<SimulationReport> => {
  const kv = await Deno.openKv(":memory:");
  try {
    const simulation = new Simulation(seed, kv, cast);
    const violations = await simulation.run();
    const { log } = await truthOf(kv, simulation.stage.subjects);
    const { world, clients, database, reached } = simulation.stage;
    return {
      seed,
      violations,
      reached,
      trace: traceOf(clients.operations, log.length, world),
      operations: clients.operations,
      log,
      steps: world.steps,
      commits: database.commits,
    };
  } finally {
    kv.close();
  }
};
