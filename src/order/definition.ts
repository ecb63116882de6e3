/** The order's definition: all that the machine asks about orders, in one value. */
import { Result } from "effect";
import { lotBalance, lotTotalBalance } from "../lot/balance.ts";
import { items, locations } from "../catalog/references.ts";
import { orderLimits } from "./limits.ts";
import { rulesOf } from "../payment/provider.ts";
import { providers } from "../payment/references.ts";
import { stockBalance } from "../stock/balance.ts";
import { aggregate, type Look } from "../subject/aggregate.ts";
import { type BalanceDeltas, inBalance } from "../subject/balance.ts";
import { claimsOf } from "./claims.ts";
import { decide } from "./decide.ts";
import { contactAfter } from "./edit.ts";
import { evolve } from "./evolve.ts";
import { faultsOf } from "./faults.ts";
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
import { orderKeys } from "./keys.ts";
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
import { orderRecords } from "./record-kind.ts";
import { returnPolicies, rulesOf as returnRulesOf } from "./return-policy.ts";
import { statusOf } from "./status.ts";
import { stockDeltas } from "./stock-effects.ts";

/** Units of known lots among those that are set aside: returned ones are of none. */
const asideOfLots = (look: Look, locationId: string, sku: string): number =>
  look.reference(items, sku)?.tracking === undefined
    ? 0
    : look.value(lotTotalBalance.name, locationId, sku, "setAside");

const factsOf = (look: Look): OrderFacts => ({
  now: look.now,
  by: look.by,
  locations: look.references(locations),
  item: (sku) => look.reference(items, sku),
  available: (locationId, sku) => look.available(stockBalance.name, locationId, sku),
  lotUnits: (locationId, row) => look.available(lotBalance.name, locationId, row),
  setAside: (locationId, sku) =>
    look.value(stockBalance.name, locationId, sku, "unavailable") -
    asideOfLots(look, locationId, sku),
  returnRules: (channel) => returnRulesOf(look.references(returnPolicies), channel),
  provider: (name) => rulesOf(name, (id) => look.reference(providers, id)),
  stockRowsPerCommit: orderLimits.stockRowsPerCommit,
  locationsPerCommit: look.spacesPerCommit,
  keyBytesPerCommit: look.keyBytesPerCommit,
});

const effectsOf = (before: Order, event: OrderEvent): readonly BalanceDeltas[] => {
  const stock = inBalance(stockBalance, stockDeltas(before, event));
  const lots = lotEffects(before, event, evolve);
  return lots.length === 0 ? stock : [...stock, ...lots];
};

const linkInvariants: Readonly<Record<string, string>> = {
  reference: "one-order-per-reference",
  backorder: "backorder-keys",
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
  linkFamilies: ["reference", "backorder", "provider_call"],
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
