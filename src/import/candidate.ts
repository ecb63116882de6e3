/** The rows of one order, put together as the request that a channel would have sent. */
import { moneyOf } from "../kernel/money.ts";
import type { ItemDraft, SharedField } from "./draft.ts";
import type { ImportMapping } from "./mapping.ts";
import type { OrderWorth } from "./worth.ts";

/** What the rows of an order say together. */
export interface OrderDraft {
  readonly externalId: string;
  readonly shared: Readonly<Record<SharedField, string>>;
  readonly placedAt: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly items: readonly ItemDraft[];
}

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
export const candidateOf = (
  channel: string,
  { externalId, shared, placedAt, metadata, items }: OrderDraft,
  worth: OrderWorth,
  { taxesIncluded }: Pick<ImportMapping, "taxesIncluded">,
): unknown => {
  const { currency, customerId } = shared;
  const money = (minorUnits: number) => moneyOf(minorUnits, currency);
  /** Zero is said where the file says it. */
  const extra = (minorUnits: number, text: string) =>
    minorUnits === 0 && text === "" ? null : money(minorUnits);
  return present({
    channel,
    externalId,
    currency,
    customer: present({
      id: customerId,
      name: shared.customerName || (customerId ? `Customer ${customerId}` : "Guest"),
      email: shared.customerEmail,
      phone: shared.customerPhone,
    }),
    shippingAddress: shared.country
      ? present({
        name: shared.addressName,
        company: shared.company,
        line1: shared.line1,
        line2: shared.line2,
        city: shared.city,
        region: shared.region,
        postalCode: shared.postalCode,
        country: shared.country,
        phone: shared.phone,
      })
      : null,
    lines: items.map((item, n) => {
      const { unitPrice = 0, discount = 0, tax = 0 } = worth.lines[n] ?? {};
      return present({
        sku: item.sku,
        quantity: item.quantity,
        unitPrice: money(unitPrice),
        discount: extra(discount, item.amounts.discount),
        tax: extra(tax, item.amounts.tax),
        fulfillment: item.method === "" && item.locationId === ""
          ? null
          : present({ method: item.method || "ship", locationId: item.locationId }),
      });
    }),
    shipping: nonEmpty(present({
      service: shared.shippingService,
      amount: worth.shipping === null ? null : money(worth.shipping),
    })),
    taxesIncluded: taxesIncluded === true ? true : null,
    placedAt,
    onShortage: shared.onShortage,
    metadata: nonEmpty({ ...metadata }),
    note: shared.note,
  });
};
