/**
 * What templates see of an order. It is made member by member: what is not named here, such as an address of
 * electronic mail, a note, metadata or the reason of a cancellation, no template can show.
 */
import { skuOf } from "../order/kits.ts";
import { isPartId, lineIdOf } from "../order/parts.ts";
import type { Location } from "../catalog/catalog.ts";
import type { Instant } from "../kernel/instant.ts";
import { type Money, moneyOf } from "../kernel/money.ts";
import type { Address } from "../kernel/vocabulary.ts";
import { chargeSumsOf } from "../order/charges.ts";
import type { Contact, Order, OrderLine } from "../order/order.ts";
import type { MessageTopic } from "./kind.ts";
import { messageLimits } from "./limits.ts";

export interface LineModel {
  readonly sku: string;
  readonly name: string;
  readonly quantity: number;
  readonly unitPrice: Money;
  /** Of the quantity shown, before discounts; with tax where the order's prices have it. */
  readonly amount: Money;
}

export interface AddressModel {
  readonly name: string | null;
  readonly company: string | null;
  readonly line1: string | null;
  readonly line2: string | null;
  readonly city: string | null;
  readonly region: string | null;
  readonly postalCode: string | null;
  readonly country: string;
}

export interface MessageModel {
  readonly kind: string;
  /** Of the template, for texts that several languages share. */
  readonly language: string;
  readonly shop: { readonly name: string };
  readonly customer: { readonly name: string };
  readonly order: {
    readonly id: string;
    readonly number: string;
    readonly placedAt: Instant;
    readonly currency: string;
    readonly taxesIncluded: boolean;
    readonly totals: {
      readonly subtotal: Money;
      /** Null where it is nothing, as the others below are. */
      readonly discount: Money | null;
      readonly shipping: Money | null;
      readonly fees: Money | null;
      readonly tax: Money | null;
      readonly total: Money;
    };
    readonly shippingAddress: AddressModel | null;
  };
  /** What the message is about. */
  readonly lines: readonly LineModel[];
  /** Lines that are left out because there are so many. */
  readonly moreLines: number;
  readonly shipment: {
    readonly id: string;
    readonly carrier: string;
    readonly trackingNumber: string | null;
    readonly shippedAt: Instant;
    readonly deliveredAt: Instant | null;
  } | null;
  readonly location: { readonly name: string; readonly address: AddressModel } | null;
  /** Members that only some kinds have. */
  readonly [more: string]: unknown;
}

/** Names and places that an order refers to. */
export interface MessageFacts {
  readonly shopName: string;
  /** The SKU where nobody has described it. */
  readonly itemName: (sku: string) => string;
  readonly location: (id: string) => Pick<Location, "name" | "address"> | null;
}

const addressModel = (address: Address): AddressModel => {
  const { name, company, line1, line2, city, region, postalCode, country } = address;
  return {
    ...{ name: name ?? null, company: company ?? null, country },
    ...{ line1: line1 ?? null, line2: line2 ?? null },
    ...{ city: city ?? null, region: region ?? null, postalCode: postalCode ?? null },
  };
};

const totalsOf = ({ totals, charges, currency }: Order): MessageModel["order"]["totals"] => {
  const money = (minorUnits: number): Money => moneyOf(minorUnits, currency);
  const some = (minorUnits: number): Money | null => minorUnits === 0 ? null : money(minorUnits);
  const { fees, feeTax } = charges === undefined ? { fees: 0, feeTax: 0 } : chargeSumsOf(charges);
  return {
    subtotal: money(totals.subtotal),
    discount: some(-(totals.discount + (charges?.shippingDiscount ?? 0))),
    shipping: some(totals.shipping),
    fees: some(fees),
    tax: some(totals.tax + (charges?.shippingTax ?? 0) + feeTax),
    total: money(totals.total),
  };
};

export const messageModelOf = (
  { state: order, personal }: {
    readonly state: Order;
    readonly personal: Pick<Contact, "customer" | "shippingAddress">;
  },
  { kind, language, topic }: {
    readonly kind: string;
    readonly language: string;
    readonly topic: MessageTopic;
  },
  { shopName, itemName, location }: MessageFacts,
): MessageModel => {
  const lineModel = ({ sku, unitPrice }: OrderLine, quantity: number): LineModel => ({
    ...{ sku, name: itemName(sku), quantity },
    unitPrice: moneyOf(unitPrice, order.currency),
    amount: moneyOf(unitPrice * quantity, order.currency),
  });
  const byId = new Map(order.lines.map((line) => [line.id, line]));
  const lines = topic.lines.flatMap(({ lineId, quantity }) => {
    const line = byId.get(lineIdOf(lineId));
    if (line === undefined) return [];
    if (!isPartId(lineId)) return [lineModel(line, quantity)];
    // What costs something is the kit: a part of it that comes by itself says of which.
    const sku = skuOf(order, lineId);
    const part = lineModel({ ...line, sku, unitPrice: 0 }, quantity);
    return [{ ...part, name: `${itemName(line.sku)}: ${part.name}` }];
  });
  const { shipment, locationId, more } = topic;
  const place = locationId === undefined ? null : location(locationId);
  return {
    ...more,
    ...{ kind, language },
    shop: { name: shopName },
    customer: { name: personal.customer.name },
    order: {
      ...{ id: order.id, number: order.externalId },
      ...{ placedAt: order.placedAt, currency: order.currency },
      taxesIncluded: order.charges?.taxesIncluded ?? false,
      totals: totalsOf(order),
      shippingAddress: personal.shippingAddress === undefined
        ? null
        : addressModel(personal.shippingAddress),
    },
    lines: lines.slice(0, messageLimits.lines),
    moreLines: Math.max(0, lines.length - messageLimits.lines),
    shipment: shipment === undefined ? null : {
      ...{ id: shipment.id, carrier: shipment.carrier, shippedAt: shipment.shippedAt },
      trackingNumber: shipment.trackingNumber ?? null,
      deliveredAt: shipment.deliveredAt ?? null,
    },
    location: place === null ? null : { name: place.name, address: addressModel(place.address) },
  };
};

/** The language that a channel gave with the order, in its metadata; null where it gave none. */
export const languageGiven = ({ metadata }: Pick<Order, "metadata">): string | null =>
  metadata["language"] ?? metadata["locale"] ?? null;
