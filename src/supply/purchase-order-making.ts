/** How a purchase order is made of a request. */
import { Result } from "effect";
import { digestOf } from "../kernel/hash.ts";
import type { Instant } from "../kernel/instant.ts";
import type { NewPurchaseOrderLine, PurchaseOrder } from "./purchase-order.ts";
import { newLine } from "./purchase-order-change.ts";

export interface PurchaseOrderRequest {
  readonly externalId?: string | undefined;
  readonly supplierId?: string | undefined;
  readonly channel?: string | undefined;
  readonly locationId: string;
  readonly overReceiptPercent?: number | undefined;
  readonly lines: readonly NewPurchaseOrderLine[];
}

/** What the request says, whatever the order of its members. */
export const purchaseOrderFingerprint = (request: PurchaseOrderRequest): string =>
  digestOf([
    request.externalId,
    request.supplierId,
    request.channel,
    request.locationId,
    request.overReceiptPercent ?? 0,
    request.lines.map(({ sku, quantity, expectedAt }) => [sku, quantity, expectedAt]),
  ]);

export const purchaseOrderMaking = (request: PurchaseOrderRequest) => {
  const { externalId, supplierId, channel, locationId, overReceiptPercent = 0 } = request;
  const fingerprint = purchaseOrderFingerprint(request);
  return {
    reference: `${supplierId ?? channel ?? ""} ${externalId ?? fingerprint}`,
    make: (id: string, now: Instant) => {
      const state: PurchaseOrder = {
        ...{ id, status: "open", version: 0, createdAt: now, updatedAt: now },
        ...(externalId === undefined ? {} : { externalId }),
        ...(supplierId === undefined ? {} : { supplierId }),
        ...(channel === undefined ? {} : { channel }),
        ...{ locationId, overReceiptPercent, receipts: [], fingerprint },
        lines: request.lines.map((line, n) => newLine(id, n + 1, line)),
      };
      return Result.succeed({ state, personal: null });
    },
    opening: { type: "place" } as const,
  };
};
