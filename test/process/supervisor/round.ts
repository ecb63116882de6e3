/** One round: engines over a file of their own, clients, and a supervisor who kills, stops and wakes. */
import { Chance } from "../../sim/random.ts";
import { doneAnswer } from "../../sim/operation.ts";
import { preparation } from "../../sim/workload.ts";
import { assertSound, withFolder } from "../process.ts";
import { checkAnswers, comeToRest } from "./afterwards.ts";
import { Clients } from "./clients.ts";
import { Engines, pause } from "./engines.ts";
import { type Happened, nothingHappened } from "./happened.ts";
import { storeKeys } from "./keys.ts";
import { describePlan, type Plan, planOf } from "./plan.ts";

export interface RoundReport {
  readonly plan: Plan;
  readonly violations: readonly string[];
  readonly happened: Readonly<Happened>;
  readonly operations: number;
  readonly ordersAcknowledged: number;
  readonly shipmentsAcknowledged: number;
  readonly cancellationsAcknowledged: number;
  readonly seconds: number;
}

/** Operations of the preparation, and of clients that begin one at the same moment. */
const spareKeys = 200;
/** Where the clocks are set when all is over: later than any of them was, so that all that is due comes due. */
const clockOffsetAfterwardsMs = 2 * 3_600_000;
const pollMs = 5;

const shownViolations = 12;

export const repeatCommand = (seed: number): string => `deno task test:kill --seed ${seed}`;

/** What went wrong, with the plan and the command that goes through it again. */
export const problemsOf = ({ plan, violations }: RoundReport): readonly string[] =>
  violations.length === 0 ? [] : [
    `round ${plan.seed} fails; the same plan again: ${repeatCommand(plan.seed)}`,
    ...violations.slice(0, shownViolations).map((each) => `  ${each}`),
    ...(violations.length > shownViolations
      ? [`  ... and ${violations.length - shownViolations} more`]
      : []),
    "its plan:",
    ...describePlan(plan).map((line) => `  ${line}`),
  ];

class Round {
  readonly happened = nothingHappened();
  readonly engines: Engines;
  readonly clients: Clients;
  readonly #chance: Chance;

  constructor(readonly plan: Plan, folder: string, readonly storePath: string) {
    const chance = new Chance(plan.seed);
    const { happened } = this;
    this.engines = new Engines({
      folder,
      storePath,
      shelves: plan.shelves,
      clockOffsetsMs: plan.clockOffsetsMs,
      chance: chance.fork(),
      happened,
    });
    this.clients = new Clients({
      engines: this.engines,
      chance: chance.fork(),
      happened,
      locations: plan.locations,
    });
    this.#chance = chance;
  }

  async run(): Promise<readonly string[]> {
    const { engines, clients, plan } = this;
    await this.#makeKeys();
    await engines.start();
    if (engines.violations.length > 0) return engines.violations;
    for (const request of preparation(this.#chance.fork(), plan.locations)) {
      await clients.perform(clients.open(request));
    }
    await this.#disturb();
    await engines.stop();
    for (const slot of engines.slots) slot.clockOffsetMs = clockOffsetAfterwardsMs;
    await engines.start();
    await clients.resolveUnknowns();
    await clients.repeatAll();
    return [...engines.violations, ...await this.#check()];
  }

  async #makeKeys(): Promise<void> {
    const { operations, operationsAfterwards } = this.plan;
    const kv = await Deno.openKv(this.storePath);
    await storeKeys(kv, operations + operationsAfterwards + spareKeys);
    kv.close();
  }

  /** Clients ask while the plan is carried out, and for some time after. */
  async #disturb(): Promise<void> {
    const { plan, clients } = this;
    let last = plan.operations;
    let isOver = false;
    clients.undisturbed = false;
    const mayBegin = () => clients.operations.length < last ? "yes" : isOver ? "never" : "not yet";
    const asking = Array.from(
      { length: plan.clients },
      (_, n) => clients.live(`client${n}`, mayBegin),
    );
    await this.#carryOut();
    last = clients.operations.length + plan.operationsAfterwards;
    isOver = true;
    await Promise.all(asking);
    clients.undisturbed = true;
  }

  async #carryOut(): Promise<void> {
    const { plan, engines, clients } = this;
    const sleeping: Promise<void>[] = [];
    for (const { afterOperations, delayMs, choice, deed } of plan.steps) {
      while (clients.operations.length < afterOperations) await pause(pollMs);
      await pause(delayMs);
      if (deed.type === "stop") sleeping.push(engines.sleep(choice, deed));
      else await engines.kill(choice);
    }
    await Promise.all(sleeping);
  }

  async #check(): Promise<readonly string[]> {
    const { engines, clients, storePath } = this;
    const kv = await Deno.openKv(storePath);
    try {
      const nowMs = () => Date.now() + clockOffsetAfterwardsMs;
      return [
        ...await comeToRest(engines, kv, nowMs),
        ...await checkAnswers(clients.operations, kv),
      ];
    } finally {
      kv.close();
    }
  }
}

const acknowledged = ({ clients }: Round, type: string): number =>
  clients.operations.filter((operation) => {
    const { request } = operation;
    const name = request.type === "command" ? request.command.type : request.type;
    return name === type && doneAnswer(operation) !== null;
  }).length;

/** Verifies the store as an operator would, after all engines have ended. */
const verifyStore = async (storePath: string, folder: string): Promise<readonly string[]> => {
  try {
    await assertSound(storePath, folder);
    return [];
  } catch (error) {
    return [`verify: ${error instanceof Error ? error.message : error}`];
  }
};

export const runRound = async (seed: number): Promise<RoundReport> => {
  const startedMs = performance.now();
  const plan = planOf(seed);
  let report: RoundReport | undefined;
  await withFolder(async (folder) => {
    const storePath = `${folder}/store.sqlite3`;
    const round = new Round(plan, folder, storePath);
    await using engines = round.engines;
    const violations = await round.run();
    const unsound = await verifyStore(storePath, folder);
    await engines.stop();
    report = {
      plan,
      violations: [...violations, ...unsound],
      happened: round.happened,
      operations: round.clients.operations.length,
      ordersAcknowledged: acknowledged(round, "place"),
      shipmentsAcknowledged: acknowledged(round, "ship"),
      cancellationsAcknowledged: acknowledged(round, "cancel"),
      seconds: Math.round((performance.now() - startedMs) / 100) / 10,
    };
  });
  if (report === undefined) throw new Error("the round has no end");
  return report;
};
