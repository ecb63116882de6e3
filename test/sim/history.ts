/**
 * Checks what clients were told against the log. The log, replayed through the pure `evolve`, must give every
 * answer that was given; each operation is in it once or not at all; and what had ended before something else
 * began stands before it.
 */
import { Result } from "effect";
import { decide } from "../../src/order/decide.ts";
import { type Provider, rulesOf } from "../../src/payment/provider.ts";
import type { Order, OrderCommand, OrderFacts, OrderRejection } from "../../src/order/order.ts";
import type { StockDelta } from "../../src/stock/stock.ts";
import type { LogEntry } from "../../src/store/log.ts";
import type { LogRecord } from "../../src/subject/record.ts";
import type { AggregateEvent, AggregateState } from "../../src/subject/state.ts";
import type { SubjectList } from "../../src/subject/subject.ts";
import { differences, sameJson } from "../../src/verify/same.ts";
import { isCatalogRecord } from "../../src/catalog/record.ts";
import { isOrderRecord } from "../../src/order/record.ts";
import { reservations } from "../../src/reservation/definition.ts";
import { noRules } from "../../src/order/return-policy.ts";
import { isStockRecord, stockDeltasOf } from "../../src/stock/record.ts";
import { subjects } from "../../src/subjects.ts";
import { privateTextsOf } from "./workload.ts";
import {
  type Answer,
  doneAnswer,
  isDone,
  isOfSupply,
  isOnce,
  type Operation,
  type Request,
  type Shown,
} from "./operation.ts";

/** Every version of every aggregate, as the log makes them. */
type Versions = ReadonlyMap<string, readonly AggregateState[]>;

/** What the records of all aggregates have. */
interface OwnedRecord extends LogRecord {
  readonly version: number;
  readonly events: readonly AggregateEvent[];
}

export interface LoggedEffect {
  readonly position: string;
  readonly commitId: string;
  readonly records: readonly LogRecord[];
}

export interface LogFacts {
  readonly versions: Versions;
  /** By the operation that did it: the commits that say so. */
  readonly effects: ReadonlyMap<string, readonly LoggedEffect[]>;
  /** Of each version of each aggregate, the commit that made it. */
  readonly commitsOf: ReadonlyMap<string, readonly string[]>;
}

export const logFacts = (
  log: readonly LogEntry[],
  operations: readonly Operation<Shown>[],
  list: SubjectList = subjects,
): LogFacts => {
  const requests = new Map(operations.map(({ id, request }) => [id, request.type]));
  /** The first stock of a SKU describes its item afterwards, in a commit of its own. */
  const isEffect = (record: LogRecord): boolean =>
    !isCatalogRecord(record) || requests.get(record.by)?.startsWith("save") === true;
  const versions = new Map<string, AggregateState[]>();
  const commitsOf = new Map<string, string[]>();
  const effects = new Map<string, LoggedEffect[]>();
  for (const { position, commitId, records } of log) {
    const byWhom = new Map<string, LogRecord[]>();
    for (const record of records) {
      if (isEffect(record)) byWhom.set(record.by, [...byWhom.get(record.by) ?? [], record]);
      const owner = list.kindOf(record).ownerOf(record);
      if (owner === null) continue;
      const { id } = owner;
      const { events, version } = record as OwnedRecord;
      const known = versions.get(id) ?? [];
      let state = known.at(-1) ?? null;
      for (const event of events) {
        state = list.aggregate(owner.aggregate).evolve(state, event, record.at);
      }
      if (state === null) continue;
      versions.set(id, [...known, { ...state, version }]);
      commitsOf.set(id, [...commitsOf.get(id) ?? [], commitId]);
    }
    for (const [by, own] of byWhom) {
      effects.set(by, [...effects.get(by) ?? [], { position, commitId, records: own }]);
    }
  }
  return { versions, effects, commitsOf };
};

/**
 * Carriers and providers repeat themselves, an order may be held for the same reason already, and what is to be
 * changed or done may be so.
 */
const repeatable: ReadonlySet<OrderCommand["type"]> = new Set(
  ["track", "hold", "edit", "settle", "record", "capture-due", "cancel-unpaid"] as const,
);

