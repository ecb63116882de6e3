/** One run: a cluster, clients and faults, all from one seed. */
import { actorLimits, orderLimits } from "../../src/limits.ts";
import type { LogEntry } from "../../src/store/log.ts";
import { Clients, goodNetwork, type Network } from "./clients.ts";
import { Cluster } from "./cluster.ts";
import { Database, type Faults, noFaults } from "./database.ts";
import { checkHistory, type LogFacts, logFacts } from "./history.ts";
import { doneAnswer, type Operation } from "./operation.ts";
import { Chance } from "./random.ts";
import { nothingReached, type Reached } from "./reached.ts";
import { Observer, starve } from "./readers.ts";
import { checkEngines, checkStore, hasCaughtUp } from "./rest.ts";
import { dueTimers, newestPosition, type Truth, truthOf, verifyOf } from "./truth.ts";
import { Knowledge, locationIds, preparation, Workload } from "./workload.ts";
import { Stuck, World } from "./world.ts";

export interface SimulationReport {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly reached: Readonly<Reached>;
  /** What happened, in a form that two runs of one seed share. */
  readonly trace: string;
  readonly operations: readonly Operation[];
  readonly steps: number;
  readonly commits: number;
  readonly log: readonly LogEntry[];
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
  readonly clocksAreWrong: boolean;
  /** Many requests at once for one order. */
  readonly flood: boolean;
  /** More to send than may wait for a reader that does not read. */
  readonly starve: boolean;
}

const hourMs = 3_600_000;
const autoCloseAfterMs = 20_000;
/** The whole of a run in simulated time; most take less than a minute. */
const longestMs = 3 * hourMs;
const longestPreparationMs = 600_000;
/** How long everything may take to come to rest once the faults have ended. */
const longestRestMs = 180_000;
const floodedRequests = actorLimits.orderMailbox + 60;
const starvedEvery = 62;
const floodedEvery = 21;

/** Some runs have none of a fault, so that others are seen alone. */
const share = (chance: Chance, most: number): number =>
  chance.happens(0.35) ? 0 : chance.next() * most;

const planOf = (seed: number, chance: Chance): Plan => {
  const checks = chance.pick([5, 10, 100]);
  return {
    engines: chance.between(1, 3),
    shelves: chance.between(1, 3),
    checks,
    locations: checks === 5 ? 5 : chance.between(1, 4),
    clients: chance.between(2, 5),
    requestsPerClient: chance.between(6, 14),
    faults: {
      locked: share(chance, 0.5),
      broken: share(chance, 0.03),
      conflict: share(chance, 0.3),
      throwAfter: share(chance, 0.05),
      repeat: share(chance, 0.05),
      late: share(chance, 0.05),
      crash: share(chance, 0.03),
      slow: share(chance, 0.02),
      longestMs: chance.pick([1, 5, 30]),
    },
    network: {
      duplicates: share(chance, 0.5),
      lostAnswers: share(chance, 0.1),
      delayed: share(chance, 0.3),
    },
    clocksAreWrong: chance.happens(0.5),
    flood: seed % floodedEvery === 1,
    starve: seed % starvedEvery === 2,
  };
};

class Simulation {
  readonly reached = nothingReached();
  readonly #chance: Chance;
  readonly #plan: Plan;
  readonly #world: World;
  readonly #cluster: Cluster;
  readonly #clients: Clients;
  readonly #database: Database;
  readonly #observer: Observer;
  #faults: Faults = noFaults;
  #violations: string[] = [];

