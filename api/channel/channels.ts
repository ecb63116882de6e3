/** Channels: the locations that serve each, and what it leaves to others. */
import { Effect, Schema } from "effect";
import { References } from "../../actors/reference/references.ts";
import { locations } from "../../src/catalog/references.ts";
import { type Channel as ChannelOf, exposures } from "../../src/channel/channel.ts";
import { channelLimits } from "../../src/channel/limits.ts";
import { channels } from "../../src/channel/references.ts";
import { Identifier, optionalList, Sku } from "../../src/kernel/vocabulary.ts";
import type { Buffer } from "../../src/stock/available-for.ts";
import { fail, type ProblemDetail } from "../http/problems.ts";
import { getRoute, listRoute, type ReferenceApi, saveRoute } from "../http/reference.ts";
import type { Tag } from "../http/registry.ts";
import { time } from "../http/schemas.ts";

const channelsTag: Tag = { name: "Channels", description: "What each channel may sell" };

const Exposure = Schema.Literals(exposures).annotate({ identifier: "ChannelExposure" });

const whole = (maximum: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum }));

const amounts = {
  units: Schema.optionalKey(
    whole(channelLimits.bufferUnits).annotate({ description: "So many units" }),
  ),
  percent: Schema.optionalKey(
    whole(100).annotate({
      description: "So many of a hundred of what its locations have available, rounded up",
    }),
  ),
};

interface Amount {
  readonly units?: number;
  readonly percent?: number;
}

const oneOfTwo = Schema.makeFilter(({ units, percent }: Amount) =>
  units === undefined
    ? percent !== undefined || "must have either units or percent"
    : percent === undefined || [{ path: ["percent"], issue: "cannot stand beside units" }]
);

const BufferBody = Schema.Struct(amounts).check(oneOfTwo).annotate({
  identifier: "ChannelBuffer",
});

const SkuBufferBody = Schema.Struct({ sku: Sku, ...amounts }).check(oneOfTwo).annotate({
  identifier: "ChannelSkuBuffer",
});

const someLocations = (description: string) =>
  optionalList(Identifier, { mostEntries: channelLimits.locations, description });

const settings = {
  locationIds: someLocations(
    "The only locations that its orders are sent to; absent: all, but those excluded",
  ),
  excludeLocationIds: someLocations("Locations that its orders are not sent to"),
  buffer: Schema.optionalKey(
    BufferBody.annotate({
      description:
        "What is kept back of each SKU, of the sum over its locations. A margin and no guard: what " +
        "several processes sell at once may go into it, and never beyond what is there",
    }),
  ),
  buffers: optionalList(SkuBufferBody, {
    mostEntries: channelLimits.buffers,
    description: "What is kept back of these SKUs instead",
  }),
};

const ChannelBody = Schema.Struct({
  ...settings,
  exposes: Schema.optionalKey(
    Exposure.annotate({
      description: "What it is told of: one sum, or the units at each location. Default `sum`",
    }),
  ),
}).annotate({
  identifier: "ChannelRequest",
  examples: [{
    locationIds: ["ams"],
    buffer: { percent: 10 },
    buffers: [{ sku: "MUG-01", units: 2 }],
  }],
});

const Channel = Schema.Struct({
  id: Schema.String,
  ...settings,
  exposes: Exposure,
  createdAt: time,
  updatedAt: time,
  version: Schema.Int,
}).annotate({ identifier: "Channel" });

type Body = typeof ChannelBody.Type;

const bufferOf = ({ units = 0, percent }: Amount): Buffer =>
  percent === undefined ? { units } : { percent };

const channelOf = (id: string, { buffer, buffers, ...body }: Body) => ({
  id,
  exposes: "sum" as const,
  ...body,
  ...(buffer === undefined ? {} : { buffer: bufferOf(buffer) }),
  ...(buffers === undefined
    ? {}
    : { buffers: buffers.map(({ sku, ...amount }) => ({ sku, ...bufferOf(amount) })) }),
});

const lists = ["locationIds", "excludeLocationIds"] as const;

const twice = (pointer: string, ids: readonly string[], member = ""): readonly ProblemDetail[] => {
  const seen = new Set<string>();
  return ids.flatMap((id, n) => {
    if (seen.has(id)) return [{ pointer: `${pointer}/${n}${member}`, detail: "comes twice" }];
    seen.add(id);
    return [];
  });
};

/** What the lists say together, and names of locations that are none: as if they served the channel. */
const checkLists = Effect.fnUntraced(function* (body: Body) {
  const known = new Set((yield* (yield* References).all(locations)).map(({ id }) => id));
  const errors = lists.flatMap((list) => {
    const ids = body[list] ?? [];
    const unknown = ids.flatMap((id, n) =>
      known.has(id) ? [] : [{ pointer: `/${list}/${n}`, detail: "is no location" }]
    );
    return [...unknown, ...twice(`/${list}`, ids)];
  });
  if (body.locationIds !== undefined && body.excludeLocationIds !== undefined) {
    errors.push({ pointer: "/excludeLocationIds", detail: "cannot stand beside locationIds" });
  }
  errors.push(...twice("/buffers", (body.buffers ?? []).map(({ sku }) => sku), "/sku"));
  if (errors.length > 0) {
    return yield* fail("invalid-request", "The lists are not as they may be.", { errors });
  }
});

const channelApi: ReferenceApi<ChannelOf, Body> = {
  path: "/v1/channels",
  parameter: "channel",
  id: Identifier,
  body: ChannelBody,
  schema: Channel,
  document: channelOf,
  check: checkLists,
  owner: "channel",
  tags: [channelsTag],
  read: "channels:read",
  write: "channels:write",
};

export const saveChannel = saveRoute(channels, channelApi, {
  operationId: "saveChannel",
  summary: "Say which locations serve a channel, and what it leaves to others",
  description:
    "Its orders are routed over these locations alone, and take no unit of what is kept back. Orders " +
    "that wait get what it may sell from now on. A channel without settings sells of all locations, to " +
    "the last unit.",
});

export const listChannels = listRoute(channels, channelApi, {
  operationId: "listChannels",
  summary: "Channels with settings, by name",
});

export const getChannel = getRoute(channels, channelApi, {
  operationId: "getChannel",
  summary: "The settings of a channel",
});

export const channelRoutes = [saveChannel, listChannels, getChannel];
