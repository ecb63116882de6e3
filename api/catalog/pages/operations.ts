/** The operations on the catalog that pages ask for, and their answers. */
import type { Location } from "../../../src/catalog/catalog.ts";
import type { ApiPage } from "../../dashboard/calls.ts";
import { operation } from "../../http/in-process.ts";
import * as catalog from "../catalog.ts";

export const listLocations = operation<ApiPage<Location>>(catalog.listLocations);
export const getItem = operation<{ readonly sku: string; readonly name: string }>(catalog.getItem);
