/** Clients over HTTP: each wants one thing after another, gives up waiting, asks again, and forgets nothing. */
import type { Chance } from "../../sim/random.ts";
import { doneAnswer, type Outcome, type Request } from "../../sim/operation.ts";
import {
  type Habits,
  Knowledge,
  type KnownOrder,
  locationIds,
  Workload,
} from "../../sim/workload.ts";
import { type Engines, pause, type Slot } from "./engines.ts";
import type { Happened } from "./happened.ts";
import {
  type HttpOperation,
  httpRequestOf,
  isFinal,
  knownAfter,
  outcomeOf,
  type SeenOrder,
} from "./http.ts";
import { keyIdOf, secretOf } from "./keys.ts";

/** How long clients usually wait, and the shortest that they ever wait. */
const patienceMs = 1_200;
/** How long they wait, and how often they ask, when nothing is done to the engines. */
const longPatienceMs = 30_000;
const mostTriesUndisturbed = 30;
const shortestPatienceMs = 1;
const impatientMs = 40;
const impatience = 0.05;
/** How often a client asks for one thing before it leaves it at not knowing. */
const mostTries = 6;
/** Requests that are sent to two engines at once. */
const duplicates = 0.1;
/** How often a client goes to another engine though its own answers. */
const wandering = 0.08;
const longestPauseMs = 60;
/** Orders are many here, and most of them should get somewhere: clients go on with the newest. */
const newest = 40;
const habits: Habits = { place: 14, order: 66, stock: 9, catalog: 3, get: 8 };

export interface ClientsOptions {
  readonly engines: Engines;
  readonly chance: Chance;
  readonly happened: Happened;
  readonly locations: number;
}

/** Who asks; it goes where it was answered last. */
interface Caller {
  slot: Slot | null;
}

export class Clients {
  /** Everything that was ever asked. */
  readonly operations: HttpOperation[] = [];
  readonly knowledge = new Knowledge<KnownOrder>();
  /** Nothing is done to the engines: they answer in the end. */
  undisturbed = true;
  #time = 0;

  constructor(readonly options: ClientsOptions) {}

