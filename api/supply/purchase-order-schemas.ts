/** Schemas of purchase orders, and how one is shown. */
import { Schema } from "effect";
import { Identifier, Reason, Sku } from "../../src/kernel/vocabulary.ts";
import { supplyLimits } from "../../src/supply/limits.ts";
import { type PurchaseOrder, purchaseOrderStatuses } from "../../src/supply/purchase-order.ts";
import { openUnits } from "../../src/supply/purchase-order-lines.ts";
import { count, time } from "../http/schemas.ts";
import {
  Bucket,
  documentFields,
  ExpectedAt,
  lineId,
  pendingFields,
  someEntries,
  stepFields,
  StepReference,
  units,
} from "./schemas.ts";

export const PurchaseOrderStatus = Schema.Literals(purchaseOrderStatuses).annotate({
  identifier: "PurchaseOrderState",
  description:
    "`changing`: orders that are promised its units are told that they came, or will not, in a moment",
});

const LineReceipt = Schema.Struct({
  receiptId: Schema.String,
  quantity: count,
  rejected: count,
  bucket: Schema.optionalKey(Schema.String),
}).annotate({ identifier: "PurchaseOrderLineReceipt" });

const Line = Schema.Struct({
  id: Schema.String,
  sku: Schema.String,
  ordered: count,
  received: count.annotate({ description: "Units that came, those unfit for sale among them" }),
  rejected: count.annotate({ description: "Units that came and are unfit for sale" }),
  cancelled: count.annotate({ description: "Units that were given up" }),
  expected: count.annotate({ description: "Units that are still to come" }),
  ...pendingFields,
  expectedAt: time,
  receipts: Schema.Array(LineReceipt),
}).annotate({ identifier: "PurchaseOrderLineView" });

export const PurchaseOrderView = Schema.Struct({
  ...documentFields,
  status: PurchaseOrderStatus,
  supplierId: Schema.optionalKey(Schema.String),
  locationId: Schema.String,
  overReceiptPercent: count,
  lines: Schema.Array(Line),
  receipts: Schema.Array(
    Schema.Struct(stepFields).annotate({ identifier: "PurchaseOrderReceipt" }),
  ),
}).annotate({ identifier: "PurchaseOrder" });

/** A document as clients see it. */
export const purchaseOrderView = (order: PurchaseOrder): typeof PurchaseOrderView.Type => {
  const { fingerprint: _, ended: __, lines, receipts, externalId, channel, supplierId, ...rest } =
    order;
  return {
    ...rest,
    ...(externalId === undefined ? {} : { externalId }),
    ...(channel === undefined ? {} : { channel }),
    ...(supplierId === undefined ? {} : { supplierId }),
    lines: lines.map((line) => ({
      ...line,
      expected: openUnits(line),
      receipts: receipts.flatMap(({ id, lines: received }) =>
        received.filter(({ lineId }) => lineId === line.id).map((
          { quantity, rejected, bucket },
        ) => ({
          ...{ receiptId: id, quantity, rejected },
          ...(bucket === undefined ? {} : { bucket }),
        }))
      ),
    })),
    receipts: receipts.map(({ id, reference, at, by }) => ({
      ...{ id, at, by },
      ...(reference === undefined ? {} : { reference }),
    })),
  };
};

export const NewLine = Schema.Struct({
  sku: Sku,
  quantity: units(1),
  expectedAt: Schema.optionalKey(
    ExpectedAt.annotate({ description: "Absent: that of the request" }),
  ),
}).annotate({ identifier: "NewPurchaseOrderLine" });

const OverReceiptPercent = Schema.Int.check(
  Schema.isBetween({ minimum: 0, maximum: supplyLimits.overReceiptPercent }),
).annotate({ description: "Units beyond those ordered that may come, in percent of them" });

export const PlaceRequest = Schema.Struct({
  externalId: Schema.optionalKey(Identifier),
  supplierId: Schema.optionalKey(Identifier),
  channel: Schema.optionalKey(Identifier),
  locationId: Identifier,
  expectedAt: Schema.optionalKey(ExpectedAt),
  overReceiptPercent: Schema.optionalKey(OverReceiptPercent),
  lines: someEntries(NewLine),
}).annotate({
  identifier: "PlacePurchaseOrderRequest",
  examples: [{
    externalId: "PO-4711",
    supplierId: "potter",
    locationId: "ams",
    expectedAt: "2030-05-04T08:00:00Z",
    lines: [{ sku: "MUG-01", quantity: 100 }],
  }],
});

export const ChangeRequest = Schema.Struct({
  lines: Schema.optionalKey(someEntries(
    Schema.Struct({
      lineId,
      quantity: Schema.optionalKey(
        units(0).annotate({ description: "Units ordered in all: not below those that came" }),
      ),
      expectedAt: Schema.optionalKey(ExpectedAt),
    }).annotate({ identifier: "PurchaseOrderLineChange" }),
  )),
  add: Schema.optionalKey(someEntries(NewLine)),
  expectedAt: Schema.optionalKey(ExpectedAt.annotate({
    description: "Of all lines of which units are still to come, but for those that say their own",
  })),
  overReceiptPercent: Schema.optionalKey(OverReceiptPercent),
}).annotate({
  identifier: "ChangePurchaseOrderRequest",
  examples: [{ expectedAt: "2030-05-11T08:00:00Z" }],
});

export const ReceiveRequest = Schema.Struct({
  reference: Schema.optionalKey(StepReference),
  lines: Schema.optionalKey(
    someEntries(
      Schema.Struct({
        lineId,
        quantity: units(1).annotate({ description: "Units that came, all of them" }),
        rejected: Schema.optionalKey(
          units(0).annotate({
            description: "Of these, units unfit for sale: on hand, and unavailable",
          }),
        ),
        bucket: Schema.optionalKey(Bucket),
      }).annotate({ identifier: "PurchaseOrderReceiptLine" }),
    ).annotate({ description: "Absent: all that is still to come" }),
  ),
}).annotate({
  identifier: "ReceivePurchaseOrderRequest",
  examples: [{ reference: "DN-1" }],
});

export const ReasonRequest = Schema.Struct({ reason: Schema.optionalKey(Reason) }).annotate({
  identifier: "EndPurchaseOrderRequest",
  examples: [{ reason: "The supplier has no more" }],
});
