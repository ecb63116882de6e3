/** Availability and promises as the API takes and answers them. */
import { Schema } from "effect";
import { DateText, ShipDay } from "../../src/calendar/vocabulary.ts";
import { textLimits } from "../../src/kernel/limits.ts";
import {
  Country,
  Identifier,
  Latitude,
  Longitude,
  Sku,
  text,
  Timestamp,
} from "../../src/kernel/vocabulary.ts";
import { orderLimits } from "../../src/order/limits.ts";
import { FulfillmentMethod } from "../../src/order/vocabulary.ts";
import { promiseLimits } from "../../src/supply/limits.ts";
import { promiseModes } from "../../src/supply/promise.ts";
import { count, time } from "../http/schemas.ts";

export const asOfParameter = Timestamp.annotate({
  description: "Answers as if it were then. For admin and operations",
});

/** Supply that was due, is not there, and does not count any more. */
const OverdueSupply = Schema.Struct({
  supplyId: Schema.String,
  sku: Schema.String,
  locationId: Schema.String,
  dueAt: time,
  quantity: count.annotate({ description: "Units that are still expected" }),
}).annotate({ identifier: "OverdueSupply" });

const overdue = Schema.Array(OverdueSupply).annotate({
  description:
    `Supply that was due more than ${promiseLimits.pastDueDays} days ago, and does not count ` +
    `any more; at most ${promiseLimits.overdueShown}`,
});

const SkuAvailability = Schema.Struct({
  sku: Schema.String,
  available: count.annotate({ description: "Units that may be promised now" }),
  byDate: Schema.Array(
    Schema.Struct({
      from: time.annotate({ description: "When they can be shipped" }),
      available: count.annotate({ description: "Units that may be promised from then on, in all" }),
    }).annotate({ identifier: "AvailabilityStep" }),
  ).annotate({
    description: "The first is of now. It never falls: what is needed later is not promised now",
  }),
  locations: Schema.optionalKey(
    Schema.Array(
      Schema.Struct({ locationId: Schema.String, available: count })
        .annotate({ identifier: "AvailabilityAtLocation" }),
    ).annotate({ description: "Of now, for a channel that is told of each location" }),
  ),
  backorderable: Schema.Boolean.annotate({
    description: "Whether more is sold than there is, whatever the order's shortage policy says",
  }),
  method: Schema.Literals(["exact", "bounded"]).annotate({
    description: "`bounded`: there is more supply than is looked at",
  }),
  overdue,
}).annotate({ identifier: "SkuAvailability" });

export const Availability = Schema.Struct({
  asOf: time,
  channel: Schema.NullOr(Schema.String),
  locationIds: Schema.NullOr(Schema.Array(Schema.String)).annotate({
    description: "Null: all that the channel sells of",
  }),
  data: Schema.Array(SkuAvailability),
}).annotate({ identifier: "Availability" });

const Destination = Schema.Struct({
  country: Country,
  region: Schema.optionalKey(text(textLimits.name)),
  postalCode: Schema.optionalKey(text(textLimits.id)),
  latitude: Schema.optionalKey(Latitude),
  longitude: Schema.optionalKey(Longitude),
}).annotate({ identifier: "PromiseDestination" });

const PromiseLine = Schema.Struct({
  sku: Sku,
  quantity: Schema.Int.check(
    Schema.isBetween({ minimum: 1, maximum: orderLimits.unitsPerLine }),
  ),
  method: Schema.optionalKey(FulfillmentMethod),
  locationId: Schema.optionalKey(
    Identifier.annotate({ description: "The only location that will do" }),
  ),
  neededAt: Schema.optionalKey(
    Timestamp.annotate({
      description: "Supply that is later, and still in time, is left to others where it can be",
    }),
  ),
}).check(
  Schema.makeFilter(({ method, locationId }: { method?: string; locationId?: string }) =>
    method !== "pickup" || locationId !== undefined ||
    { path: ["locationId"], issue: "is required for a pickup" }
  ),
).annotate({ identifier: "PromiseLine" });

export const PromiseRequest = Schema.Struct({
  channel: Identifier,
  destination: Schema.optionalKey(Destination),
  lines: Schema.Array(PromiseLine).check(
    Schema.isMinLength(1),
    Schema.isMaxLength(promiseLimits.lines),
  ),
  mode: Schema.optionalKey(
    Schema.Literals(promiseModes).annotate({
      description:
        "`earliest` (default): each unit as early as it can be. `together`: all on one day, the " +
        "first on which all can leave. `fewest`: in as few shipments as can be, and these as early as they can be",
    }),
  ),
  service: Schema.optionalKey(text(textLimits.id)),
  asOf: Schema.optionalKey(asOfParameter),
}).annotate({
  identifier: "PromiseRequest",
  examples: [{
    channel: "web",
    destination: { country: "NL", postalCode: "1015 CJ" },
    lines: [{ sku: "MUG-01", quantity: 2, method: "ship" }],
    mode: "together",
  }],
});

const DeliveryDay = Schema.Struct({
  date: DateText.annotate({ description: "The day at the destination" }),
  carrierId: Schema.String,
  service: Schema.String,
  transitDays: count,
}).annotate({ identifier: "DeliveryDay" });

const PromisedShipment = Schema.Struct({
  locationId: Schema.NullOr(Schema.String).annotate({ description: "Null for digital delivery" }),
  method: FulfillmentMethod,
  lines: Schema.Array(
    Schema.Struct({
      line: count.annotate({ description: "Its place among the lines of the request, from 0" }),
      sku: Schema.String,
      quantity: Schema.Int,
    }).annotate({ identifier: "PromisedLine" }),
  ),
  supply: Schema.Array(
    Schema.Struct({
      supplyId: Schema.String.annotate({
        description: "A line of a purchase order or transfer, or `stock`",
      }),
      sku: Schema.String,
      quantity: Schema.Int,
    }).annotate({ identifier: "PromisedSupply" }),
  ),
  shipBy: ShipDay,
  deliverBy: Schema.NullOr(DeliveryDay).annotate({
    description: "Null where no carrier's table knows",
  }),
}).annotate({ identifier: "PromisedShipment" });

const PromiseReason = Schema.Struct({
  code: Schema.String.annotate({
    description: "`short`, `late`, `location_not_usable`, `location_closed` or `supply_overdue`",
  }),
  detail: Schema.String,
  sku: Schema.optionalKey(Schema.String),
  line: Schema.optionalKey(count),
  locationId: Schema.optionalKey(Schema.String),
  supplyId: Schema.optionalKey(Schema.String),
  requested: Schema.optionalKey(count),
  promised: Schema.optionalKey(count),
  quantity: Schema.optionalKey(count),
}).annotate({ identifier: "PromiseReason" });

export const PromiseAnswer = Schema.Struct({
  asOf: time,
  channel: Schema.String,
  mode: Schema.Literals(promiseModes),
  shipments: Schema.Array(PromisedShipment),
  complete: Schema.Boolean,
  completeAt: Schema.NullOr(time).annotate({
    description: "By when the last of it leaves; null when it is not complete",
  }),
  method: Schema.Literals(["exact", "bounded"]).annotate({
    description: "`bounded`: a search was ended, and a better plan may be possible",
  }),
  reasons: Schema.Array(PromiseReason).annotate({
    description: "Why it is not what was asked for",
  }),
}).annotate({ identifier: "Promise" });
