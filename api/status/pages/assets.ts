/** The chart of the overview. */
import chartLibrary from "uplot/dist/uPlot.iife.min.js" with { type: "text" };
import chartStyle from "uplot/dist/uPlot.min.css" with { type: "text" };
import { scriptAsset, styleAsset } from "../../dashboard/assets.ts";
import chart from "./chart.js" with { type: "text" };

/** What draws charts, on whatever page. */
export const chartLibraryScript = scriptAsset("uplot.js", chartLibrary);
export const chartScripts = [chartLibraryScript, scriptAsset("chart.js", chart)];
export const chartStyles = [styleAsset("uplot.css", chartStyle)];
