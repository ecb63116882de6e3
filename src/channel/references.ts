/** Channels with settings, as a reference: every process knows them all. */
import { Schema } from "effect";
import { reference, savedFields } from "../subject/reference.ts";
import { type Channel, exposures } from "./channel.ts";
import { channelLimits } from "./limits.ts";

const Units = Schema.Struct({ units: Schema.Int });
const Percent = Schema.Struct({ percent: Schema.Int });

export const channels = reference<Channel>({
  name: "channel",
  idOf: ({ id }) => id,
  schema: Schema.Struct({
    id: Schema.String,
    locationIds: Schema.optionalKey(Schema.Array(Schema.String)),
    excludeLocationIds: Schema.optionalKey(Schema.Array(Schema.String)),
    buffer: Schema.optionalKey(Schema.Union([Units, Percent])),
    buffers: Schema.optionalKey(
      Schema.Array(
        Schema.Union([
          Schema.Struct({ sku: Schema.String, ...Units.fields }),
          Schema.Struct({ sku: Schema.String, ...Percent.fields }),
        ]),
      ),
    ),
    exposes: Schema.Literals(exposures),
    ...savedFields,
  }),
  limit: channelLimits.channels,
  memory: { type: "all" },
});
