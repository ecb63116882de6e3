/** Engines in the world: whole ones, over one database, which crash and are started again. */
import { Context, Effect, Exit, Layer, Scope } from "effect";
import { engineLayer, type EngineServices } from "../../actors/engine.ts";
import { Identifiers } from "../../actors/ledger/identifiers.ts";
import type { Deliveries } from "../../actors/outbound/outbound.ts";
import type { SubjectList } from "../../src/subject/subject.ts";
import type { ProviderPorts } from "../../src/payment/port.ts";
import { idAlphabet } from "../../src/kernel/ids.ts";
import { KvStore } from "../../src/store/kv.ts";
import type { Database } from "./database.ts";
import type { Chance } from "./random.ts";
import type { Reached } from "./reached.ts";
import type { FeedNeeds } from "./sinks.ts";
import { Process, type World } from "./world.ts";

export type Services = EngineServices;

/** From its start to its end, which may be any moment. */
export interface Life {
  readonly process: Process;
  /** Null while it starts. */
  services: Context.Context<Services> | null;
  /** Requests being worked on. */
  inFlight: number;
  /** Resolves when it ends. */
  readonly ended: Promise<void>;
  readonly end: () => void;
}

export interface Slot {
  readonly name: string;
  clockOffsetMs: number;
  lives: number;
  life: Life | null;
}

export interface ClusterOptions {
  readonly world: World;
  readonly chance: Chance;
  readonly reached: Reached;
  readonly engines: number;
  readonly shelves: number;
  /** Checks that the store allows in one commit. */
  readonly checks: number;
  /** How long an engine waits for an answer of the store; for ever where nothing is said. */
  readonly callMs?: number | undefined;
  readonly autoCloseAfterMs: number;
  readonly subjects: SubjectList;
  readonly deliveriesOf: (process: Process) => Effect.Effect<Deliveries, never, FeedNeeds>;
  /** What calls payment providers, for each process; absent: nobody does. */
  readonly portsOf?: ((process: Process) => ProviderPorts) | undefined;
  readonly clockOffsetMs: (slot: number) => number;
  /** How long a crashed process stays away. */
  readonly longestAwayMs: number;
}

export class Cluster {
  readonly slots: readonly Slot[];
  database: Database | null = null;

  constructor(readonly options: ClusterOptions) {
    this.slots = Array.from({ length: options.engines }, (_, n) => ({
      name: `engine-${n}`,
      clockOffsetMs: options.clockOffsetMs(n),
      lives: 0,
      life: null,
    }));
  }

  /** Lives that take requests. */
  get running(): readonly Life[] {
    return this.slots.flatMap(({ life }) => life !== null && life.services !== null ? [life] : []);
  }

  startAll(): void {
    for (const slot of this.slots) if (slot.life === null) this.#start(slot);
  }

  /** The process ends where it stands, and comes back after a while. */
  crash(process: Process): void {
    const slot = this.slots.find(({ life }) => life?.process === process);
    if (slot === undefined || slot.life === null) return;
    if (slot.life.inFlight > 0) this.options.reached.crashMidFlow++;
    process.kill();
    slot.life.end();
    slot.life = null;
    const awayMs = this.options.chance.between(1, this.options.longestAwayMs);
    this.options.world.after(awayMs, null, () => this.#start(slot));
  }

  /** Runs an effect in a process; nobody hears of its end when the process ends first. */
  request<A, E>(
    life: Life,
    effect: Effect.Effect<A, E, Services>,
    onExit: (exit: Exit.Exit<A, E>) => void,
  ): void {
    if (life.services === null) throw new Error("the process has not started");
    life.inFlight++;
    Effect.runForkWith(life.services)(effect).addObserver((exit) => {
      life.inFlight--;
      onExit(exit);
    });
  }

  #identifiers(): Layer.Layer<Identifiers> {
    const chance = this.options.chance.fork();
    const text = (length: number) =>
      Array.from({ length }, () => idAlphabet.charAt(chance.between(0, 31))).join("");
    return Layer.succeed(Identifiers, {
      orderTail: () => text(10),
      commitId: () => text(20),
    });
  }

  #start(slot: Slot): void {
    if (slot.life !== null || this.database === null) return;
    const { world, chance, checks, callMs, shelves, autoCloseAfterMs, portsOf } = this.options;
    slot.lives++;
    const process = new Process(
      world,
      `${slot.name}.${slot.lives}`,
      chance.fork(),
      () => slot.clockOffsetMs,
    );
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const life: Life = { process, services: null, inFlight: 0, ended, end };
    slot.life = life;
    const store = KvStore.over(this.database.of(process), {
      path: "simulation",
      limits: { checks },
      ...(callMs === undefined ? {} : { callMs }),
    });
    const engine = engineLayer({
      settings: { autoCloseAfterMs },
      shelves,
      identifiers: this.#identifiers(),
      subjects: this.options.subjects,
      deliveries: this.options.deliveriesOf(process),
      ...(portsOf === undefined ? {} : { providers: portsOf(process) }),
    });
    const layer = engine.pipe(
      Layer.provideMerge(store),
      Layer.fresh,
    );
    const build = Effect.flatMap(Scope.make(), (scope) => Layer.buildWithScope(layer, scope));
    Effect.runForkWith(process.services)(build).addObserver((exit) => {
      // An engine that cannot start ends, and whoever watches it starts it again.
      if (Exit.isFailure(exit)) this.crash(process);
      else life.services = Context.merge(process.services, exit.value);
    });
  }
}
