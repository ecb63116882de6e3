/**
 * Answers compressed with gzip (RFC 9110 section 8.4), where the client takes that and the answer is worth it.
 * Only what is read is compressed: what a command answers is small, and who places orders pays nothing for it.
 */
import { gzipSync } from "node:zlib";
import type { StoredResponse } from "../../src/store/documents.ts";
import { compressionLimits } from "./limits.ts";

const weightOf = (parameters: string): number => {
  const weight = /(?:^|;)\s*q\s*=\s*([\d.]+)\s*(?:;|$)/i.exec(parameters)?.[1];
  return weight === undefined ? 1 : Number(weight);
};

/** Whether `Accept-Encoding` (RFC 9110 section 12.5.3) lets the answer be gzip. */
export const takesGzip = (headers: Headers): boolean => {
  const value = headers.get("accept-encoding");
  if (value === null) return false;
  let any = false;
  for (const entry of value.split(",")) {
    const [name = "", ...parameters] = entry.split(";");
    const coding = name.trim().toLowerCase();
    const isTaken = weightOf(parameters.join(";")) > 0;
    // What is said of gzip itself counts, wherever it stands.
    if (coding === "gzip" || coding === "x-gzip") return isTaken;
    if (coding === "*") any = isTaken;
  }
  return any;
};

/** Whether an answer is so large that compressing it is worth its time. */
export const isWorthCompressing = ({ body }: StoredResponse): boolean =>
  body.length >= compressionLimits.fromCharacters;

const suffix = "+gzip";

/** A strong tag says that the bytes are the same, and these are others. */
export const taggedGzip = (entityTag: string): string => entityTag.replace(/"$/, `${suffix}"`);

/** The tag of the thing, whichever form of it the client has seen. */
export const untaggedGzip = (entityTag: string): string =>
  entityTag.endsWith(`${suffix}"`) ? `${entityTag.slice(0, -suffix.length - 1)}"` : entityTag;

/** Answers that are made once and given to everybody; compressed when somebody first asks for that. */
const documents = new WeakMap<StoredResponse, { bytes?: Uint8Array<ArrayBuffer> }>();

/** Has the answer compressed only once. */
export const asDocument = (answer: StoredResponse): StoredResponse => {
  documents.set(answer, {});
  return answer;
};

export const isDocument = (answer: StoredResponse): boolean => documents.has(answer);

const { level, documentLevel } = compressionLimits;

/** The whole body; for answers that are not large, and for documents. */
export const compressed = (answer: StoredResponse): Uint8Array<ArrayBuffer> => {
  const document = documents.get(answer);
  if (document === undefined) return new Uint8Array(gzipSync(answer.body, { level }));
  return document.bytes ??= new Uint8Array(gzipSync(answer.body, { level: documentLevel }));
};

/** A body in pieces, which is compressed as fast as it is read. */
export const compressing = (
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
): ReadableStream<Uint8Array<ArrayBuffer>> => body.pipeThrough(new CompressionStream("gzip"));
