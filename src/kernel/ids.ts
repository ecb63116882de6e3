/**
 * Ids of orders and of their parts. An order id begins with its time, so that ids sort by time and new
 * orders are written beside each other; ids of parts hold the order's, so that no index is needed to find
 * the order of a shipment.
 */

/** Crockford's base 32, in lower case: ascending in ASCII, so text sorts as the number does. */
export const idAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";

const timeLength = 9;
const shelfLength = 2;
export const idRandomLength = 10;
/** Shelves that an order id can name. */
export const shelvesOfIds = 32 ** shelfLength;

const orderPrefix = "ord_";
const shelfStart = orderPrefix.length + timeLength;
const tail = `[${idAlphabet}]{${timeLength + shelfLength + idRandomLength}}`;
const orderPattern = new RegExp(`^${orderPrefix}${tail}$`);
const fulfillmentOrderPattern = new RegExp(`^ful_(${tail})_[1-9][0-9]{0,5}$`);
const shipmentPattern = new RegExp(`^shp_(${tail})_[1-9][0-9]{0,5}$`);

const encode = (value: number, length: number): string => {
  let text = "";
  let rest = value;
  for (let i = 0; i < length; i++) {
    text = idAlphabet.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
};

/**
 * The id of an order that is made at a time, on a shelf from 0 to 1023, with ten random characters of
 * `idAlphabet`. Times to the year 3084 fit.
 */
export const orderIdOf = (epochMs: number, shelf: number, random10: string): string => {
  const id = orderPrefix + encode(epochMs, timeLength) + encode(shelf, shelfLength) + random10;
  if (!Number.isSafeInteger(epochMs) || epochMs < 0 || epochMs >= 32 ** timeLength) {
    throw new RangeError(`no order id for the time ${epochMs}`);
  }
  if (!Number.isInteger(shelf) || shelf < 0 || shelf >= shelvesOfIds || !orderPattern.test(id)) {
    throw new RangeError(`no order id for the shelf ${shelf} and the text "${random10}"`);
  }
  return id;
};

/** Below every id of an order that is made at the time or later, and above all others. */
export const idsFrom = (epochMs: number): string =>
  orderPrefix + encode(Math.min(Math.max(0, epochMs), 32 ** timeLength - 1), timeLength);

const digitOf = (character: string): number => idAlphabet.indexOf(character);

/** The number that the base 32 text says, plus one, in as many characters; zeros after the largest. */
const plusOne = (text: string): string => {
  let end = text.length;
  while (end > 0 && text.charAt(end - 1) === "z") end--;
  const zeros = "0".repeat(text.length - end);
  return end === 0
    ? zeros
    : text.slice(0, end - 1) + idAlphabet.charAt(digitOf(text.charAt(end - 1)) + 1) + zeros;
};

/** The next id of the same shelf, as text sorts. */
const idAfter = (orderId: string): string => {
  const time = orderId.slice(orderPrefix.length, shelfStart);
  const shelf = orderId.slice(shelfStart, shelfStart + shelfLength);
  const random = plusOne(orderId.slice(shelfStart + shelfLength));
  const isOver = random === "0".repeat(idRandomLength);
  return orderPrefix + (isOver ? plusOne(time) : time) + shelf + random;
};

/**
 * The id of an order that comes after another of its shelf, whatever the millisecond and the clock say: who
 * comes first is served first.
 */
export const laterOrderId = (orderId: string, last: string | undefined): string =>
  last === undefined || orderId > last ? orderId : idAfter(last);

export const isOrderId = (text: string): boolean => orderPattern.test(text);

/** The shelf that an order id names. Only for ids that `isOrderId` knows. */
export const shelfOfOrderId = (orderId: string): number =>
  digitOf(orderId.charAt(shelfStart)) * 32 + digitOf(orderId.charAt(shelfStart + 1));

/** The id of an order's n-th fulfillment order; n counts from 1. */
export const fulfillmentOrderIdOf = (orderId: string, n: number): string =>
  `ful_${orderId.slice(orderPrefix.length)}_${n}`;

/** The id of an order's n-th shipment; n counts from 1. */
export const shipmentIdOf = (orderId: string, n: number): string =>
  `shp_${orderId.slice(orderPrefix.length)}_${n}`;

const orderIdIn = (pattern: RegExp, id: string): string | null => {
  const found = pattern.exec(id)?.[1];
  return found === undefined ? null : orderPrefix + found;
};

/** The order that a fulfillment order belongs to; null when the id is malformed. */
export const orderIdOfFulfillmentOrder = (id: string): string | null =>
  orderIdIn(fulfillmentOrderPattern, id);

/** The order that a shipment belongs to; null when the id is malformed. */
export const orderIdOfShipment = (id: string): string | null => orderIdIn(shipmentPattern, id);
