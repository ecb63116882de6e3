/**
 * What a channel sells of: the locations that serve it, and how many units of each SKU it leaves to others. A
 * channel without settings sells of all locations, to the last unit. Pure.
 */
import { availableOver, type Buffer } from "../stock/available-for.ts";
import type { Saved } from "../subject/reference.ts";

/** What the channel is told of: one sum, or the units at each location. */
export const exposures = ["sum", "locations"] as const;
export type Exposure = (typeof exposures)[number];

export type SkuBuffer = Buffer & { readonly sku: string };

export interface Channel extends Saved {
  readonly id: string;
  /** The only locations that serve it. At most one of the two lists is there; without one, all do. */
  readonly locationIds?: readonly string[];
  /** The locations that do not. */
  readonly excludeLocationIds?: readonly string[];
  /** What is kept back of each SKU; nothing when absent. */
  readonly buffer?: Buffer;
  /** What is kept back of these SKUs instead. */
  readonly buffers?: readonly SkuBuffer[];
  readonly exposes: Exposure;
}

interface ListedLocation {
  readonly id: string;
  readonly active: boolean;
}

/** A channel, and the locations that orders of it are sent to. */
export interface ChannelPool<Location extends ListedLocation = ListedLocation> {
  readonly channel: Channel;
  readonly locations: readonly Location[];
  readonly locationIds: ReadonlySet<string>;
}

const serves = (channel: Channel): (location: ListedLocation) => boolean => {
  const only = channel.locationIds === undefined ? undefined : new Set(channel.locationIds);
  const not = new Set(channel.excludeLocationIds);
  return ({ id, active }) => active && !not.has(id) && (only === undefined || only.has(id));
};

type Pools = WeakMap<Channel, ChannelPool>;

/** Each channel's pool is made once of a list of locations: all of its orders are routed over the same one. */
const pools = new WeakMap<readonly ListedLocation[], Pools>();

const poolIn = <Location extends ListedLocation>(
  channel: Channel,
  locations: readonly Location[],
): ChannelPool<Location> => {
  let ofList = pools.get(locations);
  if (ofList === undefined) {
    ofList = new WeakMap();
    pools.set(locations, ofList);
  }
  let pool = ofList.get(channel);
  if (pool === undefined) {
    const served = locations.filter(serves(channel));
    pool = { channel, locations: served, locationIds: new Set(served.map(({ id }) => id)) };
    ofList.set(channel, pool);
  }
  return pool as ChannelPool<Location>;
};

/** The pool of a channel by its name; undefined for a channel without settings. */
export const poolOf = <Location extends ListedLocation>(
  channels: readonly Channel[],
  name: string,
  locations: readonly Location[],
): ChannelPool<Location> | undefined => {
  if (channels.length === 0) return undefined;
  const channel = channels.find(({ id }) => id === name);
  return channel === undefined ? undefined : poolIn(channel, locations);
};

/** Those of some locations that serve the channel: of the list that the pool was made of, the very same list. */
export const servedOf = <Location extends ListedLocation>(
  { channel, locationIds }: ChannelPool,
  locations: readonly Location[],
): readonly Location[] =>
  pools.get(locations)?.get(channel)?.locations as readonly Location[] | undefined ??
    locations.filter(({ id }) => locationIds.has(id));

const buffersBySku = new WeakMap<readonly SkuBuffer[], ReadonlyMap<string, SkuBuffer>>();

/** What a channel keeps back of a SKU; undefined for nothing. */
export const bufferOf = ({ buffer, buffers }: Channel, sku: string): Buffer | undefined => {
  if (buffers === undefined) return buffer;
  let bySku = buffersBySku.get(buffers);
  if (bySku === undefined) {
    bySku = new Map(buffers.map((each) => [each.sku, each]));
    buffersBySku.set(buffers, bySku);
  }
  return bySku.get(sku) ?? buffer;
};

const noBuffer: Buffer = { units: 0 };

/** Units of a SKU that a channel may sell, of those that may be promised at each location. */
export const channelAvailability = (
  { channel, locations }: ChannelPool,
  sku: string,
  available: (locationId: string, sku: string) => number,
): number =>
  availableOver(
    locations.map(({ id }) => available(id, sku)),
    bufferOf(channel, sku) ?? noBuffer,
  );
