/** The operations of stock feeds that pages ask for, and their answers. */
import type { ApiPage } from "../../dashboard/calls.ts";
import { operation } from "../../http/in-process.ts";
import * as feeds from "../feeds.ts";
import type { FeedDetails, FeedView } from "../views.ts";

/** With the secret that was made now; null where none was. */
export type SavedFeedView = FeedView & { readonly secret: string | null };

export const listStockFeeds = operation<ApiPage<FeedView>>(feeds.listStockFeeds);
export const getStockFeed = operation<FeedDetails>(feeds.getStockFeed);
export const saveStockFeed = operation<SavedFeedView>(feeds.saveStockFeed);
export const removeStockFeed = operation<null>(feeds.removeStockFeed);
export const resyncStockFeed = operation<FeedView>(feeds.resyncStockFeed);
