/** The order's definition: all that the machine asks about orders, in one value. */
import { Result } from "effect";
import { poolOf } from "../channel/channel.ts";
import { channels } from "../channel/references.ts";
import { lotBalance, lotTotalBalance } from "../lot/balance.ts";
import { items, locations } from "../catalog/references.ts";
import { epochMsOf } from "../kernel/instant.ts";
import { supplyBalance } from "../supply/balance.ts";
import { type SupplyLink, supplyOf } from "../supply/keys.ts";
import { orderLimits, pegLimits } from "./limits.ts";
import { rulesOf } from "../payment/provider.ts";
import { providers } from "../payment/references.ts";
import { stockBalance } from "../stock/balance.ts";
import { aggregate, type Look } from "../subject/aggregate.ts";
import { type BalanceDeltas, inBalance, noDeltas } from "../subject/balance.ts";
import { claimsOf } from "./claims.ts";
import { decide } from "./decide.ts";
import { contactAfter } from "./edit.ts";
import { evolve } from "./evolve.ts";
import { faultsOf } from "./faults.ts";
import { orderDatesOf } from "./goods-dates.ts";
import {
  creditMemoIds,
  fulfillmentOrderIds,
  invoiceIds,
  orderIds,
  paymentIds,
  returnIds,
  shipmentIds,
  transactionIds,
} from "./ids.ts";
import { orderKeys, type WaitingValue } from "./keys.ts";
import { lotEffects } from "./lots.ts";
import { linksOf } from "./links.ts";
import { listsOf, partsOf } from "./lists.ts";
import { orderCodec } from "./order-codec.ts";
import type {
  Contact,
  Order,
  OrderCommand,
  OrderEvent,
  OrderFacts,
  OrderRejection,
} from "./order.ts";
import { orderStatuses } from "./order.ts";
import { personalTextsOf } from "./personal.ts";
import { orderRecordOf } from "./record.ts";
import type { DatedSupply } from "./promise.ts";
import { hasPromises, promiseDeltas } from "./promised.ts";
import { orderRecords } from "./record-kind.ts";
import { returnPolicies, rulesOf as returnRulesOf } from "./return-policy.ts";
import { statusOf } from "./status.ts";
import { stockDeltas } from "./stock-effects.ts";

/** The order itself, and another one. */
const othersLooked = 2;

/** Units of known lots among those that are set aside: returned ones are of none. */
const asideOfLots = (look: Look, locationId: string, sku: string): number =>
  look.value(lotTotalBalance.name, locationId, sku, "setAside");

/** Of a tracked item: lots may have units set aside in buckets, and in none. Neither are anybody's to free here. */
const unspecifiedAside = (look: Look, locationId: string, sku: string): number => {
  const unspecified = look.value(stockBalance.name, locationId, sku, "unspecified");
  if (look.reference(items, sku)?.tracking === undefined) return unspecified;
  const unavailable = look.value(stockBalance.name, locationId, sku, "unavailable");
  return Math.min(unspecified, unavailable - asideOfLots(look, locationId, sku));
};

const factsOf = (look: Look, { channel }: Order): OrderFacts => {
  const all = look.references(locations);
  return {
    now: look.now,
    by: look.by,
    locations: all,
    channel: poolOf(look.references(channels), channel, all),
    dates: orderDatesOf(look, all),
    item: (sku) => look.reference(items, sku),
    available: (locationId, sku) => look.available(stockBalance.name, locationId, sku),
    supply: suppliesOf(look),
    expected: (locationId, supplyId) => look.available(supplyBalance.name, locationId, supplyId),
    isAwaited: (sku, orderId) =>
      look.linked(orderKeys.unpromised(sku), othersLooked).some((value) =>
        (value as unknown as WaitingValue).orderId !== orderId
      ),
    lotUnits: (locationId, row) => look.available(lotBalance.name, locationId, row),
    setAside: (locationId, sku) => unspecifiedAside(look, locationId, sku),
    returnRules: (channel) => returnRulesOf(look.references(returnPolicies), channel),
    provider: (name) => rulesOf(name, (id) => look.reference(providers, id)),
    stockRowsPerCommit: orderLimits.stockRowsPerCommit,
    locationsPerCommit: look.spacesPerCommit,
    touchedFences: look.touchedFences,
    keyBytesPerCommit: look.keyBytesPerCommit,
  };
};

