/**
 * The scenarios that are measured against each other, all in turns: `hot`, `spread`, `ceiling`, `naive`, and
 * the peers.
 */
import { type PeerServers, startPeers } from "../peers/peers.ts";
import { subjects } from "../report/ratios.ts";
import type { Context, Entrant, StoppedStore } from "../suite/context.ts";
import type { ScenarioName } from "../suite/plan.ts";
import type { Worker } from "../suite/worker.ts";

interface Lane {
  readonly entrants: readonly Entrant[];
  /** An engine's store, to be verified when the engine has stopped. */
  readonly store?: StoppedStore;
  /** Reads a store that is not an engine's. */
  readonly audit?: () => Promise<void>;
}

const inProcessClients = 256;
const httpClients = 64;
const naiveClients = 64;
const spreadClients = 256;

const connectionsText = (count: number, what = "connection"): string =>
  `${count} ${what}${count === 1 ? "" : "s"}`;

const entrantsOf = (
  worker: Worker,
  scenario: Entrant["scenario"],
  subject: string,
  seconds: number,
  clients: readonly number[],
  what?: string,
): readonly Entrant[] =>
  clients.map((count) => ({
    scenario,
    subject,
    setting: connectionsText(count, what),
    at: count,
    measure: () => worker.measure({ clients: count, seconds }),
  }));

const warm = async (worker: Worker, clients: number, seconds: number): Promise<void> => {
  await worker.measure({ clients, seconds });
};

const engineLane = async (
  context: Context,
  scenario: ScenarioName,
  subject: string,
  orders: "hot" | "spread-skus" | "spread-locations",
  clients: readonly number[],
): Promise<Lane> => {
  const path = context.storePath(orders);
  const worker = await context.worker({ kind: "engine", path, orders });
  const { hotWarmUpSeconds, engineWarmUpSeconds } = context.plan;
  await warm(worker, inProcessClients, scenario === "hot" ? hotWarmUpSeconds : engineWarmUpSeconds);
  return {
    entrants: entrantsOf(worker, scenario, subject, context.plan.seconds, clients, "client"),
    store: { scenario, name: subject, path },
  };
};

const httpLane = async (context: Context): Promise<Lane> => {
  const path = context.storePath("http");
  const server = await context.server(path);
  const { url, key } = server;
  const worker = await context.worker({
    kind: "http",
    url,
    key,
    traffic: { kind: "orders", orders: "hot" },
  });
  const { seconds, connections, hotWarmUpSeconds } = context.plan;
  await warm(worker, httpClients, hotWarmUpSeconds);
  return {
    entrants: entrantsOf(worker, "hot", subjects.http, seconds, connections),
    store: { scenario: "hot", name: subjects.http, path },
  };
};

const ceilingLanes = async (context: Context): Promise<readonly Lane[]> => {
  const { seconds } = context.plan;
  const store = await context.worker({ kind: "ceiling", folder: context.folder });
  const facts = Object.entries(store.opened).map(([name, value]) => `${name} ${value}`).join(", ");
  context.say(`  ceiling    ${facts}`);
  const hono = await context.worker({ kind: "hono" });
  const load = await context.worker({
    kind: "http",
    url: `http://127.0.0.1:${hono.opened["port"]}`,
    key: "none",
    traffic: { kind: "echo" },
  });
  await warm(load, httpClients, context.plan.engineWarmUpSeconds);
  const ordersPerCommit = store.opened["ordersPerCommit"] ?? 1;
  return [
    {
      entrants: [{
        scenario: "ceiling",
        subject: subjects.ceiling,
        setting: `${ordersPerCommit} orders a commit`,
        at: ordersPerCommit,
        measure: () => store.measure({ clients: 1, seconds }),
      }],
    },
    { entrants: entrantsOf(load, "ceiling", subjects.hono, seconds, [httpClients]) },
  ];
};

const naiveLane = async (context: Context): Promise<Lane> => {
  const worker = await context.worker({ kind: "naive", path: context.storePath("naive") });
  const { seconds } = context.plan;
  return {
    entrants: entrantsOf(worker, "naive", subjects.naive, seconds, [naiveClients], "worker"),
    audit: async () => context.audited("naive", subjects.naive, await worker.audit()),
  };
};

const peerLanes = async (context: Context, peers: PeerServers): Promise<readonly Lane[]> => {
  const { seconds, peerConnections, warmUpSeconds } = context.plan;
  const wanted = [
    ...(peers.redisPort === undefined
      ? []
      : [[subjects.redis, { kind: "redis", port: peers.redisPort }] as const]),
    ...(peers.postgresPort === undefined ? [] : [
      [
        subjects.transaction,
        { kind: "postgres", port: peers.postgresPort, variant: "transaction" },
      ] as const,
      [
        subjects.procedure,
        { kind: "postgres", port: peers.postgresPort, variant: "procedure" },
      ] as const,
    ]),
  ];
  const lanes: Lane[] = [];
  for (const [subject, opened] of wanted) {
    const worker = await context.worker(opened);
    await worker.measure({ clients: 16, seconds: warmUpSeconds });
    lanes.push({
      entrants: entrantsOf(worker, "peers", subject, seconds, peerConnections),
      audit: async () => context.audited("peers", subject, await worker.audit()),
    });
  }
  return lanes;
};

export const runCore = async (context: Context): Promise<void> => {
  const { plan } = context;
  const asked = (name: ScenarioName) => plan.scenarios.includes(name);
  const lanes: Lane[] = [];
  const peers = plan.peers ? await startPeers(context) : undefined;
  if (asked("hot")) {
    lanes.push(await engineLane(context, "hot", subjects.inProcess, "hot", plan.connections));
    lanes.push(await httpLane(context));
  }
  if (asked("spread")) {
    const clients = [spreadClients];
    lanes.push(await engineLane(context, "spread", subjects.skus, "spread-skus", clients));
    lanes.push(await engineLane(context, "spread", subjects.places, "spread-locations", clients));
  }
  if (asked("ceiling")) lanes.push(...await ceilingLanes(context));
  if (asked("naive")) lanes.push(await naiveLane(context));
  if (peers !== undefined) lanes.push(...await peerLanes(context, peers));
  await context.alternate(lanes.flatMap(({ entrants }) => entrants));
  for (const { audit } of lanes) await audit?.();
  await context.closeAll();
  await context.verify(lanes.flatMap(({ store }) => store === undefined ? [] : [store]));
};
