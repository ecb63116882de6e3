/** Scripts and styles of the pages of orders, as text. */
import { scriptAsset, styleAsset } from "../../dashboard/assets.ts";
import script from "./scan.js" with { type: "text" };
import style from "./station.css" with { type: "text" };

export const stationScripts = [scriptAsset("scan.js", script)];
export const stationStyles = [styleAsset("station.css", style)];
