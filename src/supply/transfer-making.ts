/** How a transfer is made of a request. */
import { Result } from "effect";
import { digestOf } from "../kernel/hash.ts";
import type { Instant } from "../kernel/instant.ts";
import { transferLineIds } from "./ids.ts";
import type { Transfer, TransferLine } from "./transfer.ts";

export interface TransferRequest {
  readonly externalId?: string | undefined;
  readonly channel?: string | undefined;
  readonly from: string;
  readonly to: string;
  readonly expectedAt: Instant;
  readonly forOrderId?: string | undefined;
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
}

/** What the request says, whatever the order of its members. */
export const transferFingerprint = (request: TransferRequest): string =>
  digestOf([
    request.externalId,
    request.channel,
    request.from,
    request.to,
    request.expectedAt,
    request.forOrderId,
    request.lines.map(({ sku, quantity }) => [sku, quantity]),
  ]);

const newLine = (
  transferId: string,
  n: number,
  { sku, quantity }: TransferRequest["lines"][number],
): TransferLine => ({
  ...{ id: transferLineIds.of(transferId, n), sku, quantity, shipped: 0, received: 0, damaged: 0 },
  ...{ lost: 0, returned: 0, released: 0, arriving: 0, cutting: 0 },
});

export const transferMaking = (request: TransferRequest) => {
  const { externalId, channel, from, to, expectedAt, forOrderId } = request;
  const fingerprint = transferFingerprint(request);
  return {
    reference: `${channel ?? ""} ${externalId ?? fingerprint}`,
    make: (id: string, now: Instant) => {
      const state: Transfer = {
        ...{ id, status: "requested", version: 0, createdAt: now, updatedAt: now },
        ...(externalId === undefined ? {} : { externalId }),
        ...(channel === undefined ? {} : { channel }),
        ...(forOrderId === undefined ? {} : { forOrderId }),
        ...{ from, to, expectedAt, shipments: [], receipts: [], fingerprint },
        lines: request.lines.map((line, n) => newLine(id, n + 1, line)),
      };
      return Result.succeed({ state, personal: null });
    },
    opening: { type: "request" } as const,
  };
};
