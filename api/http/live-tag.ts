/** Entity tags of things that show more than their document: how something does at this moment. */
import { createHash } from "node:crypto";

const tagLength = 8;

/** The version, and behind it what tells apart how it does: `If-Match` looks at the version alone. */
export const liveTag = ({ version, ...rest }: { readonly version: number }): string => {
  const of = JSON.stringify(rest);
  const hash = createHash("sha256").update(of).digest("base64url").slice(0, tagLength);
  return `"${version}-${hash.replaceAll("-", "_")}"`;
};

/** The version that an entity tag names. */
export const versionIn = (tag: string | undefined): string | undefined => tag?.split("-", 1)[0];