  constructor(readonly seed: number, readonly kv: Deno.Kv) {
    const chance = new Chance(seed);
    this.#chance = chance;
    this.#plan = planOf(seed, chance);
    const { engines, shelves, checks, clocksAreWrong, network } = this.#plan;
    this.#world = new World(chance.fork());
    const clocks = chance.fork();
    const offsets = Array.from(
      { length: engines },
      () => clocksAreWrong ? clocks.between(-hourMs, hourMs) : 0,
    );
    this.#cluster = new Cluster({
      world: this.#world,
      chance: chance.fork(),
      reached: this.reached,
      engines,
      shelves,
      checks,
      autoCloseAfterMs,
      clockOffsetMs: (slot) => offsets[slot] ?? 0,
      longestAwayMs: 2_000,
    });
    this.#database = new Database({
      world: this.#world,
      kv,
      chance: chance.fork(),
      reached: this.reached,
      faults: () => this.#faults,
      onCrash: (process) => this.#cluster.crash(process),
    });
    this.#cluster.database = this.#database;
    this.#clients = new Clients(
      this.#world,
      this.#cluster,
      chance.fork(),
      this.reached,
      new Knowledge(),
      network,
    );
    this.#observer = new Observer(this.#cluster, this.#clients);
  }

  async run(): Promise<SimulationReport> {
    try {
      let ended = false;
      const script = this.#script().finally(() => {
        ended = true;
      });
      // A script that fails ends the run; its failure is thrown below.
      script.catch(() => {});
      await this.#world.run(() => ended, longestMs, "the end of the run");
      await script;
    } catch (error) {
      if (!(error instanceof Stuck)) throw error;
      this.#violations.push(`rest: ${error.message}`);
    }
    const truth = await truthOf(this.kv);
    const { log } = truth;
    return {
      seed: this.seed,
      violations: this.#violations,
      reached: this.reached,
      trace: traceOf(this.#clients.operations, log.length, this.#world),
      operations: this.#clients.operations,
      steps: this.#world.steps,
      commits: this.#database.commits,
      log,
    };
  }

  async #script(): Promise<void> {
    this.#cluster.startAll();
    await this.#until(() => this.#cluster.running.length > 0, "a first engine");
    const following = this.#observer.follow();
    const { clients: count, requestsPerClient, faults, locations } = this.#plan;
    for (const request of preparation(this.#chance.fork(), locations)) {
      await this.#clients.perform(this.#clients.open(request, "preparation"));
    }
    this.#faults = faults;
    await Promise.all(
      Array.from({ length: count }, (_, n) => this.#client(`client${n}`, requestsPerClient)),
    );
    await this.#recover();
    if (this.#plan.flood) await this.#flood();
    if (this.#plan.starve) {
      this.#violations.push(...await starve(this.#cluster, this.#clients, this.reached));
    }
    await this.#rest();
    await this.#resolveUnknowns();
    await this.#rest();
    await this.#check();
    this.#observer.stop();
    await this.#clients.pause(1);
    void following;
  }

  async #client(name: string, requests: number): Promise<void> {
    const { knowledge, chance } = this.#clients;
    const workload = new Workload(
      chance.fork(),
      knowledge,
      locationIds(this.#plan.locations),
      name,
    );
    const pace = chance.fork();
    for (let n = 0; n < requests; n++) {
      await this.#clients.pause(pace.between(0, 400));
      await this.#clients.perform(this.#clients.open(workload.next(), name));
    }
  }

  /** The faults end, everybody is there again, and the clocks are set. */
  async #recover(): Promise<void> {
    this.#faults = noFaults;
    this.#clients.network = goodNetwork;
    const { slots } = this.#cluster;
    for (const slot of slots) slot.clockOffsetMs = 2 * hourMs;
    await this.#until(() => this.#cluster.running.length === slots.length, "all engines");
  }

  /** What clients never learned they ask once more, now that nothing keeps the answer from them. */
  async #resolveUnknowns(): Promise<void> {
    for (const operation of this.#clients.operations) {
      if (doneAnswer(operation) === null) await this.#clients.perform(operation);
    }
  }

  async #flood(): Promise<void> {
    const [life] = this.#cluster.running;
    const order = this.#clients.knowledge.orders[0];
    if (life === undefined || order === undefined) return;
    await Promise.all(Array.from({ length: floodedRequests }, () => {
      const operation = this.#clients.open({
        type: "command",
        orderId: order.id,
        command: { type: "hold", reason: "everybody holds it" },
      }, "flood");
      operation.sent++;
      return this.#clients.sendTo(life, operation);
    }));
  }

  async #rest(): Promise<void> {
    const deadlineMs = this.#world.nowMs + longestRestMs;
    let quiet = 0;
    let position = "";
    while (quiet < 3) {
      if (this.#world.nowMs > deadlineMs) throw new Stuck("it does not come to rest");
      await this.#clients.pause(500);
      const newest = await this.#world.still(() => newestPosition(this.kv));
      const { running } = this.#cluster;
      const [life] = running;
      const isQuiet = newest === position && life !== undefined &&
        running.every((each) => hasCaughtUp(each, newest)) &&
        await this.#world.still(() => dueTimers(this.kv, life.process.epochMs())) === 0;
      quiet = isQuiet ? quiet + 1 : 0;
      position = newest;
    }
  }

  async #check(): Promise<void> {
    const { operations } = this.#clients;
    this.#violations.push(
      ...await checkEngines(this.#cluster, () => this.#truth()),
    );
    const truth = await this.#truth();
    const report = await this.#world.still(() => verifyOf(this.kv));
    const [life] = this.#cluster.running;
    const facts = logFacts(truth.log, operations);
    this.#violations.push(
      ...report.violations.map(({ invariant, detail }) => `verify: ${invariant}: ${detail}`),
      ...checkStore(truth, life?.process.epochMs() ?? 0),
      ...checkHistory(truth.log, facts, operations, {
        stockRowsPerCommit: orderLimits.stockRowsPerCommit,
        // One fence for the shelf of the order, one for that of the idempotency key.
        locationsPerCommit: this.#plan.checks - 2,
      }),
      ...this.#observer.check(truth.log),
    );
    this.#countReached(facts, operations);
  }

  #truth(): Promise<Truth> {
    return this.#world.still(() => truthOf(this.kv));
  }

  #countReached(facts: LogFacts, operations: readonly Operation[]): void {
    for (const operation of operations) {
      const [effect] = facts.effects.get(operation.id) ?? [];
      if (
        effect !== undefined && this.#database.deniedCommits.has(effect.commitId) &&
        doneAnswer(operation)?.sent === 1
      ) this.reached.ambiguousCommitFound++;
    }
    for (const [orderId, versions] of facts.versions) {
      const commits = facts.commitsOf.get(orderId) ?? [];
      const makers = commits.map((commitId) => this.#database.madeBy.get(commitId));
      versions.forEach((order, index) => {
        const next = makers[index + 1];
        if (order.allocating && next !== undefined && next !== makers[index]) {
          this.reached.resumedLargeOrder++;
        }
      });
    }
  }

  async #until(is: () => boolean, what: string): Promise<void> {
    const deadlineMs = this.#world.nowMs + longestPreparationMs;
    while (!is()) {
      if (this.#world.nowMs > deadlineMs) throw new Stuck(`not there: ${what}`);
      await this.#clients.pause(50);
    }
  }
}

const traceOf = (operations: readonly Operation[], entries: number, world: World): string =>
  JSON.stringify([
    world.steps,
    world.nowMs,
    entries,
    operations.map(({ id, sent, answers }) => [
      id,
      sent,
      answers.map(({ at, process, answer }) => [
        at,
        process,
        answer.type,
        answer.type === "order" ? [answer.order.id, answer.order.version] : null,
      ]),
    ]),
  ]);

export const simulate = async (seed: number): Promise<SimulationReport> => {
  const kv = await Deno.openKv(":memory:");
  try {
    return await new Simulation(seed, kv).run();
  } finally {
    kv.close();
  }
};
