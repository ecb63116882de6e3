/** Schemas of transfers, and how one is shown. */
import { Schema } from "effect";
import { Identifier, Reason, Sku } from "../../src/kernel/vocabulary.ts";
import { restRules, type Transfer, transferStatuses } from "../../src/supply/transfer.ts";
import { unitsInTransit } from "../../src/supply/transfer-lines.ts";
import { count, time } from "../http/schemas.ts";
import {
  Bucket,
  documentFields,
  ExpectedAt,
  lineId,
  LineUnits,
  pendingFields,
  someEntries,
  stepFields,
  StepReference,
  units,
} from "./schemas.ts";

export const TransferStatus = Schema.Literals(transferStatuses).annotate({
  identifier: "TransferState",
  description:
    "`changing`: orders that are promised its units are told that they came, or will not, in a moment",
});

const ReceiptLine = Schema.Struct({
  lineId: Schema.String,
  quantity: count.annotate({ description: "Units that came, all of them" }),
  damaged: count.annotate({ description: "Of these, units that are not for sale" }),
  bucket: Schema.optionalKey(Schema.String),
  lost: count.annotate({ description: "Units that will not come" }),
}).annotate({ identifier: "TransferReceivedLine" });

const Line = Schema.Struct({
  id: Schema.String,
  sku: Schema.String,
  quantity: count.annotate({
    description: "Units requested: those that have not left are claimed at the source",
  }),
  shipped: count,
  received: count.annotate({ description: "Units that came and are for sale" }),
  damaged: count.annotate({ description: "Units that came and are not for sale" }),
  lost: count,
  returned: count.annotate({ description: "Units that went back to the source" }),
  released: count.annotate({ description: "Units that will not leave the source" }),
  inTransit: count.annotate({
    description: "`shipped` less `received`, `damaged`, `lost` and `returned`",
  }),
  ...pendingFields,
}).annotate({ identifier: "TransferLineView" });

export const TransferView = Schema.Struct({
  ...documentFields,
  status: TransferStatus,
  from: Schema.String,
  to: Schema.String,
  expectedAt: time,
  forOrderId: Schema.optionalKey(Schema.String),
  lines: Schema.Array(Line),
  shipments: Schema.Array(
    Schema.Struct({
      ...stepFields,
      lines: Schema.Array(
        Schema.Struct({ lineId: Schema.String, quantity: count })
          .annotate({ identifier: "TransferShippedLine" }),
      ),
    }).annotate({ identifier: "TransferShipment" }),
  ),
  receipts: Schema.Array(
    Schema.Struct({ ...stepFields, lines: Schema.Array(ReceiptLine) })
      .annotate({ identifier: "TransferReceipt" }),
  ),
}).annotate({ identifier: "Transfer" });

/** What clients are shown of a transfer. */
export const transferView = (transfer: Transfer) => {
  const { fingerprint: _, ended: __, lines, ...rest } = transfer;
  return { ...rest, lines: lines.map((line) => ({ ...line, inTransit: unitsInTransit(line) })) };
};

export const RequestTransferRequest = Schema.Struct({
  externalId: Schema.optionalKey(Identifier),
  channel: Schema.optionalKey(Identifier),
  from: Identifier.annotate({ description: "The location that the goods leave" }),
  to: Identifier.annotate({ description: "The location that they go to" }),
  expectedAt: ExpectedAt,
  forOrderId: Schema.optionalKey(
    Identifier.annotate({ description: "The order that they are for, for whoever reads it" }),
  ),
  lines: someEntries(
    Schema.Struct({ sku: Sku, quantity: units(1) }).annotate({ identifier: "NewTransferLine" }),
  ),
}).annotate({
  identifier: "RequestTransferRequest",
  examples: [{
    externalId: "TO-17",
    from: "ams",
    to: "store-1",
    expectedAt: "2030-05-04T08:00:00Z",
    lines: [{ sku: "MUG-01", quantity: 12 }],
  }],
});

export const ShipTransferRequest = Schema.Struct({
  reference: Schema.optionalKey(StepReference),
  expectedAt: Schema.optionalKey(ExpectedAt),
  lines: Schema.optionalKey(
    someEntries(LineUnits).annotate({ description: "Absent: all that have not left" }),
  ),
}).annotate({ identifier: "ShipTransferRequest", examples: [{ reference: "VAN-1" }] });

export const ChangeTransferRequest = Schema.Struct({ expectedAt: ExpectedAt }).annotate({
  identifier: "ChangeTransferRequest",
  examples: [{ expectedAt: "2030-05-11T08:00:00Z" }],
});

export const ReceiveTransferRequest = Schema.Struct({
  reference: Schema.optionalKey(StepReference),
  lines: Schema.optionalKey(
    someEntries(
      Schema.Struct({
        lineId,
        quantity: Schema.optionalKey(
          units(0).annotate({ description: "Units that came, all of them" }),
        ),
        damaged: Schema.optionalKey(
          units(0).annotate({
            description: "Of these, units that are not for sale: on hand, and unavailable",
          }),
        ),
        bucket: Schema.optionalKey(Bucket),
        lost: Schema.optionalKey(
          units(0).annotate({ description: "Units that will not come" }),
        ),
      }).annotate({ identifier: "TransferReceiptLine" }),
    ).annotate({ description: "Absent: all that is on its way" }),
  ),
}).annotate({ identifier: "ReceiveTransferRequest", examples: [{ reference: "DN-1" }] });

export const CloseTransferRequest = Schema.Struct({ reason: Schema.optionalKey(Reason) }).annotate({
  identifier: "CloseTransferRequest",
  examples: [{ reason: "The van was stolen" }],
});

export const CancelTransferRequest = Schema.Struct({
  rest: Schema.optionalKey(
    Schema.Literals(restRules).annotate({
      description:
        "What becomes of units that have left: they go back, which is the default, or are lost",
    }),
  ),
  reason: Schema.optionalKey(Reason),
}).annotate({ identifier: "CancelTransferRequest", examples: [{ rest: "return" }] });