/** Few orders have promises: only theirs are compared before and after an event. */
const promiseEffects = (before: Order, event: OrderEvent): readonly BalanceDeltas[] =>
  event.type !== "order.promised" && !hasPromises(before)
    ? noDeltas
    : promiseDeltas(before, evolve(before, event, before.updatedAt));

const effectsOf = (before: Order, event: OrderEvent): readonly BalanceDeltas[] => {
  const stock = inBalance(stockBalance, stockDeltas(before, event));
  const promised = promiseEffects(before, event);
  const lots = lotEffects(before, event, evolve);
  return promised.length + lots.length === 0 ? stock : [...stock, ...promised, ...lots];
};

const suppliesOf = (look: Look) => (sku: string): readonly DatedSupply[] => {
  const earliestMs = epochMsOf(look.now) - pegLimits.pastDueMs;
  return look.linked(supplyOf(sku), pegLimits.suppliesPerSku).flatMap((value) => {
    const { supplyId, locationId, dueMs } = value as unknown as SupplyLink;
    return dueMs < earliestMs ? [] : [{ supplyId, locationId, dueMs }];
  });
};

const linkInvariants: Readonly<Record<string, string>> = {
  reference: "one-order-per-reference",
  backordered: "backorder-keys",
  unpromised: "waiting-or-pegged",
  pegged: "waiting-or-pegged",
  provider_call: "payments",
};

const wantsStock = (event: OrderEvent): boolean =>
  event.type === "order.backordered" || event.type === "order.shorted" ||
  (event.type === "order.held" && event.code === "shortage");

export const orders = aggregate<
  Order,
  OrderCommand,
  OrderEvent,
  OrderFacts,
  OrderRejection,
  Contact
>({
  name: "order",
  plural: "orders",
  ids: orderIds,
  key: orderKeys.order,
  partIds: [
    ...[fulfillmentOrderIds, shipmentIds, paymentIds, transactionIds, returnIds],
    ...[invoiceIds, creditMemoIds],
  ],
  linkFamilies: ["reference", "backordered", "unpromised", "pegged", "provider_call"],
  linkPlurals: { backordered: "backorders", unpromised: "unpromised", pegged: "pegged" },
  earlierFamilies: ["backorder"],
  linkInvariant: (family) => linkInvariants[family] ?? "links",
  statuses: orderStatuses,
  decide,
  evolve,
  statusOf,
  laterMembers: ["deliveredAt"],
  createdType: "order.placed",
  facts: factsOf,
  isShort: (decided) =>
    Result.isFailure(decided)
      ? decided.failure._tag === "InsufficientStock" || decided.failure._tag === "NotSetAside" ||
        decided.failure._tag === "LotShort"
      : decided.success.some(wantsStock),
  scopeOf: ({ channel, fulfillmentOrders }) => ({
    channel,
    locationIds: fulfillmentOrders.flatMap(({ locationId }) => locationId ?? []),
  }),
  listsOf,
  partsOf,
  linksOf,
  effectsOf,
  claimsOf,
  personalAfter: contactAfter,
  personalTexts: personalTextsOf,
  faultsOf,
  measuresOf: (order) => ({
    orderLines: order.lines.length,
    unitsShipped: order.fulfillmentOrders.reduce(
      (sum, { lines }) => lines.reduce((units, { shipped }) => units + shipped, sum),
      0,
    ),
  }),
  codec: orderCodec,
  record: orderRecords,
  recordOf: orderRecordOf,
});
