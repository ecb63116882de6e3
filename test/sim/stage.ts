/** A world with a database, engines and clients in it, and what must be so when it has come to rest. */
import { orderLimits } from "../../src/order/limits.ts";
import type { Order } from "../../src/order/order.ts";
import { isOrderRecord } from "../../src/order/record.ts";
import type { ProviderPorts } from "../../src/payment/port.ts";
import { PaidOrders } from "./money.ts";
import { subjects as ownSubjects } from "../../src/subjects.ts";
import type { SubjectList } from "../../src/subject/subject.ts";
import type { LogEntry } from "../../src/store/log.ts";
import { Clients, goodNetwork } from "./clients.ts";
import { Cluster } from "./cluster.ts";
import { Database, type DatabaseOptions, type Faults, noFaults } from "./database.ts";
import { checkHistory, type LogFacts, logFacts, shownAsItIs } from "./history.ts";
import { doneAnswer } from "./operation.ts";
import { checkFeed } from "./feed.ts";
import type { Chance } from "./random.ts";
import { nothingReached } from "./reached.ts";
import { checkEngines, checkStore, hasCaughtUp } from "./rest.ts";
import { dueCalls, dueTimers, newestPosition, type Truth, truthOf, verifyOf } from "./truth.ts";
import { hastened, Sinks } from "./sinks.ts";
import { Knowledge } from "./workload.ts";
import { Stuck, World } from "./world.ts";

export interface StageOptions {
  readonly kv: Deno.Kv;
  readonly chance: Chance;
  readonly engines: number;
  readonly shelves: number;
  /** Checks that the store allows in one commit. */
  readonly checks: number;
  /** How long an engine waits for an answer of the store; for ever where nothing is said. */
  readonly callMs?: number;
  /** How wrong the clock of each engine is. */
  readonly clockOffsetsMs: readonly number[];
  readonly placed?: DatabaseOptions["placed"];
  /** Instead of those of the engine. */
  readonly subjects?: SubjectList;
  /** What calls payment providers; absent: nobody does. */
  readonly providers?: ProviderPorts;
  /** Where orders are paid, and the provider is one of this world. */
  readonly paid?: Chance;
}

const autoCloseAfterMs = 20_000;
/** The whole of a run in simulated time; most take less than a minute. */
const longestMs = 3 * 3_600_000;
/** How long everything may take to come to rest once the faults have ended. */
const longestRestMs = 180_000;
const longestWaitMs = 600_000;
const restLooks = 3;
const restLookMs = 500;

/** One fence for the shelf of the order, one for that of the idempotency key. */
const fencesBesideLocations = 2;

export class Stage {
  readonly reached = nothingReached();
  readonly world: World;
  readonly cluster: Cluster;
  readonly database: Database;
  readonly clients: Clients;
  readonly subjects: SubjectList;
  readonly sinks: Sinks;
  /** Null where no order is paid. */
  readonly paid: PaidOrders | null;
  faults: Faults = noFaults;

  constructor(readonly options: StageOptions) {
    const { kv, chance, engines, shelves, checks, clockOffsetsMs, placed, providers } = options;
    this.subjects = hastened(options.subjects ?? ownSubjects);
    this.world = new World(chance.fork());
    const paid = options.paid === undefined
      ? null
      : new PaidOrders(this.world, options.paid, this.reached);
    this.paid = paid;
    this.cluster = new Cluster({
      world: this.world,
      chance: chance.fork(),
      reached: this.reached,
      engines,
      shelves,
      checks,
      callMs: options.callMs,
      autoCloseAfterMs,
      subjects: this.subjects,
      deliveriesOf: (process) => this.sinks.deliveriesOf(process),
      portsOf: paid !== null
        ? (process) => ({ http: paid.provider.portFor(process) })
        : providers && (() => providers),
      clockOffsetMs: (slot) => clockOffsetsMs[slot] ?? 0,
      longestAwayMs: 2_000,
    });
    this.database = new Database({
      world: this.world,
      kv,
      chance: chance.fork(),
      reached: this.reached,
      faults: () => this.faults,
      ...(placed === undefined ? {} : { placed }),
      onCrash: (process) => this.cluster.crash(process),
    });
    this.cluster.database = this.database;
    const forClients = chance.fork();
    this.sinks = new Sinks(this.subjects, chance);
    this.clients = new Clients(
      this.world,
      this.cluster,
      forClients,
      this.reached,
      new Knowledge(),
      goodNetwork,
    );
  }

  /** Runs a script in the world; what never came to its end is told as a violation. */
  async play(script: () => Promise<readonly string[]>): Promise<readonly string[]> {
    let ended = false;
    const running = script().finally(() => {
      ended = true;
    });
    // Its failure is thrown below; until then nobody waits for it.
    running.catch(() => {});
    try {
      await this.world.run(() => ended, longestMs, "the end of the run");
      return await running;
    } catch (error) {
      if (error instanceof Stuck) return [`rest: ${error.message}`];
      throw error;
    }
  }

