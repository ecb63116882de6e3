/** The browser that the dashboard is driven with, where one is installed. */
import { existsSync } from "node:fs";

const candidates = [
  Deno.env.get("CHROMIUM"),
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];

/** Where a Chromium is; null when there is none. */
export const findChromium = (): string | null =>
  candidates.find((path) => path !== undefined && existsSync(path)) ?? null;
