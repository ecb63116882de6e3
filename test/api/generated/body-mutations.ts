/** Bodies that are not as they must be: their JSON, their bytes, and what is said of them. */
import { deflateSync, gzipSync } from "node:zlib";
import type { Chance } from "../../sim/random.ts";
import { bytesOf, type Call, callOf, type Plan } from "./call.ts";
import { brokenJson, changedJson } from "./json-mutations.ts";
import { allowed, type Expectation, type Mutation, refused } from "./mutation.ts";

const withBody = (plan: Plan, body: Call["body"], headers: Call["headers"] = {}): Call => ({
  ...callOf(plan),
  body,
  headers: { ...plan.headers, ...headers },
});

const textOf = (plan: Plan): string =>
  plan.json === undefined ? plan.text ?? "" : JSON.stringify(plan.json);

const parsed = (text: string): { readonly value: unknown } | null => {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
};

export const changeJson: Mutation = (plan, document, chance) => {
  const { operation, json } = plan;
  if (json === undefined || operation.body?.schema == null) return null;
  const changed = changedJson(document, operation.body.schema, json, chance);
  if (changed === null) return null;
  const call = withBody(plan, bytesOf(changed.text));
  const value = parsed(changed.text);
  const misfits = value === null ? [] : document.bodyMisfits(operation, value.value);
  const expectation: Expectation = value === null
    ? refused(400)
    : misfits.length === 0
    ? allowed
    : { kind: "refused", statuses: [422], misfits };
  return { name: `body: ${changed.name}`, call, expectation };
};

export const breakJson: Mutation = (plan, document, chance) => {
  const { operation, json } = plan;
  if (json === undefined || operation.body?.schema == null) return null;
  const changed = brokenJson(document, operation.body.schema, json, chance);
  if (changed === null) return null;
  const isWhole = parsed(changed.text) !== null && changed.name !== "half a surrogate pair";
  // `[""]` without its one entry is a list all the same.
  if (isWhole) return null;
  const call = withBody(plan, bytesOf(changed.text));
  return { name: `body: ${changed.name}`, call, expectation: refused(400) };
};

const utf16 = (text: string, isLittle: boolean): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(text.length * 2);
  const view = new DataView(bytes.buffer);
  for (let n = 0; n < text.length; n++) view.setUint16(2 * n, text.charCodeAt(n), isLittle);
  return bytes;
};

const joined = (...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.byteLength;
  }
  return bytes;
};

/** Bytes that UTF-8 does not have: cut short, overlong, half of a pair, beyond Unicode, no beginning. */
const noUtf8: readonly (readonly number[])[] = [
  [0xff],
  [0xc3],
  [0xc0, 0xaf],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0x80],
  [0xe2, 0x82],
];

/** Every byte sequence here is no JSON in UTF-8. */
const bytesThatAreNone: Readonly<
  Record<string, (text: string, chance: Chance) => Uint8Array<ArrayBuffer> | null>
> = {
  "truncated": (text, chance) => {
    const bytes = bytesOf(text);
    const cut = bytes.slice(0, chance.between(1, bytes.byteLength - 1));
    return parsed(new TextDecoder().decode(cut)) === null ? cut : null;
  },
  "not UTF-8": (text, chance) => {
    const bytes = bytesOf(text);
    const place = chance.between(0, bytes.byteLength);
    const wrong = new Uint8Array(chance.pick(noUtf8));
    return joined(bytes.slice(0, place), wrong, bytes.slice(place));
  },
  "UTF-16": (text, chance) => utf16(text, chance.happens(0.5)),
  "UTF-16 with a byte order mark": (text, chance) => utf16(`\ufeff${text}`, chance.happens(0.5)),
  "compressed without saying so": (text) => new Uint8Array(gzipSync(text)),
  "something after it": (text, chance) =>
    bytesOf(text + chance.pick(["x", "}", "{}", ",", "\u0000", " null", "//"])),
  "something before it": (text, chance) =>
    bytesOf(chance.pick(["x", ")]}',\n", "\u0000", "/**/", "\u00a0"]) + text),
  "twice": (text) => bytesOf(`${text}\n${text}`),
  "a form": () => bytesOf("name=value&other=value"),
  "XML": () => bytesOf("<order/>"),
  "noise": (_, chance) => {
    const bytes = Uint8Array.from({ length: 40 }, () => chance.between(0, 255));
    return parsed(new TextDecoder().decode(bytes)) === null ? bytes : null;
  },
  "blank": (_, chance) => bytesOf(chance.pick([" ", "\n", "\t \r\n"])),
};

