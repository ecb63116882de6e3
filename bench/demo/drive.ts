/** Fills the engine with a small business and keeps it going, through the public API alone. */
import { Effect, Schedule, Semaphore } from "effect";
import { Anything, type Client, CreatedKey, makeClient } from "./client.ts";
import { life, type LifeClients } from "./life.ts";
import { introduce } from "./money.ts";
import { receive } from "./receipts.ts";
import { calendars, channels, items, locations, transitTables } from "./world.ts";

/** Orders under way at once; while there are so many, no further ones are placed. */
const livesAtOnce = 500;
const oftenMs = 5_000;
const seldomMs = 45_000;

const stockTheShelves = Effect.fnUntraced(function* (admin: Client) {
  for (const [id, body] of Object.entries(calendars)) {
    yield* admin.ask(Anything, "PUT", `/v1/calendars/${id}`, body);
  }
  for (const [id, body] of Object.entries(transitTables)) {
    yield* admin.ask(Anything, "PUT", `/v1/carriers/${id}`, body);
  }
  for (const { id, city, country, ...described } of locations) {
    const body = { ...described, address: { line1: "Harbour 1", city, country } };
    yield* admin.ask(Anything, "PUT", `/v1/locations/${id}`, body);
  }
  for (const { sku, name, weightGrams, digital = false } of items) {
    const body = { name, digital, ...(weightGrams === undefined ? {} : { weightGrams }) };
    yield* admin.ask(Anything, "PUT", `/v1/items/${sku}`, body);
  }
});

const makeKeys = Effect.fnUntraced(function* (address: string, admin: Client) {
  const make = (name: string, role: string, scope = {}) =>
    admin.ask(CreatedKey, "POST", "/v1/admin/keys", { name, role, scope });
  const byChannel = new Map<string, Client>();
  for (const channel of channels) {
    const { key } = yield* make(`demo: ${channel}`, "channel", { channel });
    byChannel.set(channel, makeClient(address, key));
  }
  const { id, key } = yield* make("demo: operations", "operations");
  const operations = makeClient(address, key);
  const support = yield* make("demo: support", "support");
  const finance = yield* make("demo: finance", "finance");
  return {
    operations,
    support: makeClient(address, support.key),
    finance: makeClient(address, finance.key),
    operationsId: id,
    channel: (name) => byChannel.get(name) ?? operations,
  } satisfies LifeClients;
});

/** Runs until it is interrupted. */
export const drive = Effect.fnUntraced(function* (options: {
  readonly address: string;
  readonly adminKey: string;
  readonly ordersPerSecond: number;
  /** Where the payment provider of the demo is called. */
  readonly cardUrl: string;
}) {
  const admin = makeClient(options.address, options.adminKey);
  yield* introduce(admin, options.cardUrl);
  yield* stockTheShelves(admin);
  const clients = yield* makeKeys(options.address, admin);
  const { ordersPerSecond } = options;
  yield* receive(clients.operations, { scarce: false, ordersPerSecond });
  const room = yield* Semaphore.make(livesAtOnce);
  let number = 0;
  const nextLife = Effect.suspend(() =>
    Effect.forkChild(room.withPermitsIfAvailable(1)(life(clients, number++)))
  );
  const receipts = (everyMs: number, scarce: boolean) =>
    Effect.repeat(
      Effect.catch(
        receive(clients.operations, { scarce, ordersPerSecond }),
        ({ detail }) => Effect.logWarning(detail),
      ),
      Schedule.spaced(everyMs),
    );
  yield* Effect.all([
    Effect.repeat(nextLife, Schedule.spaced(1_000 / ordersPerSecond)),
    receipts(oftenMs, false),
    receipts(seldomMs, true),
  ], { concurrency: "unbounded", discard: true });
});
