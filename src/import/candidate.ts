/** The rows of one order, put together as the request that a channel would have sent. */
import type { Draft } from "./draft.ts";

/** Parts that are not there are left out, as the request's schema wants it. */
const present = (
  entries: Readonly<Record<string, unknown>>,
): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(entries).filter(([, value]) =>
      value !== "" && value !== null && value !== undefined
    ),
  );

const nonEmpty = (entries: Record<string, unknown>): Record<string, unknown> | undefined =>
  Object.keys(entries).length === 0 ? undefined : entries;

/** The request that a channel would have sent. Its shape is for the schema to judge. */
export const candidateOf = (channel: string, first: Draft, drafts: readonly Draft[]): unknown => {
  const { shared } = first;
  const money = (amount: string | null | undefined) =>
    amount ? { amount, currency: shared["currency"] } : null;
  return present({
    channel,
    externalId: first.externalId,
    currency: shared["currency"],
    customer: present({
      id: shared["customerId"],
      name: shared["customerName"] ||
        (shared["customerId"] ? `Customer ${shared["customerId"]}` : "Guest"),
      email: shared["customerEmail"],
      phone: shared["customerPhone"],
    }),
    shippingAddress: shared["country"]
      ? present({
        name: shared["addressName"],
        company: shared["company"],
        line1: shared["line1"],
        line2: shared["line2"],
        city: shared["city"],
        region: shared["region"],
        postalCode: shared["postalCode"],
        country: shared["country"],
        phone: shared["phone"],
      })
      : null,
    lines: drafts.map(({ item }) =>
      present({
        sku: item.sku,
        quantity: item.quantity,
        unitPrice: money(item.unitPrice),
        discount: money(item.discount),
        tax: money(item.tax),
        fulfillment: item.method === "" && item.locationId === ""
          ? null
          : present({ method: item.method || "ship", locationId: item.locationId }),
      })
    ),
    shipping: nonEmpty(present({
      service: shared["shippingService"],
      amount: money(shared["shippingAmount"]),
    })),
    placedAt: first.placedAt,
    onShortage: shared["onShortage"],
    metadata: nonEmpty({ ...first.metadata }),
  });
};
