/** What sends a file from the page, and shows its beginning. */
import { scriptAsset } from "../../dashboard/assets.ts";
import script from "./imports.js" with { type: "text" };

export const importScripts = [scriptAsset("imports.js", script)];