export const breakBytes: Mutation = (plan, _, chance) => {
  if (plan.json === undefined) return null;
  const name = chance.pick(Object.keys(bytesThatAreNone));
  const bytes = bytesThatAreNone[name]?.(JSON.stringify(plan.json), chance) ?? null;
  if (bytes === null) return null;
  return { name: `bytes: ${name}`, call: withBody(plan, bytes), expectation: refused(400) };
};

export const leaveOutBody: Mutation = (plan, _, chance) => {
  const { body } = plan.operation;
  if (plan.json === undefined || body === null) return null;
  const bytes = chance.happens(0.5) ? null : new Uint8Array(0);
  return {
    name: "bytes: none",
    call: withBody(plan, bytes),
    expectation: body.required ? refused(400) : allowed,
  };
};

/** RFC 8259 section 8.1 lets a reader ignore the mark. */
export const addMark: Mutation = (plan) =>
  plan.json === undefined ? null : {
    name: "bytes: UTF-8 with a byte order mark",
    call: withBody(plan, bytesOf(`\ufeff${JSON.stringify(plan.json)}`)),
    expectation: allowed,
  };

/** RFC 8259 section 4: names should be unique; which of two was meant, nobody knows. */
export const repeatMember: Mutation = (plan, _, chance) => {
  const text = textOf(plan);
  const first = plan.json === undefined ? undefined : Object.keys(plan.json as object)[0];
  if (first === undefined) return null;
  const extra = `{${JSON.stringify(first)}:${chance.pick(["1", "null", '"x"', "[]"])},`;
  return {
    name: "body: repeated member",
    call: withBody(plan, bytesOf(extra + text.slice(1))),
    expectation: refused(400),
  };
};

const mebibyte = 1024 * 1024;

export const tooLarge: Mutation = (plan, _, chance) => {
  if (plan.json === undefined) return null;
  const text = JSON.stringify(plan.json);
  const room = mebibyte + chance.pick([1, 2, 100_000]) - bytesOf(text).byteLength;
  if (room <= 0) return null;
  const length = chance.happens(0.5) ? { "content-length": String(mebibyte + 1) } : {};
  return {
    name: "bytes: over the limit",
    call: withBody(plan, bytesOf(text + " ".repeat(room)), length),
    expectation: refused(413),
  };
};

const wrongTypes = [
  "",
  "text/plain",
  "text/json",
  "application/xml",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "application/problem+json",
  "application/merge-patch+json",
  "application/json-seq",
  "application/jsonp",
  "application/octet-stream",
  "json",
  "*/*",
  "application/*",
  "application/json, text/plain",
  ";",
];

export const wrongMediaType: Mutation = (plan, _, chance) => {
  if (plan.json === undefined && plan.text === undefined) return null;
  const type = chance.pick(wrongTypes);
  const call = callOf(plan);
  if (call.body?.byteLength === 0) return null;
  return {
    name: "header: wrong media type",
    call: { ...call, headers: { ...call.headers, "content-type": type } },
    expectation: refused(415),
  };
};

const rightTypes = [
  "Application/JSON",
  "application/json;charset=utf-8",
  'application/json ; charset="UTF-8"',
  "application/json; version=1",
];

export const otherwiseWrittenType: Mutation = (plan, _, chance) =>
  plan.json === undefined ? null : {
    name: "header: media type written otherwise",
    call: withBody(plan, bytesOf(JSON.stringify(plan.json)), {
      "content-type": chance.pick(rightTypes),
    }),
    expectation: allowed,
  };

export const encoded: Mutation = (plan, _, chance) => {
  if (plan.json === undefined && plan.text === undefined) return null;
  const encoding = chance.pick(["gzip", "br", "deflate", "gzip, gzip", "nonsense"]);
  const isRight = chance.happens(0.5);
  const compress = (encoding === "deflate") === isRight ? deflateSync : gzipSync;
  // What is signed comes as it was signed.
  const isStreamed = plan.text !== undefined && plan.headers["content-type"] !== "application/json";
  const isUnderstood = isStreamed && (encoding === "gzip" || encoding === "deflate");
  return {
    name: "header: content encoding",
    call: withBody(plan, new Uint8Array(compress(textOf(plan))), { "content-encoding": encoding }),
    expectation: !isUnderstood ? refused(415) : isRight ? allowed : refused(400),
  };
};
