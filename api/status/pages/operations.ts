/** The operations about the status that pages ask for, and what they answer. */
import type { ShownStatus } from "../shown.ts";
import { operation } from "../../http/in-process.ts";
import * as status from "../status.ts";

export const getStatus = operation<ShownStatus>(status.getStatus);
