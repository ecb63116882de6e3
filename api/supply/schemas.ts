/** Schemas that requests and answers about purchase orders and transfers share. */
import { bucketNames } from "../../src/stock/buckets.ts";
import { Schema } from "effect";
import { textLimits } from "../../src/kernel/limits.ts";
import {
  described,
  Identifier,
  optionalList,
  Sku,
  text,
  Timestamp,
} from "../../src/kernel/vocabulary.ts";
import { supplyLimits } from "../../src/supply/limits.ts";
import { count, time } from "../http/schemas.ts";

export const units = (minimum: 0 | 1) =>
  Schema.Int.check(Schema.isBetween({ minimum, maximum: supplyLimits.unitsPerLine }));

/** A list with at least one entry. */
export const someEntries = <Item extends Schema.Top>(item: Item) =>
  Schema.Array(item).check(Schema.isMinLength(1), Schema.isMaxLength(supplyLimits.lines));

/** A list that may be left out, and then means what the description says. */
export const fewEntries = <Item extends Schema.Top>(item: Item, description?: string) =>
  optionalList(item, {
    mostEntries: supplyLimits.lines,
    ...(description === undefined ? {} : { description }),
  });

export const StepReference = described(
  text(textLimits.name),
  "The sender's name of it, such as the number of a delivery note: the same again is done once",
);

export const Bucket = Schema.Literals(bucketNames).annotate({
  identifier: "ReceivedBucket",
  description: "What is wrong with the units that are not for sale",
});

export const ExpectedAt = Timestamp.annotate({ description: "When the units are to be there" });

export const lineId = Identifier;
export const sku = Sku;

export const LineUnits = Schema.Struct({ lineId, quantity: units(1) }).annotate({
  identifier: "SupplyLineQuantity",
});

/** Members of every document. */
export const documentFields = {
  id: Schema.String,
  version: Schema.Int,
  externalId: Schema.optionalKey(Schema.String),
  channel: Schema.optionalKey(Schema.String),
  createdAt: time,
  updatedAt: time,
};

/** Units that are moved with the orders that are promised them; zero where nothing waits. */
export const pendingFields = {
  arriving: count.annotate({
    description: "Units that have come, and go to the orders that are promised them in a moment",
  }),
  cutting: count.annotate({
    description: "Units that will not come, and that orders are still promised for a moment",
  }),
};

/** Members of a delivery, or of a shipment. */
export const stepFields = {
  id: Schema.String,
  reference: Schema.optionalKey(Schema.String),
  at: time,
  by: Schema.String.annotate({ description: "The id of an API key, or `system`" }),
};
