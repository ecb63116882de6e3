/** Which texts of an order are personal data, and so may not be in the log. */
import type { Address } from "../kernel/vocabulary.ts";
import type { PersonalTexts } from "../subject/aggregate.ts";
import type { Contact, Order } from "./order.ts";

/** A shorter note is a word or two that other texts have as well, in characters. */
const noteLength = 20;

/** Shorter numbers and addresses are found in other texts by chance, in characters. */
const withinLength = 7;

const addressTexts = (address: Address | undefined): readonly (string | undefined)[] =>
  address === undefined
    ? []
    : [address.name, address.company, address.line1, address.line2, address.phone];

/**
 * The order's personal data. What the channel also gave as an id, SKU, metadata or part of the destination is
 * left out: that it chose to make public inside the engine. A company may be called as its region is.
 */
export const personalTextsOf = (contact: Contact, order: Order): PersonalTexts => {
  const given = new Set([
    order.channel,
    order.externalId,
    order.customerId,
    order.shippingService,
    order.currency,
    order.destination?.country,
    order.destination?.region,
    order.destination?.postalCode,
    ...Object.values(order.metadata),
    ...order.lines.flatMap(({ sku, locationId }) => [sku, locationId]),
  ]);
  const { name, email, phone } = contact.customer;
  const { note } = contact;
  const all = [
    name,
    email,
    phone,
    ...addressTexts(contact.shippingAddress),
    ...addressTexts(contact.billingAddress),
    note !== undefined && note.length >= noteLength ? note : undefined,
  ].filter((text): text is string => text !== undefined && text.length > 1 && !given.has(text));
  return {
    whole: all,
    within: all.filter((text) =>
      text.length >= withinLength && !isPartOf(text, given) &&
      (text === email || text === phone || text === contact.shippingAddress?.phone ||
        text === contact.billingAddress?.phone)
    ),
  };
};

const isPartOf = (text: string, others: ReadonlySet<string | undefined>): boolean => {
  for (const other of others) if (other?.includes(text)) return true;
  return false;
};
