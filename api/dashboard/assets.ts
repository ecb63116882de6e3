/**
 * Styles and scripts, from this project and from pinned packages, all from the project's own origin. They
 * are imported as text, so they are there wherever the code is, with nothing to build or to unpack.
 */
import htmxSse from "htmx.org/dist/ext/hx-sse.min.js" with { type: "text" };
import htmx from "htmx.org/dist/htmx.min.js" with { type: "text" };
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { takesGzip } from "../http/compress.ts";
import calm from "./assets/calm.js" with { type: "text" };
import style from "./assets/dashboard.css" with { type: "text" };
import script from "./assets/dashboard.js" with { type: "text" };
import signIn from "./assets/sign-in.js" with { type: "text" };
import forms from "./assets/forms.js" with { type: "text" };
import scanner from "./assets/scanner.js" with { type: "text" };
import icon from "./assets/icon.svg" with { type: "text" };

export interface Asset {
  readonly name: string;
  readonly text: string;
  readonly mediaType: string;
  readonly version: string;
}

const asset = (name: string, text: string, mediaType: string): Asset => ({
  name,
  text,
  mediaType,
  version: createHash("sha256").update(text).digest("base64url").slice(0, 10),
});

export const scriptAsset = (name: string, text: string): Asset =>
  asset(name, text, "text/javascript; charset=utf-8");

export const styleAsset = (name: string, text: string): Asset =>
  asset(name, text, "text/css; charset=utf-8");

/** The assets of every page. */
export const frame = {
  // One file: the library begins its work soon after it is loaded, and must know its extension by then.
  htmx: scriptAsset("htmx.js", `${htmx};\n${htmxSse}`),
  script: scriptAsset("dashboard.js", script),
  signIn: scriptAsset("sign-in.js", signIn),
  forms: scriptAsset("forms.js", forms),
  scanner: scriptAsset("scanner.js", scanner),
  calm: scriptAsset("calm.js", calm),
  style: styleAsset("dashboard.css", style),
  icon: asset("icon.svg", icon, "image/svg+xml"),
};

/** With the content's hash, so that browsers may keep it for good. */
export const assetUrl = ({ name, version }: Asset): string => `/assets/${name}?v=${version}`;

const compressed = new WeakMap<Asset, Uint8Array<ArrayBuffer>>();

/** Compressed when somebody first asks for that. Pages are not: what they show beside a secret could tell it. */
const gzipOf = (asset: Asset): Uint8Array<ArrayBuffer> => {
  const known = compressed.get(asset) ?? new Uint8Array(gzipSync(asset.text));
  compressed.set(asset, known);
  return known;
};

/** The asset as a response; null when there is none of the name. */
export const assetResponse = (
  assets: readonly Asset[],
  name: string,
  version: string | undefined,
  asked: Headers,
): Response | null => {
  const found = assets.find((asset) => asset.name === name);
  if (found === undefined) return null;
  const gzips = takesGzip(asked);
  return new Response(gzips ? gzipOf(found) : found.text, {
    headers: {
      "content-type": found.mediaType,
      ...(gzips ? { "content-encoding": "gzip" } : {}),
      "vary": "Accept-Encoding",
      "cache-control": version === found.version
        ? "public, max-age=31536000, immutable"
        : "public, no-cache",
      "x-content-type-options": "nosniff",
    },
  });
};
