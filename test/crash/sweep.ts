/**
 * Every flow, with a crash at every commit that it makes: before the commit, after it and before the reply,
 * with a reply that lies or never comes; and with every answer lost and its request repeated. Each time the end is what it
 * is without any of that.
 */
import { Effect } from "effect";
import { Imports } from "../../actors/import/imports.ts";
import { systemPrincipal } from "../../src/kernel/principal.ts";
import { orders } from "../../src/order/definition.ts";
import type { Order } from "../../src/order/order.ts";
import { amountsOf } from "../../src/order/payment-amounts.ts";
import { storeLimits } from "../../src/store/limits.ts";
import { differences, sameJson } from "../../src/verify/same.ts";
import type { Life } from "../sim/cluster.ts";
import type { PlacedFault } from "../sim/database.ts";
import { Chance } from "../sim/random.ts";
import { ownCast } from "../sim/simulation.ts";
import { documentsOf } from "../sim/anything.ts";
import { Stage } from "../sim/stage.ts";
import type { Truth } from "../sim/truth.ts";
import { locationIds, locationRequest } from "../sim/workload.ts";
import { ProviderLedger, soundPort } from "../support/provider.ts";
import { endStateOf, nameIn } from "./end-state.ts";
import type { Flow } from "./flows.ts";

export const commitFaults = [
  "crash before",
  "crash after",
  "throw after",
  "repeat",
  "lost",
  "late and lost",
] as const;

/** Where a run is disturbed. */
export type Disturbance =
  | { readonly fault: PlacedFault; readonly commit: number }
  /** The answer of the nth request is lost. */
  | { readonly fault: "answer lost"; readonly request: number };

interface Run {
  readonly violations: readonly string[];
  readonly end: unknown;
  /** Commits that the flow made, what its consumers wrote included. */
  readonly commits: number;
  readonly requests: number;
  /** Names of the aggregates that there were in the end. */
  readonly kinds: ReadonlySet<string>;
}

/** Without crashes as with them, the orders must come to the end that the flow says. */
const wrongEnds = (
  { ends, cast = ownCast }: Flow,
  { documents, others }: Truth,
): readonly string[] => {
  const reached = Object.fromEntries([
    ...documents.map(({ state: { externalId, status } }) => [externalId, status]),
    ...others.map((each) => [nameIn(cast.workouts, each), each.state.status]),
  ]);
  return sameJson(reached, ends)
    ? []
    : [`it ended as ${JSON.stringify(reached)}, not as ${JSON.stringify(ends)}`];
};

const seed = 7;
const usualChecks = 100;
const mostImports = 8;
const importLookMs = 500;
const longestImportMs = 60_000;

class Play {
  readonly stage: Stage;
  readonly #ledger = new ProviderLedger();
  #commits = 0;
  #counting = false;
  #requests = 0;

  constructor(
    readonly flow: Flow,
    readonly disturbance: Disturbance | null,
    kv: Deno.Kv,
  ) {
    this.stage = new Stage({
      kv,
      chance: new Chance(seed),
      engines: flow.engines ?? 1,
      shelves: 2,
      checks: flow.checks ?? usualChecks,
      callMs: storeLimits.callMs,
      clockOffsetsMs: [],
      ...(flow.cast?.subjects === undefined ? {} : { subjects: flow.cast.subjects }),
      ...(flow.isPaid === true ? { providers: { http: soundPort(this.#ledger) } } : {}),
      placed: () => this.#faultOfNextCommit(),
    });
  }

  async run(): Promise<Run> {
    const violations = await this.stage.play(() => this.#script());
    return {
      violations,
      end: violations.length > 0 ? null : this.#end,
      commits: this.#commits,
      requests: this.#requests,
      kinds: this.#kinds,
    };
  }

  #end: unknown = null;
  #kinds: ReadonlySet<string> = new Set();

  #faultOfNextCommit(): PlacedFault {
    if (!this.#counting) return null;
    const commit = this.#commits++;
    const { disturbance } = this;
    return disturbance !== null && "commit" in disturbance && disturbance.commit === commit
      ? disturbance.fault
      : null;
  }

  async #script(): Promise<readonly string[]> {
    const { stage, flow } = this;
    const { clients } = stage;
    stage.cluster.startAll();
    await stage.everybodyRuns();
    for (const id of locationIds(flow.checks === undefined ? 3 : 5)) {
      await clients.perform(clients.open(locationRequest(id), "preparation"));
    }
    for (const [locationId, units] of Object.entries(flow.stock)) {
      const changes = Object.entries(units).map(([sku, delta]) => ({ sku, delta }));
      const adjustment = { locationId, reason: "received", changes };
      await clients.perform(clients.open({ type: "adjust", adjustment }, "preparation"));
    }
    for (const request of documentsOf(flow.cast?.workouts ?? [], stage.subjects)) {
      await clients.perform(clients.open(request, "preparation"));
    }
    await stage.rest();
    this.#counting = true;
    for (const step of flow.steps) {
      if (step.type === "wait") await clients.pause(step.ms);
      else if (step.type === "import") await this.#import(step.csv);
      else await this.#ask(step);
    }
    await stage.rest();
    // Consumers write now and then for ever; what follows is no part of the flow.
    this.#counting = false;
    await stage.everybodyRuns();
    await stage.resolveUnknowns();
    const violations = flow.steps.some(({ type }) => type === "import")
      ? (await stage.check()).filter((violation) => !violation.includes("was not asked for"))
      : await stage.check();
    const truth = await stage.truth();
    this.#kinds = new Set([
      ...truth.others.map(({ definition }) => definition.name),
      ...truth.documents.map(() => orders.name),
    ]);
    this.#end = endStateOf(truth, (flow.cast ?? ownCast).workouts);
    return [...violations, ...wrongEnds(flow, truth), ...this.#wrongMoney(truth)];
  }

  /** The provider has given and taken what the orders say, beside what was reported with them. */
  #wrongMoney({ documents }: Truth): readonly string[] {
    return documents.flatMap(({ state: { settlement } }) =>
      (settlement?.payments ?? []).flatMap((payment) => {
        const { captured, refunded } = amountsOf(payment);
        const ledger = this.#ledger.sumsOf(payment.id);
        const reported = payment.transactions.reduce(
          (sum, { kind, ask, status, amount }) =>
            kind === "sale" && ask === "find" && status === "succeeded" ? sum + amount : sum,
          0,
        );
        return captured - reported === ledger.captured && refunded === ledger.refunded ? [] : [
          `${payment.id} has ${captured} and ${refunded}, its provider ${JSON.stringify(ledger)}`,
        ];
      })
    );
  }

  #order(externalId: string): Order {
    const found = this.stage.clients.knowledge.orders
      .find((order) => order.externalId === externalId);
    if (found === undefined) throw new Error(`nobody knows order ${externalId}`);
    return found;
  }

  async #ask(step: Extract<Flow["steps"][number], { type: "ask" }>): Promise<void> {
    const { clients } = this.stage;
    const request = step.request(
      (externalId) => this.#order(externalId),
      (definition) => clients.seen(definition),
    );
    const operation = clients.open(request, "client");
    const { disturbance } = this;
    const number = this.#requests++;
    if (
      disturbance !== null && "request" in disturbance && disturbance.request === number
    ) await clients.performUnheard(operation);
    await clients.perform(operation);
  }

