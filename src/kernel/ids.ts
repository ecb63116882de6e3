/**
 * Ids of aggregates and of their parts. An id begins with its time, so ids sort by time and new rows are
 * written beside each other. Ids of parts hold their owner's, so no index is needed to find the order of a
 * shipment.
 */

/** Crockford's base 32, in lower case: ascending in ASCII, so text sorts as the number does. */
export const idAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";

const timeLength = 9;
const shelfLength = 2;
const idRandomLength = 10;
/** Shelves that an id can name. */
const shelvesOfIds = 32 ** shelfLength;

const tail = `[${idAlphabet}]{${timeLength + shelfLength + idRandomLength}}`;

/**
 * A text in one piece. What `+` makes is a tree of its pieces, and one such text anywhere in a value has
 * `JSON.stringify` write all of it in the slow way: an order is written four times.
 */
const joined = (...pieces: readonly (string | number)[]): string => pieces.join("");

const encode = (value: number, length: number): string => {
  let text = "";
  let rest = value;
  for (let i = 0; i < length; i++) {
    text = idAlphabet.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
};

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

/** The ids of one kind of aggregate. */
export interface IdKind {
  /** Three letters. */
  readonly prefix: string;
  /**
   * The id of a thing made at a time, on a shelf from 0 to 1023, with ten random characters of `idAlphabet`.
   * Times to the year 3084 fit; throws RangeError for anything else.
   */
  readonly of: (epochMs: number, shelf: number, random10: string) => string;
  /** Below every id that is made at the time or later, and above all earlier ones. */
  readonly from: (epochMs: number) => string;
  /**
   * The id itself, or one after the last of its shelf, whatever the millisecond and the clock say: first
   * come, first served.
   */
  readonly later: (id: string, last: string | undefined) => string;
  readonly is: (text: string) => boolean;
  /** The shelf that an id names. Only for ids that `is` knows. */
  readonly shelfOf: (id: string) => number;
  /** The time at which an id was made, epoch milliseconds. Only for ids that `is` knows. */
  readonly madeAtMs: (id: string) => number;
}

export const idKind = (prefix: string): IdKind => {
  const start = `${prefix}_`;
  const shelfStart = start.length + timeLength;
  const randomStart = shelfStart + shelfLength;
  const pattern = new RegExp(`^${start}${tail}$`);

  /** The next id of the same shelf, as text sorts. */
  const after = (id: string): string => {
    const time = id.slice(start.length, shelfStart);
    const random = plusOne(id.slice(randomStart));
    const isOver = random === "0".repeat(idRandomLength);
    const shelf = id.slice(shelfStart, randomStart);
    return joined(start, isOver ? plusOne(time) : time, shelf, random);
  };

  return {
    prefix,
    of: (epochMs, shelf, random10) => {
      const id = joined(start, encode(epochMs, timeLength), encode(shelf, shelfLength), random10);
      if (!Number.isSafeInteger(epochMs) || epochMs < 0 || epochMs >= 32 ** timeLength) {
        throw new RangeError(`no ${prefix} id for the time ${epochMs}`);
      }
      if (!Number.isInteger(shelf) || shelf < 0 || shelf >= shelvesOfIds || !pattern.test(id)) {
        throw new RangeError(`no ${prefix} id for the shelf ${shelf} and the text "${random10}"`);
      }
      return id;
    },
    from: (epochMs) =>
      start + encode(Math.min(Math.max(0, epochMs), 32 ** timeLength - 1), timeLength),
    later: (id, last) => last === undefined || id > last ? id : after(last),
    is: (text) => pattern.test(text),
    shelfOf: (id) => digitOf(id.charAt(shelfStart)) * 32 + digitOf(id.charAt(shelfStart + 1)),
    madeAtMs: (id) => {
      let epochMs = 0;
      for (let i = start.length; i < shelfStart; i++) {
        epochMs = epochMs * 32 + digitOf(id.charAt(i));
      }
      return epochMs;
    },
  };
};

/** The ids of one kind of part, numbered from 1 within their owner. */
export interface PartIdKind {
  readonly prefix: string;
  readonly of: (ownerId: string, n: number) => string;
  /** The owner's id; null when the text is no id of such a part. */
  readonly ownerOf: (id: string) => string | null;
  /** The owner's id, or the rest of it, where a part's id may be cut off at its end. */
  readonly ownerIn: (cut: string) => string;
}

export const partIdKind = (owner: IdKind, prefix: string): PartIdKind => {
  const start = `${prefix}_`;
  const ownerStart = `${owner.prefix}_`;
  const pattern = new RegExp(`^${start}(${tail})_[1-9][0-9]{0,5}$`);
  return {
    prefix,
    of: (ownerId, n) => joined(start, ownerId.slice(ownerStart.length), "_", n),
    ownerOf: (id) => {
      const found = pattern.exec(id)?.[1];
      return found === undefined ? null : ownerStart + found;
    },
    ownerIn: (cut) => ownerStart + (cut.split("_")[1] ?? ""),
  };
};
