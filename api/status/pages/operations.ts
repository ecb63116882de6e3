/** The operations about the status that pages ask for, and what they answer. */
import type { StatusSnapshot } from "../../../src/status/snapshot.ts";
import { operation } from "../../http/in-process.ts";
import * as status from "../status.ts";

export const getStatus = operation<StatusSnapshot>(status.getStatus);
