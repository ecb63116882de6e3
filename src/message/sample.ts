/** A made-up order with everything that a template can show, for trying templates. */
import type { Instant } from "../kernel/instant.ts";
import type { Money } from "../kernel/money.ts";
import type { AddressModel, MessageModel } from "./model.ts";
import type { TemplateName } from "./template.ts";

const euros = (amount: string): Money => ({ amount, currency: "EUR" });

const at = (time: string): Instant => time as Instant;

const home: AddressModel = {
  ...{ name: "Mira Öztürk", company: "Öztürk & Söhne", line1: "Lindenallee 12", line2: "3. OG" },
  ...{ city: "Köln", region: "NW", postalCode: "50667", country: "DE" },
};

const store: AddressModel = {
  ...{ name: null, company: "Studio Nord", line1: "Hafenstraße 4", line2: "Hof" },
  ...{ city: "Hamburg", region: "HH", postalCode: "20457", country: "DE" },
};

const lines = [
  { sku: "mug-blue", name: "Stoneware mug, blue", quantity: 2, price: "14.50", amount: "29.00" },
  { sku: "tray-oak", name: "Oak tray, 40 × 28 cm", quantity: 1, price: "49.00", amount: "49.00" },
].map(({ price, amount, ...line }) => ({
  ...line,
  unitPrice: euros(price),
  amount: euros(amount),
}));

/** `more`: members that the kind alone has. */
export const sampleModel = (
  { kind, language }: TemplateName,
  shopName: string,
  more: Readonly<Record<string, unknown>> = {},
): MessageModel => ({
  ...more,
  ...{ kind, language },
  shop: { name: shopName },
  customer: { name: "Mira Öztürk" },
  order: {
    ...{ id: "ord_sample", number: "10482", placedAt: at("2026-03-02T09:30:00.000Z") },
    ...{ currency: "EUR", taxesIncluded: true },
    totals: {
      ...{ subtotal: euros("78.00"), discount: euros("-8.00"), shipping: euros("4.90") },
      ...{ fees: euros("1.50"), tax: euros("12.20"), total: euros("76.40") },
    },
    shippingAddress: home,
  },
  lines,
  moreLines: 1,
  shipment: {
    ...{ id: "shp_sample", carrier: "DHL", trackingNumber: "003404341606402839" },
    shippedAt: at("2026-03-03T15:10:00.000Z"),
    deliveredAt: at("2026-03-05T11:42:00.000Z"),
  },
  location: { name: "Studio Nord", address: store },
});