  async until(is: () => boolean, what: string): Promise<void> {
    const deadlineMs = this.world.nowMs + longestWaitMs;
    while (!is()) {
      if (this.world.nowMs > deadlineMs) throw new Stuck(`not there: ${what}`);
      await this.clients.pause(50);
    }
  }

  async everybodyRuns(): Promise<void> {
    const { slots } = this.cluster;
    await this.until(() => this.cluster.running.length === slots.length, "all engines");
  }

  /** Waits until all consumers are at the end of a log that does not grow, and no timer is due. */
  async rest(): Promise<void> {
    const { kv } = this.options;
    const deadlineMs = this.world.nowMs + longestRestMs;
    let quiet = 0;
    let position = "";
    while (quiet < restLooks) {
      if (this.world.nowMs > deadlineMs) throw new Stuck("it does not come to rest");
      await this.clients.pause(restLookMs);
      const newest = await this.world.still(() => newestPosition(kv));
      const { running } = this.cluster;
      const [life] = running;
      const isQuiet = newest === position && life !== undefined &&
        running.every((each) => hasCaughtUp(each, newest)) &&
        await this.world.still(() => dueTimers(kv, life.process.epochMs())) === 0 &&
        (this.paid === null ||
          await this.world.still(() => dueCalls(kv, life.process.epochMs())) === 0);
      quiet = isQuiet ? quiet + 1 : 0;
      position = newest;
    }
  }

  /**
   * What clients never learned they ask once more, now that nothing keeps the answer from them: also of a
   * request that was refused while a copy of it was never answered.
   */
  async resolveUnknowns(): Promise<void> {
    let asked = false;
    for (const operation of this.clients.operations) {
      const { answers, sent } = operation;
      if (doneAnswer(operation) === null && (answers.length === 0 || answers.length < sent)) {
        await this.clients.perform(operation);
        asked = true;
      }
    }
    if (asked) await this.rest();
  }

  truth(): Promise<Truth> {
    return this.world.still(() => truthOf(this.options.kv, this.subjects));
  }

  /** Everything that must be so at rest, for the store, the engines and the clients. */
  async check(): Promise<readonly string[]> {
    const { operations } = this.clients;
    const ofEngines = await checkEngines(this.cluster, () => this.truth());
    const truth = await this.truth();
    const report = await this.world.still(() => verifyOf(this.options.kv, this.subjects));
    const [life] = this.cluster.running;
    const facts = logFacts(truth.log, operations, this.subjects);
    this.#countReached(facts, truth);
    return [
      ...ofEngines,
      ...report.violations.map(({ invariant, detail }) => `verify: ${invariant}: ${detail}`),
      ...checkStore(truth, life?.process.epochMs() ?? 0),
      ...this.sinks.check(truth),
      ...(this.paid?.check(truth, operations, facts) ?? []),
      ...await checkFeed(this.cluster, truth.log, this.subjects),
      ...checkHistory(truth.log, facts, operations, {
        ...shownAsItIs,
        appliedAt: this.database.appliedAt,
        stockRowsPerCommit: orderLimits.stockRowsPerCommit,
        locationsPerCommit: this.options.checks - fencesBesideLocations,
        // Names here are short.
        keyBytesPerCommit: Number.POSITIVE_INFINITY,
        ...(this.paid === null ? {} : { providers: [this.paid.card] }),
      }, this.subjects),
    ];
  }

  async log(): Promise<readonly LogEntry[]> {
    return (await this.truth()).log;
  }

  #countPromises(log: readonly LogEntry[]): void {
    for (const { events } of log.flatMap(({ records }) => records).filter(isOrderRecord)) {
      const promised = events.find(({ type }) => type === "order.promised");
      if (promised?.type !== "order.promised") continue;
      const { moved = [] } = promised;
      if (events.some(({ type }) => type === "order.placed")) this.reached.promised++;
      else if (events.at(-1)?.type === "order.allocated") this.reached.promisedArrived++;
      else if (moved.length === 0) this.reached.promisedInTurn++;
      for (const { to } of moved) {
        if (to === null) this.reached.promiseLost++;
        else this.reached.promiseMoved++;
      }
    }
  }

  #countReached(facts: LogFacts, { documents, log }: Truth): void {
    this.#countPromises(log);
    for (const { state: { returns = [] } } of documents) {
      this.reached.exchanged += returns.filter(({ exchange }) => exchange !== undefined).length;
    }
    for (const operation of this.clients.operations) {
      const [effect] = facts.effects.get(operation.id) ?? [];
      if (
        effect !== undefined && this.database.deniedCommits.has(effect.commitId) &&
        doneAnswer(operation)?.sent === 1
      ) this.reached.ambiguousCommitFound++;
    }
    for (const [id, versions] of facts.versions) {
      const commits = facts.commitsOf.get(id) ?? [];
      const makers = commits.map((commitId) => this.database.madeBy.get(commitId));
      versions.forEach((state, index) => {
        const next = makers[index + 1];
        const { allocating } = state as Partial<Order>;
        if (allocating && next !== undefined && next !== makers[index]) {
          this.reached.resumedLargeOrder++;
        }
      });
    }
  }
}