  /** Imports until a job is complete, as somebody would who looks at it. */
  async #import(csv: string): Promise<void> {
    const { stage } = this;
    for (let attempt = 0; attempt < mostImports; attempt++) {
      await stage.everybodyRuns();
      const [life] = stage.cluster.running;
      if (life !== undefined && await this.#importOnce(life, csv)) return;
    }
    throw new Error("the import was never complete");
  }

  async #importOnce(life: Life, csv: string): Promise<boolean> {
    const { clients, cluster } = this.stage;
    const ask = <A, E>(effect: Effect.Effect<A, E, Imports>): Promise<A | null> =>
      Promise.race([
        new Promise<A | null>((resolve) =>
          cluster.request(
            life,
            effect,
            (exit) => resolve(exit._tag === "Success" ? exit.value : null),
          )
        ),
        life.ended.then(() => null),
      ]);
    const by = systemPrincipal;
    const upload = {
      stream: new Blob([csv]).stream(),
      format: "csv",
      mediaType: "text/csv",
      encoding: null,
      channel: "web",
      mapping: null,
      ended: Effect.never,
    } as const;
    const started = await ask(
      Effect.flatMap(Imports, (imports) => imports.start(upload, { by })),
    );
    if (started === null) return false;
    const deadlineMs = clients.world.nowMs + longestImportMs;
    while (clients.world.nowMs < deadlineMs && life.process.alive) {
      const job = await ask(Effect.flatMap(Imports, (imports) => imports.job(started.id, by)));
      if (job?.status === "completed") return true;
      if (job?.status === "interrupted") return false;
      await clients.pause(importLookMs);
    }
    return false;
  }
}

const run = async (flow: Flow, disturbance: Disturbance | null): Promise<Run> => {
  const kv = await Deno.openKv(":memory:");
  try {
    return await new Play(flow, disturbance, kv).run();
  } finally {
    kv.close();
  }
};

export interface SweepReport {
  readonly runs: number;
  /** Names of the aggregates that the flow is about. */
  readonly kinds: ReadonlySet<string>;
  readonly violations: readonly string[];
}

const disturbancesOf = ({ commits, requests }: Run): readonly Disturbance[] => [
  ...Array.from(
    { length: commits },
    (_, commit) => commitFaults.map((fault): Disturbance => ({ fault, commit })),
  ).flat(),
  ...Array.from(
    { length: requests },
    (_, request): Disturbance => ({ fault: "answer lost", request }),
  ),
];

const placeOf = (disturbance: Disturbance): string =>
  "commit" in disturbance
    ? `${disturbance.fault} commit ${disturbance.commit}`
    : `${disturbance.fault} at request ${disturbance.request}`;

const compare = (end: unknown, undisturbed: unknown): readonly string[] =>
  sameJson(end, undisturbed) ? [] : [
    `another end: ${differences(end as object, undisturbed as object).join(", ")}`,
  ];

/** Sweeps one flow; stops at the first place where it ends otherwise than undisturbed. */
/** The aggregates that a flow makes when nothing fails. */
export const undisturbedKinds = async (flow: Flow): Promise<ReadonlySet<string>> =>
  (await run(flow, null)).kinds;

export const sweep = async (flow: Flow): Promise<SweepReport> => {
  const undisturbed = await run(flow, null);
  if (undisturbed.violations.length > 0) {
    return {
      runs: 1,
      kinds: undisturbed.kinds,
      violations: undisturbed.violations.map((each) => `undisturbed: ${each}`),
    };
  }
  let runs = 1;
  for (const disturbance of disturbancesOf(undisturbed)) {
    const { violations, end } = await run(flow, disturbance);
    runs++;
    const wrong = violations.length > 0 ? violations : compare(end, undisturbed.end);
    if (wrong.length > 0) {
      return {
        runs,
        kinds: undisturbed.kinds,
        violations: wrong.map((each) => `${placeOf(disturbance)}: ${each}`),
      };
    }
  }
  return { runs, kinds: undisturbed.kinds, violations: [] };
};
