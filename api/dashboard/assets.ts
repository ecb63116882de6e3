/**
 * Styles and scripts, from this project and from pinned packages, all from the project's own origin. They
 * are imported as text, so they are there wherever the code is, with nothing to build or to unpack.
 */
import htmxSse from "htmx.org/dist/ext/hx-sse.min.js" with { type: "text" };
import htmx from "htmx.org/dist/htmx.min.js" with { type: "text" };
import { createHash } from "node:crypto";
import chartLibrary from "uplot/dist/uPlot.iife.min.js" with { type: "text" };
import chartStyle from "uplot/dist/uPlot.min.css" with { type: "text" };
import chart from "./assets/chart.js" with { type: "text" };
import style from "./assets/dashboard.css" with { type: "text" };
import script from "./assets/dashboard.js" with { type: "text" };
import icon from "./assets/icon.svg" with { type: "text" };
import imports from "./assets/imports.js" with { type: "text" };

export interface Asset {
  readonly text: string;
  readonly mediaType: string;
  readonly version: string;
}

const javascript = "text/javascript; charset=utf-8";
const css = "text/css; charset=utf-8";

const asset = (text: string, mediaType: string): Asset => ({
  text,
  mediaType,
  version: createHash("sha256").update(text).digest("base64url").slice(0, 10),
});

const assets: ReadonlyMap<string, Asset> = new Map([
  // As one: the library begins its work soon after it is loaded, and must know its extension by then.
  ["htmx.js", asset(`${htmx};\n${htmxSse}`, javascript)],
  ["uplot.js", asset(chartLibrary, javascript)],
  ["uplot.css", asset(chartStyle, css)],
  ["dashboard.css", asset(style, css)],
  ["dashboard.js", asset(script, javascript)],
  ["chart.js", asset(chart, javascript)],
  ["imports.js", asset(imports, javascript)],
  ["icon.svg", asset(icon, "image/svg+xml")],
]);

/** With the content's hash, so that browsers may keep it for good. */
export const assetUrl = (name: string): string =>
  `/assets/${name}?v=${assets.get(name)?.version ?? ""}`;

/** The asset as a response; null when there is none of the name. */
export const assetResponse = (name: string, version: string | undefined): Response | null => {
  const found = assets.get(name);
  if (found === undefined) return null;
  return new Response(found.text, {
    headers: {
      "content-type": found.mediaType,
      "cache-control": version === found.version
        ? "public, max-age=31536000, immutable"
        : "public, no-cache",
      "x-content-type-options": "nosniff",
    },
  });
};
