/** Styles of the pages of messages, as text. */
import { styleAsset } from "../../dashboard/assets.ts";
import style from "./messages.css" with { type: "text" };

export const messageStyles = [styleAsset("messages.css", style)];
