/** As much of Protocol Buffers as the messages of KV Connect need. */

export type Field = readonly [number: number, value: number | Uint8Array];

const varint = (value: number): readonly number[] => {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return [...bytes, rest];
};

/** Zeros and empty bytes are what is not there. */
export const message = (fields: readonly Field[]): Uint8Array<ArrayBuffer> => {
  const parts = fields.flatMap(([number, value]) =>
    typeof value === "number"
      ? value === 0 ? [] : [Uint8Array.from([...varint(number << 3), ...varint(value)])]
      : [Uint8Array.from([...varint((number << 3) | 2), ...varint(value.length)]), value]
  );
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
};

export const fieldsOf = (bytes: Uint8Array): readonly Field[] => {
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let factor = 1;; factor *= 0x80) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  };
  const fields: Field[] = [];
  while (at < bytes.length) {
    const tag = number();
    if ((tag & 7) === 0) fields.push([tag >> 3, number()]);
    else {
      const length = number();
      fields.push([tag >> 3, bytes.subarray(at, at + length)]);
      at += length;
    }
  }
  return fields;
};

const nothing = new Uint8Array();

export const bytesIn = (fields: readonly Field[], number: number): Uint8Array => {
  const value = fields.find(([each]) => each === number)?.[1];
  return value instanceof Uint8Array ? value : nothing;
};

export const numberIn = (fields: readonly Field[], number: number): number => {
  const value = fields.find(([each]) => each === number)?.[1];
  return typeof value === "number" ? value : 0;
};

export const messagesIn = (
  fields: readonly Field[],
  number: number,
): readonly (readonly Field[])[] =>
  fields.flatMap(([each, value]) =>
    each === number && value instanceof Uint8Array ? [fieldsOf(value)] : []
  );
