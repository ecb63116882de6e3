/** What a decision about an order may know beside the order. */
import type { ChannelPool } from "../channel/channel.ts";
import type { Item } from "../catalog/catalog.ts";
import type { Instant } from "../kernel/instant.ts";
import type { ProviderRules } from "../payment/provider.ts";
import type { OrderDates } from "./goods-dates.ts";
import type { DatedSupply } from "./promise.ts";
import type { ReturnRules } from "./return.ts";

/** A location as routing sees it. */
export interface RoutingLocation {
  readonly id: string;
  /** False for a closed location: no order is sent there by itself. */
  readonly active: boolean;
  readonly latitude?: number;
  readonly longitude?: number;
}

/** The facts beside the order that a decision may know: they are handed in, so that it can be replayed. */
export interface OrderFacts {
  readonly now: Instant;
  /** The id of the API key that asks, or `system`. */
  readonly by: string;
  /** In the order of the location list. */
  readonly locations: readonly RoutingLocation[];
  /** The settings of the order's channel, and all locations that serve it; absent without any. */
  readonly channel?: ChannelPool | undefined;
  /** Absent where no location counts days. */
  readonly dates?: OrderDates | undefined;
  /** Null where nobody described the SKU. */
  readonly item: (
    sku: string,
  ) =>
    | Pick<Item, "backorder" | "digital" | "kit" | "tracking" | "minRemainingDays">
    | null;
  /** Units that may be promised now: on hand less reserved, unavailable, safety stock and holds. */
  readonly available: (locationId: string, sku: string) => number;
  /** Supply of a SKU that is on its way, wherever it goes to. Asked for only where stock is short. */
  readonly supply: (sku: string) => readonly DatedSupply[];
  /** Units of a supply that nobody is promised yet. */
  readonly expected: (locationId: string, supplyId: string) => number;
  /** Whether another order waits for the SKU and is promised nothing. */
  readonly isAwaited: (sku: string, orderId: string) => boolean;
  /** Units of a lot, by its row, that may be picked. Asked of tracked items only. */
  readonly lotUnits: (locationId: string, row: string) => number;
  /** Units that are on hand and not for sale, and in no bucket or known lot by name: those are others'. */
  readonly setAside: (locationId: string, sku: string) => number;
  readonly returnRules: (channel: string) => ReturnRules;
  /** Null where there is no payment provider of that name. */
  readonly provider: (name: string) => ProviderRules | null;
  /** Stock rows that one commit may touch; more is allocated in several. */
  readonly stockRowsPerCommit: number;
  /** Locations that one commit may touch: each has a fence, and a store allows only so many checks. */
  readonly locationsPerCommit: number;
  /** Fences of a commit that something else of it touches: locations behind them do not count. */
  readonly touchedFences?: ReadonlySet<string> | undefined;
  /** Bytes of keys of stock, of waiting lines and of locations' fences in one commit. */
  readonly keyBytesPerCommit: number;
}
