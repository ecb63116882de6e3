/**
 * Blocks of requests, each against an engine of its own: as many as its seed says are as they must be, the
 * others are wrong in one way. A seed gives the same requests each time.
 */
import { Chance } from "../../sim/random.ts";
import { type Call, type CallAnswer, callOf, curlLine, type Fetch, send } from "./call.ts";
import { faultsOf, isSuccess, pointersOf, reasonsOf } from "./check.ts";
import { type Mutant, mutantOf } from "./mutations.ts";
import { isSemantic } from "./reasons.ts";
import { validPlan } from "./requests.ts";
import { Stage } from "./stage.ts";

export const requestsPerBlock = 500;

/** Beside the first of each operation. */
const shareOfValid = 0.27;

/** Operations that take long, or that cannot go wrong in many ways, are asked less often. */
const weights: Readonly<Record<string, number>> = {
  placeOrder: 4,
  verifyStore: 0.15,
  getOpenApi: 0.15,
  getDocs: 0.15,
  getMetrics: 0.15,
  getHealth: 0.15,
  getReadiness: 0.15,
  streamStatus: 0.5,
  saveImportMapping: 2,
  adjustStock: 2,
};

export interface Block {
  readonly seed: number;
  readonly requests: number;
  /** What went wrong, with the request that shows it. */
  readonly faults: readonly string[];
  /** How often each operation was answered with each status. */
  readonly answers: ReadonlyMap<string, number>;
  /** How often each mutation was made. */
  readonly mutations: ReadonlyMap<string, number>;
  /** Refusals of what the document allows, by reason. */
  readonly reasons: ReadonlyMap<string, number>;
}

const addTo = (counts: Map<string, number>, name: string): void =>
  void counts.set(name, (counts.get(name) ?? 0) + 1);

interface Running {
  readonly stage: Stage;
  readonly fetch: Fetch;
  readonly faults: string[];
  readonly answers: Map<string, number>;
  readonly mutations: Map<string, number>;
  readonly reasons: Map<string, number>;
}

const withKey = (call: Call, key: string): Call =>
  call.headers["authorization"] === undefined
    ? { ...call, headers: { ...call.headers, authorization: `Bearer ${key}` } }
    : call;

const note = (
  { faults }: Running,
  call: Call,
  answer: CallAnswer,
  what: string,
  found: readonly string[],
): void => {
  for (const fault of found) {
    faults.push(
      `${what}: ${fault}\n    ${curlLine(call)}\n    ${answer.status} ${answer.text.slice(0, 600)}`,
    );
  }
};

const count = ({ answers }: Running, { operation }: Call, { status }: CallAnswer): void =>
  addTo(answers, `${operation.id} ${status}`);

const askValid = async (running: Running, chance: Chance, operationId: string): Promise<void> => {
  const { stage, fetch } = running;
  const { document } = stage;
  const operation = document.operation(operationId);
  const plan = await validPlan(stage, chance, operation);
  const idempotencyKey = operation.parameters.some(({ name }) => name === "Idempotency-Key") &&
      chance.happens(0.3)
    ? stage.newName("key")
    : undefined;
  const headers = idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey };
  const call = withKey(callOf({ ...plan, headers: { ...plan.headers, ...headers } }), stage.key);
  const answer = await send(fetch, call);
  count(running, call, answer);
  const what = `valid ${operationId}`;
  note(running, call, answer, what, faultsOf(document, call, answer));
  const isExpected = plan.expected?.includes(answer.status) ?? answer.status < 300;
  if (!isExpected) return note(running, call, answer, what, ["it should have succeeded"]);
  await plan.after?.(call, answer);
  if (idempotencyKey !== undefined) await repeat(running, call, answer);
  else if (operationId === "placeOrder" || operation.method === "PUT") {
    await doAgain(running, call, answer);
  }
  if (operation.method === "GET") await revalidate(running, call, answer);
};

/** Operations whose first answer shows a secret, which is not kept. */
const withSecrets: ReadonlySet<string> = new Set([
  "createKey",
  "createWebhook",
  "rotateWebhookSecret",
  "saveStockFeed",
]);

/** The same key again: the same answer, and nothing done. */
const repeat = async (running: Running, call: Call, first: CallAnswer): Promise<void> => {
  const { stage, fetch } = running;
  await stage.settled();
  const before = await stage.position();
  const again = await send(fetch, call);
  count(running, call, again);
  const what = `repeated ${call.operation.id}`;
  note(running, call, again, what, faultsOf(stage.document, call, again));
  const isSame = again.status === first.status &&
    (again.text === first.text || withSecrets.has(call.operation.id));
  const isMarked = again.headers.get("idempotent-replayed") === "true";
  if (!isSame || !isMarked) note(running, call, again, what, ["it is not the first answer"]);
  for (const written of await stage.writtenBehind(before)) {
    note(running, call, again, what, [`it did something: ${written}`]);
  }
};

/** Without a key: what is there already is said to be there. */
const doAgain = async (running: Running, call: Call, first: CallAnswer): Promise<void> => {
  const { stage, fetch } = running;
  const again = await send(fetch, call);
  count(running, call, again);
  const what = `again ${call.operation.id}`;
  note(running, call, again, what, faultsOf(stage.document, call, again));
  const isSameOrder = call.method !== "POST" || again.text === first.text;
  if (again.status !== 200 || !isSameOrder) {
    note(running, call, again, what, ["it should be 200 with what is there"]);
  }
};

