/**
 * Mappings of files as marketplaces and shops export them. A mapping that was saved under the same name counts
 * instead. Columns that an export lacks are blank; what a shop's currency or language changes is changed by
 * saving the mapping in another form.
 */
import type { ImportField, ImportMappingBody, ImportSource } from "./mapping.ts";

export interface ReadyMapping {
  readonly name: string;
  readonly description: string;
  readonly mapping: ImportMappingBody;
}

/** A column, and others where it is blank. */
const of = (column: string, ...others: readonly string[]): ImportField => ({
  column,
  ...others.length === 0
    ? {}
    : { fallbacks: others.map((other): ImportSource => ({ column: other })) },
});

const joined = (first: string, second: string, ...others: readonly string[]): ImportField => ({
  columns: [first, second],
  ...others.length === 0
    ? {}
    : { fallbacks: others.map((other): ImportSource => ({ column: other })) },
});

const shopify: ReadyMapping = {
  name: "shopify",
  description: "Shopify: Orders, Export, CSV",
  mapping: {
    fields: {
      externalId: of("Name"),
      sku: of("Lineitem sku", "Lineitem name"),
      quantity: of("Lineitem quantity"),
      unitPrice: of("Lineitem price"),
      currency: of("Currency"),
      discount: of("Lineitem discount"),
      orderDiscount: of("Discount Amount"),
      orderTax: of("Taxes"),
      shippingAmount: of("Shipping"),
      orderTotal: of("Total"),
      placedAt: of("Created at"),
      customerName: of("Billing Name", "Shipping Name", "Email"),
      customerEmail: of("Email"),
      customerPhone: of("Phone", "Billing Phone"),
      shippingService: of("Shipping Method"),
      country: of("Shipping Country"),
      addressName: of("Shipping Name"),
      company: of("Shipping Company"),
      line1: of("Shipping Address1", "Shipping Street"),
      line2: of("Shipping Address2"),
      city: of("Shipping City"),
      region: of("Shipping Province"),
      postalCode: of("Shipping Zip"),
      phone: of("Shipping Phone"),
      note: of("Notes"),
    },
    skipOrders: [
      { column: "Cancelled at", is: "filled" },
      { column: "Financial Status", equals: ["voided", "refunded", "expired"] },
    ],
    discountIncludesLines: true,
    absentColumns: "blank",
    dateFormat: "YYYY-MM-DD HH:mm:ss Z",
  },
};

const woocommerce: ReadyMapping = {
  name: "woocommerce",
  description:
    "WooCommerce: Advanced Order Export, a row for each product, CSV; US dollars, unless a column names another",
  mapping: {
    fields: {
      externalId: of("Order Number", "Order ID"),
      sku: of("SKU", "Name", "Item Name"),
      quantity: of("Quantity"),
      unitPrice: of("Item Cost"),
      currency: {
        column: "Order Currency",
        fallbacks: [{ column: "Currency" }, { constant: "USD" }],
      },
      tax: of("Order Line Tax"),
      orderDiscount: of("Discount Amount", "Cart Discount Amount"),
      shippingAmount: of("Order Shipping Amount"),
      placedAt: of("Order Date"),
      customerName: joined(
        "First Name (Billing)",
        "Last Name (Billing)",
        "Company (Billing)",
        "Email (Billing)",
      ),
      customerEmail: of("Email (Billing)"),
      customerPhone: of("Phone (Billing)"),
      shippingService: of("Shipping Method Title"),
      country: of("Country Code (Shipping)", "Country Name (Shipping)", "Country Code (Billing)"),
      addressName: joined("First Name (Shipping)", "Last Name (Shipping)"),
      company: of("Company (Shipping)"),
      line1: of("Address 1&2 (Shipping)", "Address 1 (Shipping)"),
      line2: of("Address 2 (Shipping)"),
      city: of("City (Shipping)"),
      region: of("State Code (Shipping)"),
      postalCode: of("Postcode (Shipping)"),
      phone: of("Phone (Shipping)"),
      note: of("Customer Note"),
    },
    skipOrders: [
      { column: "Order Status", equals: ["cancelled", "failed", "refunded", "trash", "draft"] },
    ],
    absentColumns: "blank",
  },
};

const amazon: ReadyMapping = {
  name: "amazon",
  description: "Amazon: order reports (unshipped orders, and all orders), text with tabs",
  mapping: {
    fields: {
      externalId: of("order-id", "amazon-order-id"),
      sku: of("sku"),
      quantity: of("quantity-purchased", "quantity"),
      lineTotal: of("item-price"),
      currency: of("currency"),
      discount: of("item-promotion-discount"),
      tax: of("item-tax"),
      lineShipping: of("shipping-price"),
      shippingDiscount: of("ship-promotion-discount"),
      placedAt: of("purchase-date"),
      customerName: of("buyer-name", "recipient-name"),
      customerEmail: of("buyer-email"),
      customerPhone: of("buyer-phone-number"),
      shippingService: of("ship-service-level"),
      country: of("ship-country"),
      addressName: of("recipient-name", "buyer-name"),
      line1: of("ship-address-1"),
      line2: of("ship-address-2"),
      city: of("ship-city"),
      region: of("ship-state"),
      postalCode: of("ship-postal-code"),
      phone: of("ship-phone-number"),
      note: of("delivery-instructions"),
    },
    skipRows: [{ column: "item-status", equals: ["Cancelled"] }],
    skipOrders: [{ column: "order-status", equals: ["Cancelled"] }],
    absentColumns: "blank",
    csv: { delimiter: "\t", quoting: "none" },
  },
};

