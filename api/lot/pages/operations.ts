/** The operations about lots that pages ask for, and what they answer. */
import type { ListedLot } from "../../../actors/lot/lists.ts";
import type { ApiPage } from "../../dashboard/calls.ts";
import { operation } from "../../http/in-process.ts";
import * as lots from "../lots.ts";

export const listLots = operation<ApiPage<ListedLot>>(lots.listLots);