/** Whether an operation that was carried out may have left nothing in the log. */
const mayChangeNothing = (
  { request }: Operation<Shown>,
  answer: Answer<Shown>,
): boolean => {
  switch (request.type) {
    case "get":
    case "count":
    case "safety stock":
    case "save item":
    case "save location":
    case "save":
      return true;
    case "place":
    case "reserve":
      return answer.type === "state" && answer.created === false;
    case "command":
      return repeatable.has(request.command.type);
    case "ask":
      return request.mayDoNothing === true;
    case "adjust":
    case "move":
    case "make":
      return false;
  }
};

/** What decisions knew of the store's limits, and how clients see things. */
export interface HistoryFacts<S extends Shown>
  extends Pick<OrderFacts, "stockRowsPerCommit" | "locationsPerCommit" | "keyBytesPerCommit"> {
  /** When the store took each commit, where that is known; else it is known once somebody was told. */
  readonly appliedAt: ReadonlyMap<string, number>;
  /** Payment providers that there are. */
  readonly providers?: readonly Provider[];
  /** What the answer to a request shows of the aggregate. */
  readonly shown: (state: AggregateState, request: Request) => S;
  /** What the client is told when the order refuses. */
  readonly refusal: (rejection: OrderRejection) => unknown;
  /** Whether an answer is that to its idempotency key for good. */
  readonly isFinal: (answer: Answer<S>) => boolean;
}

/** The engine itself hides nothing; that refusals are kept is the API's doing. */
export const shownAsItIs = {
  isFinal: isDone,
  shown: (state: AggregateState): AggregateState => state,
  refusal: (rejection: OrderRejection): unknown => rejection,
};

/** Refusals that do not depend on stock: the order must have been such that it had to refuse. */
const dependsOnOrderAlone = (tag: string): boolean =>
  tag === "IllegalTransition" || tag === "InvalidCommand" || tag === "UnknownFulfillmentOrder" ||
  tag === "UnknownShipment" || tag === "UnknownReturn";

/** A report from the future is refused by the clock of that moment, which no version of the order tells. */
const dependsOnTheMoment = (reason: unknown): boolean =>
  JSON.stringify(reason).includes('/occurredAt"');

/** An authorization ends by itself, and what it allowed is refused from then on. */
const endsByItself: ReadonlySet<OrderCommand["type"]> = new Set(["capture", "void"] as const);
const later = "2099-01-01T00:00:00.000Z";

/** What becomes of an order as what it was promised comes, or does not come. */
const isOfPromise = ({ type }: AggregateEvent, n: number): boolean =>
  type === "order.promised" ||
  n > 0 && ["order.allocated", "fulfillment_order.delivered", "payment.requested"].includes(type);

class HistoryCheck<S extends Shown> {
  readonly violations: string[] = [];

  constructor(
    readonly log: readonly LogEntry[],
    readonly facts: LogFacts,
    readonly operations: readonly Operation<S>[],
    readonly known: HistoryFacts<S>,
    readonly list: SubjectList,
  ) {}

