/** Webhook endpoints and a stock feed of the simulated world: the other ends of their lanes are sinks, which know no secrets. */
import type { StockFeed } from "../../src/stock-feed/feed.ts";
import { stockFeeds } from "../../src/stock-feed/references.ts";
import { webhooks } from "../../src/webhook/references.ts";
import type { Described } from "../../src/subject/reference.ts";
import type { Webhook } from "../../src/webhook/webhook.ts";
import type { Request } from "./operation.ts";

const secret = {
  sealed: { k: "00000000", iv: "", data: "" },
  createdAt: "2030-01-01T00:00:00.000Z",
  endsAt: null,
};

const endpoint = (id: string, more: Partial<Webhook> = {}): Described<Webhook> => ({
  ...{ id, url: "https://example.com/hook", types: ["*"], filter: {}, include: [] },
  ...{ ordering: "order", description: "", enabled: true, disabled: null, start: 0 },
  secrets: [secret],
  owner: { keyId: "key_somebody", role: "admin", scope: {} },
  ...more,
});

const disabled: Partial<Webhook> = {
  enabled: false,
  disabled: { code: "by_hand", reason: "", at: "2030-01-01T00:00:00.000Z" },
};

const save = (document: Described<Webhook>): Request => ({
  type: "save",
  reference: webhooks,
  document,
});

/** What an endpoint is: told of everything, or of orders of a channel, one event after another. */
const kinds: readonly Partial<Webhook>[] = [
  {},
  { types: ["order.*"], filter: { channel: "web" }, ordering: "endpoint" },
];

/** Makes endpoints, each of its kind. */
export const saveEndpoints: readonly Request[] = kinds.map((kind, n) =>
  save(endpoint(`whk_${n}`, kind))
);

/** A feed of the stock of some locations. */
export const saveFeed = (locationIds: readonly string[]): Request => {
  const document: Described<StockFeed> = {
    ...{ id: "shop", url: "https://example.com/stock", locationIds, buffer: 1 },
    ...{ minIntervalMs: 500, batchSize: 3, description: "", enabled: true, disabled: null },
    ...{ madeBy: "key_somebody", secrets: [secret] },
  };
  return { type: "save", reference: stockFeeds, document };
};

/** Disables one, or has it go on where it stopped. */
export const turnEndpoint = (n: number, enabled: boolean): Request =>
  save(endpoint(`whk_${n}`, { ...kinds[n], ...(enabled ? {} : disabled) }));
