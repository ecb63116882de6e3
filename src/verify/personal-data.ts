/** Finds personal data where only ids belong. Pure. */
import type { Address } from "../kernel/vocabulary.ts";
import type { Contact, Order } from "../order/order.ts";

export interface PersonalData {
  /** What would be personal data as a whole text. */
  readonly texts: ReadonlySet<string>;
  /** What would be personal data inside a text, too: nothing else looks like it. */
  readonly tellTale: readonly string[];
}

/** Shorter numbers and addresses are found in other texts by chance, in characters. */
const tellTaleLength = 7;

const addressTexts = (address: Address | undefined): readonly (string | undefined)[] =>
  address === undefined
    ? []
    : [address.name, address.company, address.line1, address.line2, address.phone];

/**
 * The order's personal data. What the channel also gave as an id, SKU, metadata or part of the destination is
 * left out: that it chose to make public inside the engine. A company may be called as its region is.
 */
export const personalDataOf = (contact: Contact, order: Order): PersonalData => {
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
  const all = [
    name,
    email,
    phone,
    ...addressTexts(contact.shippingAddress),
    ...addressTexts(contact.billingAddress),
  ].filter((text): text is string => text !== undefined && text.length > 1 && !given.has(text));
  return {
    texts: new Set(all),
    tellTale: all.filter((text) =>
      text.length >= tellTaleLength && !isPartOf(text, given) &&
      (text === email || text === phone || text === contact.shippingAddress?.phone ||
        text === contact.billingAddress?.phone)
    ),
  };
};

const isPartOf = (text: string, others: ReadonlySet<string | undefined>): boolean => {
  for (const other of others) if (other?.includes(text)) return true;
  return false;
};

/** The path of the first text in `value` that is personal data; null when there is none. */
export const findPersonalData = (value: unknown, personal: PersonalData): string | null => {
  if (typeof value === "string") {
    return personal.texts.has(value) || personal.tellTale.some((text) => value.includes(text))
      ? ""
      : null;
  }
  if (typeof value !== "object" || value === null) return null;
  const members = value as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(members)) {
    const found = findPersonalData(members[name], personal);
    if (found !== null) return `/${name}${found}`;
  }
  return null;
};
