/** The whole engine in this process, asked without HTTP; or several engines over one store. */
import { Cause, Context, Effect, Exit, Layer, ManagedRuntime, Option } from "effect";
import { References } from "../../actors/reference/references.ts";
import { locations } from "../../src/catalog/references.ts";
import { engineLayer } from "../../actors/engine.ts";
import { Inventory } from "../../actors/stock/inventory.ts";
import { Orders } from "../../actors/order/orders.ts";
import { Reservations } from "../../actors/reservation/reservations.ts";
import type { PlaceOrderRequest } from "../../src/order/request.ts";
import type { ReserveRequest } from "../../src/reservation/request.ts";
import { systemPrincipal } from "../../src/kernel/principal.ts";
import { KvStore } from "../../src/store/kv.ts";
import { Store } from "../../src/store/store.ts";
import { type Answered, closedLoop } from "../load/drive.ts";
import { orderStream, type StockPlan } from "../traffic/orders.ts";
import { planLocation, receiptsOf } from "../traffic/prepare.ts";
import type { Contender, Subject } from "./protocol.ts";

const by = { by: systemPrincipal };
const autoCloseAfterMs = 14 * 24 * 3_600_000;

/** What the engines' commits met. */
export interface CommitCounts {
  commits: number;
  /** Answered `ok: false`: somebody else was first. */
  conflicts: number;
}

/** Counts commits of the log, and delays all as a network would. */
export const counted = (
  store: Store["Service"],
  counts: CommitCounts,
  latencyMs: number,
): Store["Service"] => ({
  ...store,
  commit: (commit) => {
    const counting = Effect.map(store.commit(commit), (result) => {
      if (commit.log === undefined) return result;
      counts.commits++;
      if (!result.ok) counts.conflicts++;
      return result;
    });
    if (latencyMs === 0) return counting;
    const half = Effect.sleep(latencyMs / 2);
    return half.pipe(Effect.andThen(counting), Effect.tap(half));
  },
});

export const startEngine = (store: Layer.Layer<Store>, shelves: number) =>
  ManagedRuntime.make(
    // Nobody listens: what lanes cost is measured over HTTP.
    engineLayer({ settings: { autoCloseAfterMs }, shelves, lanes: false })
      .pipe(Layer.provideMerge(store)),
  );

export type RunningEngine = ReturnType<typeof startEngine>;

export const prepareEngine = (engine: RunningEngine, plan: StockPlan): Promise<void> =>
  engine.runPromise(Effect.gen(function* () {
    const references = yield* References;
    const inventory = yield* Inventory;
    for (const location of plan.locations) {
      yield* references.save(
        locations,
        { id: location.id, active: true, ...planLocation(location) },
        by,
      );
    }
    for (const receipt of receiptsOf(plan)) yield* inventory.adjust(receipt, by);
  }));

const meaningOf = (exit: Exit.Exit<{ readonly created: boolean }, { readonly _tag: string }>) => {
  if (Exit.isSuccess(exit)) {
    return { result: exit.value.created ? "accepted" : "repeated" } satisfies Answered;
  }
  const tag = Option.map(Cause.findErrorOption(exit.cause), ({ _tag }) => _tag);
  const detail = Cause.pretty(exit.cause).slice(0, 300);
  switch (Option.getOrElse(tag, () => "defect")) {
    case "Refused":
      return { result: "refused" } satisfies Answered;
    case "Overloaded":
    case "Conflict":
    case "Unavailable":
      return { result: "overloaded", detail } satisfies Answered;
    default:
      return { result: "error", detail } satisfies Answered;
  }
};

/** The cart that an order was before. */
const cartOf = ({ channel, externalId, lines }: PlaceOrderRequest): ReserveRequest => ({
  ...{ channel, externalId, expiresInSeconds: 900 },
  lines: lines.map(({ sku, quantity }) => ({ sku, quantity })),
});

/** Places orders at an engine; the n-th at the engine of its client. */
export const sender = async (
  engines: readonly RunningEngine[],
  order: ReturnType<typeof orderStream>["order"],
  carts = false,
) => {
  // As the HTTP layer runs its requests: the runtime itself would list each fiber until it ends.
  const asked = await Promise.all(engines.map(async (engine) => {
    const context = await engine.context();
    return {
      run: Effect.runPromiseExitWith(context),
      orders: Context.get(context, Orders),
      reservations: Context.get(context, Reservations),
    };
  }));
  let sent = 0;
  return async (_: number, client: number): Promise<Answered> => {
    const engine = asked[client % asked.length];
    if (engine === undefined) throw new RangeError("There is no engine.");
    const placed = order(sent++);
    if (!carts) return meaningOf(await engine.run(engine.orders.place(placed, by)));
    const { reservations, orders } = engine;
    return meaningOf(
      await engine.run(
        Effect.flatMap(
          reservations.reserve(cartOf(placed), by),
          ({ document: { state } }) => orders.place({ ...placed, reservationId: state.id }, by),
        ),
      ),
    );
  };
};

export const openEngine = async (
  subject: Extract<Subject, { readonly kind: "engine" }>,
  run: string,
): Promise<Contender> => {
  const { engines: count = 1, commitLatencyMs = 0, shelves = 1 } = subject;
  const counts: CommitCounts = { commits: 0, conflicts: 0 };
  const handle = ManagedRuntime.make(KvStore.layer({ path: subject.path }));
  const store = await handle.runPromise(Store);
  const layer = Layer.succeed(Store, counted(store, counts, commitLatencyMs));
  const engines = Array.from({ length: count }, () => startEngine(layer, shelves));
  const { plan, order } = orderStream(subject.orders, run);
  const [first] = engines;
  if (first !== undefined && subject.prepare !== false) await prepareEngine(first, plan);
  const send = await sender(engines, order, subject.carts);
  return {
    measure: async ({ clients, seconds, requests }) => {
      const before = { ...counts };
      const outcome = await closedLoop({ clients, seconds, requests, send });
      const commits = counts.commits - before.commits;
      const conflicts = counts.conflicts - before.conflicts;
      return {
        ...outcome,
        facts: {
          commits,
          conflicts,
          conflictsPerCommit: conflicts / Math.max(1, commits - conflicts),
        },
      };
    },
    close: async () => {
      await Promise.all(engines.map((engine) => engine.dispose()));
      await handle.dispose();
    },
  };
};