  /** The id of the aggregate that a record is of; null for other records. */
  #ownerOf(record: LogRecord): string | null {
    return this.list.kindOf(record).ownerOf(record)?.id ?? null;
  }

  run(): readonly string[] {
    for (const operation of this.operations) this.#checkOperation(operation);
    this.#checkAuthors();
    this.#checkRealTime();
    this.#checkFreshness();
    this.#checkCounts();
    this.#checkPrivacy();
    return this.violations;
  }

  #wrong(operation: Operation<S>, detail: string): void {
    const { request } = operation;
    const what = request.type === "command" ? request.command.type : request.type;
    this.violations.push(`history: ${operation.id} (${what}): ${detail}`);
  }

  #effects(operation: Operation<S>): readonly LoggedEffect[] {
    return this.facts.effects.get(operation.id) ?? [];
  }

  #checkOperation(operation: Operation<S>): void {
    const effects = this.#effects(operation);
    for (const detail of operation.absurd) this.#wrong(operation, `absurd answer: ${detail}`);
    if (operation.answers.length === 0) {
      return this.#wrong(operation, "nobody ever learned what became of it");
    }
    if (effects.length > 1 && isOnce(operation)) {
      this.#wrong(operation, `it was done ${effects.length} times`);
    }
    const done = doneAnswer(operation);
    if (done === null) {
      if (effects.length > 0) this.#wrong(operation, "it was refused, and done all the same");
      this.#checkAgreement(operation);
      return this.#checkRefusals(operation);
    }
    if (effects.length === 0 && !mayChangeNothing(operation, done.answer)) {
      this.#wrong(operation, "it was acknowledged, and the log does not know of it");
    }
    this.#checkRefusals(operation);
    this.#checkAgreement(operation);
    for (const { answer } of operation.answers) {
      if (answer.type === "state") this.#checkState(operation, answer.state);
    }
    this.#checkVersion(operation, done.answer, effects);
  }

  /** The answer is the aggregate as it was right after the operation's own commit. */
  #checkVersion(
    operation: Operation<S>,
    answer: Answer<S>,
    effects: readonly LoggedEffect[],
  ): void {
    if (answer.type !== "state" || answer.created === false) return;
    const { state } = answer;
    for (const record of effects.flatMap(({ records }) => records)) {
      if (this.#ownerOf(record) !== state.id) continue;
      const { version } = record as OwnedRecord;
      if (version !== state.version) {
        this.#wrong(operation, `it made version ${version}, and answered ${state.version}`);
      }
    }
  }

  /** However often it is asked, an operation has one answer. */
  #checkAgreement(operation: Operation<S>): void {
    const done = operation.answers.map(({ answer }) => answer)
      .filter((answer) => operation.keyed ? this.known.isFinal(answer) : isDone(answer));
    const [first] = done;
    if (first === undefined || operation.request.type === "get") return;
    if (operation.keyed) {
      if (!done.every((answer) => sameJson(answer, first))) {
        this.#wrong(operation, "it was answered differently");
      }
      return;
    }
    const states = done.filter((answer) => answer.type === "state");
    if (new Set(states.map(({ state }) => state.id)).size > 1) {
      this.#wrong(operation, "it made several");
    }
    if (states.filter(({ created }) => created === true).length > 1) {
      this.#wrong(operation, "several answers say that they made it");
    }
  }

  #checkState(operation: Operation<S>, state: S): void {
    const version = this.facts.versions.get(state.id)?.[state.version - 1];
    if (version === undefined) {
      this.#wrong(operation, `the log has no version ${state.version} of ${state.id}`);
      return;
    }
    const logged = this.known.shown(version, operation.request);
    if (!sameJson(logged, state)) {
      const names = differences(logged, state).join(", ");
      this.#wrong(operation, `it was told another state than the log's: ${names}`);
    }
  }

  /** A refusal must come from before the operation had its effect, and from the order as it was. */
  #checkRefusals(operation: Operation<S>): void {
    const { request } = operation;
    const [effect] = this.#effects(operation);
    const doneAt = this.known.appliedAt.get(effect?.commitId ?? "") ??
      doneAnswer(operation)?.at;
    for (const { answer, askedAt } of operation.answers) {
      if (answer.type !== "refused") continue;
      if (answer.tag === "NotFound" && (request.type === "command" || request.type === "ask")) {
        this.#wrong(operation, "what was known was not found");
      }
      if (doneAt !== undefined && askedAt > doneAt) {
        this.#wrong(operation, `it was refused after it had been done: ${answer.tag}`);
      }
      if (
        request.type === "command" && dependsOnOrderAlone(answer.tag) &&
        // An edit looks at places and items as well, of which no version of the order tells.
        request.command.type !== "edit" &&
        !dependsOnTheMoment(answer.reason)
      ) {
        this.#checkReason(operation, request, answer.reason, effect);
      }
    }
  }

  #checkReason(
    operation: Operation<S>,
    { orderId, command }: Extract<Request, { type: "command" }>,
    reason: unknown,
    effect: LoggedEffect | undefined,
  ): void {
    const own = effect?.records.find(isOrderRecord);
    const versions = (this.facts.versions.get(orderId) ?? []) as readonly Order[];
    // An operation is never refused for what it has done itself.
    const before = own === undefined ? versions : versions.slice(0, own.version - 1);
    const { providers = [] } = this.known;
    const refusesAt = (order: Order, now: string): boolean => {
      const decided = decide(order, command, {
        ...this.known,
        locations: "locationId" in command && command.locationId !== undefined
          ? [{ id: command.locationId, active: true }]
          : [],
        item: () => null,
        available: () => 0,
        supply: () => [],
        expected: () => 0,
        isAwaited: () => false,
        lotUnits: () => 0,
        setAside: () => 0,
        returnRules: () => noRules,
        provider: (name) => rulesOf(name, () => providers.find(({ id }) => id === name) ?? null),
        now,
        by: operation.id,
      });
      return Result.isFailure(decided) && sameJson(this.known.refusal(decided.failure), reason);
    };
    const refuses = before.some((order) =>
      refusesAt(order, order.updatedAt) ||
      (endsByItself.has(command.type) && refusesAt(order, later))
    );
    if (!refuses) {
      this.#wrong(operation, `no version of the order refuses so: ${JSON.stringify(reason)}`);
    }
  }

  /** Nothing is in the log that nobody asked for. */
  #checkAuthors(): void {
    const asked = new Map(this.operations.map((operation) => [operation.id, operation]));
    for (const { records } of this.log) {
      for (const record of records) {
        // Keys are made beside what clients ask for.
        if (record.by === "system" || record.kind === "access") continue;
        const request = asked.get(record.by)?.request;
        if (request === undefined || !this.#isAskedFor(record, request)) {
          this.violations.push(`history: a record by ${record.by} was not asked for`);
        }
      }
    }
  }

  #isAskedFor(record: LogRecord, request: Request): boolean {
    const owner = this.list.kindOf(record).ownerOf(record);
    if (owner === null) return true;
    const { events, version } = record as OwnedRecord;
    switch (request.type) {
      case "command":
        return owner.id === request.orderId;
      case "ask":
        // Orders are told what has come of what they were promised, or will not come.
        return owner.id === request.id ||
          isOfSupply(request.aggregate) && events.every(isOfPromise);
      case "make":
        return owner.aggregate === request.aggregate.name && version === 1;
      case "place":
        return isOrderRecord(record)
          ? record.from === null && record.channel === request.order.channel
          : owner.id === request.order.reservationId ||
            (request.alongside?.some(({ id }) => id === owner.id) ?? false);
      case "reserve":
        return owner.aggregate === reservations.name;
      default:
        // Arrivals are given to those who wait, and what waited for goods is then authorized.
        return events.every(({ type }, n) =>
          type === "order.allocated" || type === "fulfillment_order.delivered" ||
          (type === "payment.requested" && n > 0)
        );
    }
  }

  /** What had ended before something else began stands before it in the log. */
  #checkRealTime(): void {
    const timed = this.operations.filter(isOnce).flatMap((operation) => {
      const position = this.#effects(operation)[0]?.position;
      const endedAt = doneAnswer(operation)?.at;
      return position === undefined || endedAt === undefined
        ? []
        : [{ operation, position, endedAt }];
    });
    const byEnd = timed.toSorted((a, b) => a.endedAt - b.endedAt);
    const byStart = timed.toSorted((a, b) => a.operation.calledAt - b.operation.calledAt);
    let ended = 0;
    let newest: (typeof timed)[number] | undefined;
    for (const each of byStart) {
      for (let next = byEnd[ended]; next; next = byEnd[ended]) {
        if (next.endedAt >= each.operation.calledAt) break;
        if (newest === undefined || next.position > newest.position) newest = next;
        ended++;
      }
      if (newest !== undefined && newest.position >= each.position) {
        this.#wrong(each.operation, `it stands before ${newest.operation.id}, which had ended`);
      }
    }
  }

  /** Nobody is shown an aggregate older than what somebody had been shown before he asked. */
  #checkFreshness(): void {
    const shown = this.operations.flatMap(({ answers }) =>
      answers.flatMap(({ answer, at }) =>
        answer.type === "state" ? [{ at, id: answer.state.id, version: answer.state.version }] : []
      )
    );
    for (const operation of this.operations) {
      for (const { answer } of operation.answers) {
        if (answer.type !== "state") continue;
        const { id, version } = answer.state;
        const newer = shown.find((each) =>
          each.at < operation.calledAt && each.id === id && each.version > version
        );
        if (newer !== undefined) {
          this.#wrong(operation, `it was shown version ${version} after ${newer.version}`);
        }
      }
    }
  }

  /** A count leaves exactly what was counted, an adjustment changes by what it says. */
  #checkCounts(): void {
    const requests = new Map(this.operations.map(({ id, request }) => [id, request]));
    const onHand = new Map<string, number>();
    const rowOf = (locationId: string, sku: string) => `${locationId} ${sku}`;
    const apply = (delta: StockDelta) => {
      const row = rowOf(delta.locationId, delta.sku);
      onHand.set(row, (onHand.get(row) ?? 0) + delta.onHand);
    };
    for (const { records } of this.log) {
      for (const record of records) {
        stockDeltasOf(this.list.kindOf(record), record).forEach(apply);
        const request = requests.get(record.by);
        if (!isStockRecord(record) || request === undefined) continue;
        if (request.type === "count") {
          for (const { sku, onHand: counted } of request.count.counts) {
            const there = onHand.get(rowOf(request.count.locationId, sku)) ?? 0;
            if (there !== counted) {
              this.violations.push(`history: ${record.by} counted ${counted}, ${there} are there`);
            }
          }
        }
        if (request.type === "move") this.#checkMoved(record.stock, request);
        if (request.type === "adjust") {
          for (const { sku, delta } of request.adjustment.changes) {
            const changed = record.stock.find((each) => each.sku === sku)?.onHand ?? 0;
            if (changed !== delta) {
              this.violations.push(`history: ${record.by} wanted ${delta}, ${changed} was done`);
            }
          }
        }
      }
    }
  }

  /** A move changes each place by what it says, and makes and loses nothing. */
  #checkMoved(stock: readonly StockDelta[], { move }: Extract<Request, { type: "move" }>): void {
    const asked = new Map<string, number>();
    const done = new Map<string, number>();
    const add = (to: Map<string, number>, sku: string, place: string, units: number) =>
      to.set(`${sku} ${place}`, (to.get(`${sku} ${place}`) ?? 0) + units);
    for (const { sku, quantity, from, to } of move.moves) {
      add(asked, sku, from, -quantity);
      add(asked, sku, to, quantity);
    }
    for (const { sku, onHand, unavailable, buckets = {} } of stock) {
      let unspecified = unavailable;
      for (const [name, units] of Object.entries(buckets)) {
        add(done, sku, name, units);
        unspecified -= units;
      }
      add(done, sku, "unspecified", unspecified);
      add(done, sku, "available", onHand - unavailable);
    }
    for (const place of new Set([...asked.keys(), ...done.keys()])) {
      const [wanted, changed] = [asked.get(place) ?? 0, done.get(place) ?? 0];
      if (wanted !== changed) {
        this.violations.push(`history: a move wanted ${wanted} of ${place}, ${changed} was done`);
      }
    }
  }

  /** Who ordered is nowhere in the log, whatever the engine itself takes for personal. */
  #checkPrivacy(): void {
    const requests = new Map(this.operations.map(({ id, request }) => [id, request]));
    const texts = new Map<string, readonly string[]>();
    for (const { records } of this.log) {
      for (const record of records) {
        if (!isOrderRecord(record)) continue;
        const request = requests.get(record.by);
        if (record.from === null && request?.type === "place") {
          texts.set(record.orderId, privateTextsOf(request.order));
        }
        const said = JSON.stringify(subjects.kindOf(record).whole(record));
        const leak = texts.get(record.orderId)?.find((text) => said.includes(text));
        if (leak !== undefined) {
          this.violations.push(`history: the log says "${leak}" of order ${record.orderId}`);
        }
      }
    }
  }
}

export const checkHistory = <S extends Shown>(
  log: readonly LogEntry[],
  facts: LogFacts,
  operations: readonly Operation<S>[],
  known: HistoryFacts<S>,
  list: SubjectList = subjects,
): readonly string[] => new HistoryCheck(log, facts, operations, known, list).run();
