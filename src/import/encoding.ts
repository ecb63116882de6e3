/** How the bytes of a file are text: by the mark at its beginning, by what was said of it, or by a guess. */

export const importEncodings = [
  "utf-8",
  "utf-16le",
  "utf-16be",
  "windows-1252",
  "shift_jis",
] as const;
export type ImportEncoding = (typeof importEncodings)[number];

/** The names that media types and people have for them. */
const names: Readonly<Record<string, ImportEncoding>> = {
  "utf-8": "utf-8",
  "utf8": "utf-8",
  "us-ascii": "utf-8",
  "utf-16": "utf-16le",
  "utf-16le": "utf-16le",
  "utf-16be": "utf-16be",
  "windows-1252": "windows-1252",
  "cp1252": "windows-1252",
  "iso-8859-1": "windows-1252",
  "latin1": "windows-1252",
  "shift_jis": "shift_jis",
  "shift-jis": "shift_jis",
  "sjis": "shift_jis",
  "x-sjis": "shift_jis",
  "ms932": "shift_jis",
  "windows-31j": "shift_jis",
};

export const charsets: readonly string[] = Object.keys(names);

/** Null for one that nobody here reads. */
export const encodingNamed = (charset: string): ImportEncoding | null =>
  (Object.hasOwn(names, charset.toLowerCase()) ? names[charset.toLowerCase()] : null) ?? null;

/** The encoding that a byte order mark tells; undefined while too few bytes are there to say. */
const marked = (bytes: Uint8Array, ended: boolean): ImportEncoding | null | undefined => {
  const [first, second, third] = bytes;
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  if (first === 0xef && second === 0xbb && third === 0xbf) return "utf-8";
  const mayBecome = bytes.length === 0 ||
    bytes.length === 1 && (first === 0xff || first === 0xfe || first === 0xef) ||
    bytes.length === 2 && first === 0xef && second === 0xbb;
  return mayBecome && !ended ? undefined : null;
};

export interface TextReader {
  readonly push: (bytes: Uint8Array) => string;
  readonly end: () => string;
}

/** Bytes in any pieces as text. A byte order mark counts for more than what was said. */
export const createTextReader = (said: ImportEncoding): TextReader => {
  let decoder: TextDecoder | undefined;
  let first: Uint8Array = new Uint8Array(0);

  const begin = (bytes: Uint8Array, ended: boolean): TextDecoder | undefined => {
    const joined = new Uint8Array(first.length + bytes.length);
    joined.set(first);
    joined.set(bytes, first.length);
    first = joined;
    const encoding = marked(first, ended);
    return encoding === undefined ? undefined : new TextDecoder(encoding ?? said);
  };

  return {
    push: (bytes) => {
      if (decoder !== undefined) return decoder.decode(bytes, { stream: true });
      decoder = begin(bytes, false);
      return decoder === undefined ? "" : decoder.decode(first, { stream: true });
    },
    end: () => {
      if (decoder !== undefined) return decoder.decode();
      return begin(new Uint8Array(0), true)?.decode(first) ?? "";
    },
  };
};

/** Whether the beginning of a file is text of an encoding; its last character may be cut off. */
const isTextOf = (encoding: ImportEncoding, bytes: Uint8Array): boolean => {
  try {
    new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    // A TypeError says that it is none; there is no other.
    return false;
  }
};

/**
 * Of windows-1252 and Shift_JIS: bytes from 81 to 9F begin a Japanese character and are hardly ever written in
 * the West, and from E0 on it is the other way around.
 */
const isLikelyJapanese = (bytes: Uint8Array): boolean => {
  let japanese = 0;
  let western = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    const isLead = byte >= 0x81 && byte <= 0x9f || byte >= 0xe0 && byte <= 0xfc;
    if (!isLead) continue;
    if (byte <= 0x9f) japanese++;
    else western++;
    i++;
  }
  return japanese > western && isTextOf("shift_jis", bytes);
};

/** What the beginning of a file is most likely written in. */
export const guessEncoding = (bytes: Uint8Array): ImportEncoding => {
  const mark = marked(bytes, true);
  if (mark !== null && mark !== undefined) return mark;
  let zerosAtEven = 0;
  let zerosAtOdd = 0;
  bytes.forEach((byte, i) => {
    if (byte === 0) i % 2 === 0 ? zerosAtEven++ : zerosAtOdd++;
  });
  if (Math.max(zerosAtEven, zerosAtOdd) * 4 > bytes.length) {
    return zerosAtOdd > zerosAtEven ? "utf-16le" : "utf-16be";
  }
  if (isTextOf("utf-8", bytes)) return "utf-8";
  return isLikelyJapanese(bytes) ? "shift_jis" : "windows-1252";
};