const ebay: ReadyMapping = {
  name: "ebay",
  description: "eBay: orders report, CSV; US dollars",
  mapping: {
    fields: {
      externalId: of("Order Number"),
      sku: of("Custom Label", "Item Number"),
      quantity: of("Quantity"),
      unitPrice: of("Sold For"),
      currency: { constant: "USD" },
      orderTax: of("eBay Collected Tax"),
      shippingAmount: of("Shipping And Handling"),
      placedAt: of("Sale Date"),
      customerName: of("Buyer Name", "Ship To Name", "Buyer Username"),
      customerEmail: of("Buyer Email"),
      shippingService: of("Shipping Service"),
      country: of("Ship To Country"),
      addressName: of("Ship To Name"),
      line1: of("Ship To Address 1"),
      line2: of("Ship To Address 2"),
      city: of("Ship To City"),
      region: of("Ship To State"),
      postalCode: of("Ship To Zip"),
      phone: of("Ship To Phone"),
      note: of("Buyer Note"),
    },
    skipRows: [
      { column: "Order Number", startsWith: ["record(s) downloaded"] },
      { column: "Sales Record Number", startsWith: ["Seller ID"] },
    ],
    orderRows: [{ column: "Item Number", is: "blank" }],
    absentColumns: "blank",
    dateFormat: "MMM-DD-YY",
    numbers: { decimal: ".", group: "," },
  },
};

const etsy: ReadyMapping = {
  name: "etsy",
  description: "Etsy: Download Data, Order Items, CSV",
  mapping: {
    fields: {
      externalId: of("Order ID"),
      sku: of("SKU", "Listing ID"),
      quantity: of("Quantity"),
      unitPrice: of("Price"),
      currency: of("Currency"),
      discount: of("Discount Amount"),
      orderTax: of("Order Sales Tax"),
      shippingAmount: of("Order Shipping"),
      shippingDiscount: of("Shipping Discount"),
      placedAt: of("Sale Date"),
      customerName: of("Ship Name", "Buyer"),
      country: of("Ship Country"),
      addressName: of("Ship Name"),
      line1: of("Ship Address1"),
      line2: of("Ship Address2"),
      city: of("Ship City"),
      region: of("Ship State"),
      postalCode: of("Ship Zipcode"),
    },
    absentColumns: "blank",
    dateFormat: "MM/DD/YY",
  },
};

const squarespace: ReadyMapping = {
  name: "squarespace",
  description: "Squarespace: Orders, Export, CSV",
  mapping: {
    fields: {
      externalId: of("Order ID"),
      sku: of("Lineitem sku", "Lineitem name"),
      quantity: of("Lineitem quantity"),
      unitPrice: of("Lineitem price"),
      currency: of("Currency"),
      orderDiscount: of("Discount Amount"),
      orderTax: of("Taxes"),
      shippingAmount: of("Shipping"),
      orderTotal: of("Total"),
      placedAt: of("Created at"),
      customerName: of("Billing Name", "Shipping Name", "Email"),
      customerEmail: of("Email"),
      customerPhone: of("Billing Phone"),
      shippingService: of("Shipping Method"),
      country: of("Shipping Country"),
      addressName: of("Shipping Name"),
      line1: of("Shipping Address1"),
      line2: of("Shipping Address2"),
      city: of("Shipping City"),
      region: of("Shipping Province"),
      postalCode: of("Shipping Zip"),
      phone: of("Shipping Phone"),
      note: of("Notes"),
    },
    skipOrders: [
      { column: "Cancelled at", is: "filled" },
      { column: "Financial Status", equals: ["CANCELED", "CANCELLED", "REFUNDED", "VOIDED"] },
    ],
    absentColumns: "blank",
    dateFormat: "M/D/YYYY H:mm",
  },
};

const bigcommerce: ReadyMapping = {
  name: "bigcommerce",
  description: "BigCommerce: Orders, Export, default template, CSV; dates begin with the day",
  mapping: {
    items: { column: "Product Details" },
    fields: {
      externalId: of("Order ID"),
      sku: of("Product Details.Product SKU", "Product Details.Product Name"),
      quantity: of("Product Details.Product Qty"),
      unitPrice: of("Product Details.Product Unit Price"),
      currency: of("Order Currency Code"),
      orderDiscount: of("Coupon Value"),
      orderTax: of("Tax Total"),
      shippingAmount: of("Shipping Cost (ex tax)"),
      orderTotal: of("Order Total (inc tax)"),
      placedAt: of("Order Date"),
      customerId: of("Customer ID"),
      customerName: of("Customer Name", "Shipping Name"),
      customerEmail: of("Customer Email"),
      customerPhone: of("Customer Phone"),
      shippingService: of("Ship Method"),
      country: of("Shipping Country"),
      addressName: of("Shipping Name"),
      company: of("Shipping Company"),
      line1: of("Shipping Street 1"),
      line2: of("Shipping Street 2"),
      city: of("Shipping Suburb"),
      region: of("Shipping State"),
      postalCode: of("Shipping Zip"),
      phone: of("Shipping Phone"),
      note: of("Customer Message"),
    },
    skipOrders: [
      {
        column: "Order Status",
        equals: ["Cancelled", "Declined", "Refunded", "Incomplete"],
      },
    ],
    absentColumns: "blank",
    dateFormat: "D/M/YYYY",
  },
};

export const readyMappings: readonly ReadyMapping[] = [
  shopify,
  woocommerce,
  amazon,
  ebay,
  etsy,
  squarespace,
  bigcommerce,
];

export const readyMapping = (name: string): ReadyMapping | null =>
  readyMappings.find((ready) => ready.name === name) ?? null;