/** What has an entity tag is not sent again to whoever has it. */
const revalidate = async (running: Running, call: Call, first: CallAnswer): Promise<void> => {
  const { stage, fetch } = running;
  const tag = first.headers.get("etag");
  if (tag === null) return;
  const again = { ...call, headers: { ...call.headers, "if-none-match": tag } };
  const answer = await send(fetch, again);
  count(running, again, answer);
  const what = `revalidated ${call.operation.id}`;
  note(running, again, answer, what, faultsOf(stage.document, again, answer));
  if (answer.status !== 304) note(running, again, answer, what, ["it should be 304"]);
};

/** Whether one of the pointers leads to what does not fit, or to what it is part of, or to a part of it. */
const pointsAt = (pointers: readonly string[], misfits: readonly { pointer: string }[]): boolean =>
  misfits.some(({ pointer }) =>
    pointers.some((each) =>
      each === pointer || each.startsWith(`${pointer}/`) || pointer.startsWith(`${each}/`) ||
      each === ""
    )
  );

const expectationFaults = (
  running: Running,
  { expectation }: Mutant,
  answer: CallAnswer,
): readonly string[] => {
  if (expectation.kind === "allowed") {
    if (isSuccess(answer.status)) return [];
    const reasons = reasonsOf(answer);
    for (const reason of reasons) addTo(running.reasons, reason.replace(/\d+/g, "N").slice(0, 150));
    return reasons.filter((reason) => !isSemantic(reason)).map((reason) =>
      `the document allows it, and it was refused: ${reason}`
    );
  }
  const { statuses, misfits = [] } = expectation;
  if (isSuccess(answer.status)) return ["it should have been refused"];
  if (!statuses.includes(answer.status)) return [`it should be ${statuses.join(" or ")}`];
  const pointers = pointersOf(answer);
  return misfits.length === 0 || pointsAt(pointers, misfits)
    ? []
    : [`it points at ${pointers.join(", ")}, not at ${misfits.map((each) => each.pointer)}`];
};

const askMutant = async (running: Running, chance: Chance, operationId: string): Promise<void> => {
  const { stage, fetch } = running;
  const { document } = stage;
  const plan = await validPlan(stage, chance, document.operation(operationId));
  const mutant = mutantOf(plan, document, chance, running.mutations);
  const isAllowed = mutant.expectation.kind === "allowed";
  const call = withKey(mutant.call, isAllowed ? stage.key : stage.strangersKey);
  await stage.settled();
  const before = await stage.position();
  const answer = await send(fetch, call);
  count(running, call, answer);
  addTo(running.mutations, mutant.kind);
  const what = `${operationId}, ${mutant.name}`;
  note(running, call, answer, what, faultsOf(document, call, answer));
  note(running, call, answer, what, expectationFaults(running, mutant, answer));
  if (!isSuccess(answer.status)) {
    for (const written of await stage.writtenBehind(before)) {
      note(running, call, answer, what, [`it was refused, and wrote ${written}`]);
    }
  }
  if (answer.status === 202 && operationId === "importOrders") await plan.after?.(call, answer);
};

/** What the store says in the end. */
const endFaults = async (stage: Stage): Promise<readonly string[]> => {
  const faults: string[] = [];
  const proof = (await stage.ask("/v1/admin/verify", { method: "POST" })).body;
  if (String(proof["ok"]) !== "true") {
    faults.push(`the store is not clean: ${JSON.stringify(proof["violations"])}`);
  }
  const traces = await stage.tracesOf(stage.strangersId);
  if (traces.length > 0) {
    faults.push(`requests that were refused left ${traces.length} traces: ${traces.slice(0, 5)}`);
  }
  return faults;
};

export interface BlockOptions {
  readonly requests?: number;
  /** Put between the runner and the engine: what tests of this test lie with. */
  readonly between?: (fetch: Fetch) => Fetch;
  /** Ends the block with the first fault that this matches. */
  readonly until?: RegExp;
}

export const runBlock = async (
  seed: number,
  { requests = requestsPerBlock, between = (fetch) => fetch, until }: BlockOptions = {},
): Promise<Block> => {
  const chance = new Chance(seed);
  const stage = await Stage.set(seed);
  const running: Running = {
    stage,
    fetch: between(stage.server.fetch),
    faults: [],
    answers: new Map(),
    mutations: new Map(),
    reasons: new Map(),
  };
  const weighted = Object.fromEntries(
    stage.document.operations.map(({ id }) => [id, weights[id] ?? 1]),
  );
  try {
    for (let n = 0; n < requests; n++) {
      // Each request by a chance of its own: what one draws does not shift the next.
      const own = chance.fork();
      // Every operation once as it must be, then by chance.
      const first = stage.document.operations[n]?.id;
      const operationId = first ?? own.weighted(weighted);
      const ask = first !== undefined || own.happens(shareOfValid) ? askValid : askMutant;
      const before = running.faults.length;
      await ask(running, own, operationId);
      for (let m = before; m < running.faults.length; m++) {
        running.faults[m] = `request ${n}: ${running.faults[m]}`;
      }
      if (until !== undefined && running.faults.slice(before).some((each) => until.test(each))) {
        break;
      }
    }
    running.faults.push(...await endFaults(stage));
  } finally {
    await stage.close();
  }
  const { faults, answers, mutations, reasons } = running;
  return { seed, requests, faults, answers, mutations, reasons };
};
