/** The operations of administrators that pages ask for, and their answers. */
import type { VerifyReport } from "../../../src/verify/report.ts";
import { operation } from "../../http/in-process.ts";
import * as admin from "../admin.ts";

export const verifyStore = operation<VerifyReport>(admin.verifyStore);