  /** Counts everything that clients do and hear: a time without ties. */
  #tick(): number {
    return ++this.#time;
  }

  /** Asks for one thing after another until told that it may not begin another. */
  async live(name: string, mayBegin: () => "yes" | "not yet" | "never"): Promise<void> {
    const { chance, locations } = this.options;
    const { knowledge } = this;
    const recent = {
      get orders() {
        return knowledge.orders.slice(-newest);
      },
    };
    const workload = new Workload(chance.fork(), recent, locationIds(locations), name, habits);
    const caller: Caller = { slot: null };
    while (true) {
      const may = mayBegin();
      if (may === "never") return;
      if (may === "yes") await this.perform(this.open(this.#next(workload)), caller);
      await pause(chance.between(0, longestPauseMs));
    }
  }

  #next(workload: Workload): Request {
    while (true) {
      const request = workload.next();
      if (httpRequestOf(request) !== null) return request;
    }
  }

  open(request: Request): HttpOperation {
    const isPost = !["get", "save location", "save item", "safety stock"].includes(request.type);
    const operation: HttpOperation = {
      id: keyIdOf(this.operations.length),
      request,
      // An order has its own number; idempotency keys are for POST.
      keyed: request.type === "place" ? this.options.chance.happens(0.5) : isPost,
      calledAt: this.#tick(),
      answers: [],
      sent: 0,
      absurd: [],
    };
    this.operations.push(operation);
    return operation;
  }

  /** Asks until there is an answer, or the client has had enough. */
  async perform(operation: HttpOperation, caller: Caller = { slot: null }): Promise<void> {
    const { chance, happened } = this.options;
    const tries = this.undisturbed ? mostTriesUndisturbed : mostTries;
    for (let attempt = 0; attempt < tries; attempt++) {
      const copies = !this.undisturbed && chance.happens(duplicates) ? 2 : 1;
      const outcomes = await Promise.all(
        Array.from(
          { length: copies },
          (_, n) => this.#send(operation, n === 0 ? caller : { slot: null }),
        ),
      );
      if (outcomes.some(({ type }) => type === "answered" || type === "absurd")) return;
      if (outcomes.some(({ type }) => type === "unknown")) happened.unanswered++;
      await pause(chance.between(5, 50 * 2 ** Math.min(attempt, 5)));
    }
  }

  async #send(operation: HttpOperation, caller: Caller): Promise<Outcome<SeenOrder>> {
    const { chance, happened, engines } = this.options;
    const isLost = caller.slot?.engine === null || caller.slot === null;
    if (isLost || chance.happens(wandering)) {
      const { listening } = engines;
      caller.slot = listening.length === 0 ? null : chance.pick(listening);
    }
    if (caller.slot === null) return { type: "again", tag: "nobody listens" };
    if (operation.sent++ > 0) happened.repeated++;
    const outcome = await this.#ask(operation, caller.slot);
    if (outcome.type === "unknown") caller.slot = null;
    return outcome;
  }

  async #ask(operation: HttpOperation, slot: Slot): Promise<Outcome<SeenOrder>> {
    const { chance } = this.options;
    const { request, sent } = operation;
    const http = httpRequestOf(request);
    if (http === null || slot.engine === null) throw new Error(`${request.type} cannot be asked`);
    const { path, ...rest } = http;
    const giveUp = new AbortController();
    const patience = this.undisturbed
      ? longPatienceMs
      : chance.happens(impatience)
      ? chance.between(shortestPatienceMs, impatientMs)
      : patienceMs;
    const timer = setTimeout(() => giveUp.abort(), patience);
    const askedAt = this.#tick();
    slot.inFlight++;
    try {
      const answer = await slot.engine.ask(path, {
        ...rest,
        signal: giveUp.signal,
        headers: {
          authorization: `Bearer ${secretOf(operation.id)}`,
          ...(operation.keyed ? { "idempotency-key": operation.id } : {}),
        },
      });
      const outcome = outcomeOf(request, answer);
      this.#learn(operation, outcome, { askedAt, process: slot.name, sent });
      return outcome;
    } catch (error) {
      // The connection broke, or the client did not wait any longer.
      if (error instanceof SyntaxError) operation.absurd.push(`no JSON: ${error.message}`);
      return { type: "unknown" };
    } finally {
      slot.inFlight--;
      clearTimeout(timer);
    }
  }

  #learn(
    operation: HttpOperation,
    outcome: Outcome<SeenOrder>,
    request: { readonly askedAt: number; readonly process: string; readonly sent: number },
  ): void {
    if (outcome.type === "absurd") operation.absurd.push(outcome.detail);
    if (outcome.type !== "answered") return;
    const { answer } = outcome;
    if (outcome.replayed) this.options.happened.replayed++;
    operation.answers.push({ ...request, answer, at: this.#tick() });
    if (answer.type !== "state") return;
    const before = this.knowledge.find(answer.state.id);
    const known = knownAfter(operation.request, answer.state, before);
    if (known !== null) this.knowledge.see(known);
  }

  /** What clients never learned they ask once more; what nobody can say stays without an answer. */
  async resolveUnknowns(): Promise<void> {
    const unknown = this.operations.filter((operation) =>
      doneAnswer(operation) === null && operation.answers.length < Math.max(1, operation.sent)
    );
    await this.#forEach(unknown, async (operation) => {
      const before = operation.answers.length;
      await this.perform(operation);
      if (before === 0 && operation.answers.length > 0) this.options.happened.unknownsResolved++;
    });
  }

  /** Asks again for everything that has its answer for good. */
  async repeatAll(): Promise<void> {
    const answered = this.operations.filter((operation) =>
      operation.keyed
        ? operation.answers.some(({ answer }) => isFinal(answer))
        : operation.request.type === "place" && doneAnswer(operation) !== null
    );
    await this.#forEach(answered, (operation) => this.perform(operation));
  }

  async #forEach(
    operations: readonly HttpOperation[],
    act: (operation: HttpOperation) => Promise<void>,
  ): Promise<void> {
    const left = operations.values();
    const lane = async () => {
      for (const operation of left) await act(operation);
    };
    await Promise.all(Array.from({ length: 16 }, lane));
  }
}
