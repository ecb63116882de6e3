/** Scripts of the pages of supply, as text. */
import { scriptAsset } from "../../dashboard/assets.ts";
import availability from "./availability.js" with { type: "text" };
import importing from "./import.js" with { type: "text" };
import receiving from "./receive.js" with { type: "text" };

export const receivingScripts = [scriptAsset("receive.js", receiving)];
export const importScripts = [scriptAsset("supply-import.js", importing)];
export const availabilityScripts = [scriptAsset("availability.js", availability)];
