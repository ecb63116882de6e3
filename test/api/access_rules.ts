/**
 * Who may do what, on every route, in and out of its scope. It is written here and nowhere else: the tables of
 * the code are not asked.
 */
import { type Role, roles, type Scope } from "../../src/kernel/principal.ts";
import type { Stage } from "./generated/stage.ts";

/**
 * What a scope does where the key's role is right. `open`: nothing. `refused`: 403. `hides`: a thing of
 * somebody else's is 404. `names`: the request says whose it is, and for somebody else's it is 403. `filters`:
 * a list without what is somebody else's, and 403 where its parameter asks for that.
 */
export type Rule = "open" | "refused" | "hides" | "names" | "filters";

export interface Row {
  /** None: nobody needs a key. */
  readonly roles: readonly Role[] | null;
  readonly channel: Rule;
  readonly location: Rule;
}

const row = (who: string | null, channel: Rule, location: Rule): Row => ({
  roles: who === null ? null : who.split(" ") as readonly Role[],
  channel,
  location,
});

const everybody = "admin operations warehouse channel support finance viewer";
const atWork = "admin operations warehouse";
const deciding = "admin operations support";
const endpoints = "admin operations channel";
const invoiced = "admin operations channel support finance";
const importing = "admin operations channel support viewer";

export const expected: Readonly<Record<string, Row>> = {
  placeOrder: row("admin operations channel", "names", "refused"),
  listOrders: row(everybody, "filters", "filters"),
  listBackorders: row(everybody, "filters", "filters"),
  getOrder: row(everybody, "hides", "hides"),
  listOrderEvents: row(everybody, "hides", "hides"),
  cancelOrder: row("admin operations channel support", "hides", "refused"),
  previewCancel: row("admin operations channel support", "hides", "refused"),
  previewEdit: row(deciding, "hides", "refused"),
  editOrder: row(deciding, "hides", "refused"),
  holdOrder: row("admin operations support finance", "hides", "refused"),
  releaseOrder: row("admin operations support finance", "hides", "refused"),
  listFulfillmentOrders: row(everybody, "filters", "filters"),
  getFulfillmentOrder: row(everybody, "hides", "hides"),
  acceptFulfillmentOrder: row(atWork, "refused", "hides"),
  rejectFulfillmentOrder: row(atWork, "refused", "hides"),
  pickFulfillmentOrder: row(atWork, "refused", "hides"),
  packFulfillmentOrder: row(atWork, "refused", "hides"),
  shipFulfillmentOrder: row(atWork, "refused", "hides"),
  readyFulfillmentOrder: row(atWork, "refused", "hides"),
  collectFulfillmentOrder: row(atWork, "refused", "hides"),
  getShipment: row(everybody, "hides", "hides"),
  listDeliveryExceptions: row(everybody, "filters", "filters"),
  trackShipment: row(atWork, "refused", "hides"),
  correctShipmentTracking: row(atWork, "refused", "hides"),
  setShipmentTrackingNumbers: row(atWork, "refused", "hides"),
  noteShipment: row("admin operations warehouse support", "refused", "hides"),
  reshipShipment: row("admin operations", "refused", "hides"),
  previewReturn: row("admin operations channel support", "hides", "refused"),
  requestReturn: row("admin operations warehouse channel support", "hides", "hides"),
  listReturns: row(everybody, "filters", "filters"),
  getReturn: row(everybody, "hides", "hides"),
  authorizeReturn: row(deciding, "hides", "hides"),
  declineReturn: row(deciding, "hides", "hides"),
  cancelReturn: row(deciding, "hides", "hides"),
  shipReturn: row(deciding, "hides", "hides"),
  receiveReturn: row(atWork, "hides", "hides"),
  inspectReturn: row(atWork, "hides", "hides"),
  closeReturn: row(atWork, "hides", "hides"),
  saveReturnPolicy: row("admin operations", "refused", "refused"),
  listReturnPolicies: row(everybody, "open", "open"),
  getReturnPolicy: row(everybody, "open", "open"),
  addPayment: row("admin operations channel finance", "hides", "refused"),
  listPayments: row(everybody, "filters", "refused"),
  getPayment: row(everybody, "hides", "refused"),
  capturePayment: row("admin operations finance", "hides", "refused"),
  voidPayment: row("admin operations finance", "hides", "refused"),
  recordPayment: row("admin operations finance", "hides", "refused"),
  resolvePayment: row("admin finance", "hides", "refused"),
  previewRefund: row("admin support finance", "hides", "refused"),
  refundOrder: row("admin support finance", "hides", "refused"),
  creditOrder: row("admin support finance", "hides", "refused"),
  listInvoices: row(invoiced, "hides", "refused"),
  getInvoice: row(invoiced, "hides", "refused"),
  listCreditMemos: row(invoiced, "hides", "refused"),
  getCreditMemo: row(invoiced, "hides", "refused"),
  saveProvider: row("admin", "refused", "refused"),
  getProvider: row("admin", "refused", "refused"),
  listProviders: row("admin", "refused", "refused"),
  receiveProviderWebhook: row(null, "open", "open"),
  placePurchaseOrder: row(atWork, "refused", "names"),
  listPurchaseOrders: row(atWork, "refused", "filters"),
  importPurchaseOrders: row(atWork, "refused", "filters"),
  requestTransfer: row(atWork, "refused", "names"),
  listTransfers: row(atWork, "refused", "filters"),
  importTransfers: row(atWork, "refused", "filters"),
  ...Object.fromEntries(
    [
      ...["getPurchaseOrder", "listPurchaseOrderEvents", "changePurchaseOrder"],
      ...["receivePurchaseOrder", "closePurchaseOrder", "cancelPurchaseOrder"],
      ...["getTransfer", "listTransferEvents", "shipTransfer", "changeTransfer"],
      ...["receiveTransfer", "closeTransfer", "cancelTransfer"],
    ].map((id) => [id, row(atWork, "refused", "hides")]),
  ),
  adjustStock: row(atWork, "refused", "names"),
  countStock: row(atWork, "refused", "names"),
  moveStock: row(atWork, "refused", "names"),
  setSafetyStock: row(atWork, "refused", "names"),
  listStock: row(everybody, "open", "filters"),
  listLots: row(everybody, "refused", "filters"),
  traceLot: row(everybody, "refused", "filters"),
  getSerial: row(everybody, "refused", "hides"),
  listStockChanges: row(everybody, "filters", "hides"),
  getAvailability: row(everybody, "filters", "filters"),
  makePromise: row(everybody, "names", "refused"),
  saveLocation: row("admin operations", "refused", "refused"),
  listLocations: row(everybody, "open", "open"),
  getLocation: row(everybody, "open", "open"),
  saveCalendar: row("admin operations", "refused", "refused"),
  listCalendars: row(everybody, "open", "open"),
  getCalendar: row(everybody, "open", "open"),
  saveCarrier: row("admin operations", "refused", "refused"),
  listCarriers: row(everybody, "open", "open"),
  getCarrier: row(everybody, "open", "open"),
  saveItem: row("admin operations", "refused", "refused"),
  listItems: row(everybody, "open", "open"),
  getItem: row(everybody, "open", "open"),
  importOrders: row("admin operations channel", "names", "refused"),
  listImports: row(importing, "filters", "refused"),
  saveImportMapping: row("admin operations channel", "refused", "refused"),
  listImportMappings: row(importing, "open", "open"),
  getImportMapping: row(importing, "open", "open"),
  listReadyImportMappings: row(importing, "open", "open"),
  listMessageTemplates: row("admin operations support", "refused", "refused"),
  saveMessageTemplate: row("admin operations", "refused", "refused"),
  getMessageTemplate: row("admin operations support", "refused", "refused"),
  removeMessageTemplate: row("admin operations", "refused", "refused"),
  previewMessageTemplate: row("admin operations support", "refused", "refused"),
  saveMessageChannel: row("admin operations", "refused", "refused"),
  listMessageChannels: row("admin operations support", "open", "open"),
  getMessageChannel: row("admin operations support", "open", "open"),
  removeMessageChannel: row("admin operations", "refused", "refused"),
  listOrderMessages: row("admin operations support", "hides", "hides"),
  getImport: row(importing, "hides", "refused"),
  listImportResults: row(importing, "hides", "refused"),
  getKeyName: row(everybody, "hides", "hides"),
  createKey: row("admin", "refused", "refused"),
  listKeys: row("admin", "refused", "refused"),
  getKey: row("admin", "refused", "refused"),
  changeKey: row("admin", "refused", "refused"),
  revokeKey: row("admin", "refused", "refused"),
  verifyStore: row("admin operations", "refused", "refused"),
  retrySetAside: row("admin operations", "refused", "refused"),
  getStatus: row(everybody, "filters", "filters"),
  streamStatus: row(everybody, "filters", "filters"),
  listEvents: row(everybody, "filters", "filters"),
  getProblem: row(null, "open", "open"),
  createWebhook: row(endpoints, "names", "names"),
  listWebhooks: row(endpoints, "filters", "filters"),
  ...Object.fromEntries(
    [
      ...["getWebhook", "saveWebhook", "removeWebhook", "rotateWebhookSecret", "testWebhook"],
      ...["enableWebhook", "disableWebhook", "listWebhookDeliveries"],
      ...["redeliverWebhook", "dismissDeliveries"],
    ].map((id) => [id, row(endpoints, "hides", "hides")]),
  ),
  ...Object.fromEntries(
    [
      ...["saveStockFeed", "listStockFeeds", "getStockFeed", "removeStockFeed"],
      "resyncStockFeed",
    ].map((id) => [id, row("admin operations", "refused", "refused")]),
  ),
  saveChannel: row("admin operations", "refused", "refused"),
  listChannels: row(everybody, "filters", "open"),
  getChannel: row(everybody, "hides", "open"),
  reserve: row("admin operations channel", "names", "refused"),
  listReservations: row(everybody, "filters", "filters"),
  getReservation: row(everybody, "hides", "hides"),
  listReservationEvents: row(everybody, "hides", "hides"),
  extendReservation: row("admin operations channel", "hides", "refused"),
  releaseReservation: row("admin operations channel", "hides", "refused"),
  getHealth: row(null, "open", "open"),
  getReadiness: row(null, "open", "open"),
  getMetrics: row(null, "open", "open"),
  getOpenApi: row(null, "open", "open"),
  getDocs: row(null, "open", "open"),
};

export const scopes: readonly Scope[] = [
  {},
  { channel: "web" },
  { channel: "app" },
  { locationId: "ams" },
  { locationId: "ber" },
  { channel: "web", locationId: "ams" },
  { channel: "web", locationId: "ber" },
  { channel: "app", locationId: "ams" },
  { channel: "app", locationId: "ber" },
];

export interface Holder {
  readonly role: Role;
  readonly scope: Scope;
  readonly key: string;
}

export const holdersOn = async (stage: Stage): Promise<readonly Holder[]> => {
  const holders: Holder[] = [];
  for (const role of roles) {
    for (const scope of scopes) {
      const { body } = await stage.ask("/v1/admin/keys", { json: { name: role, role, scope } });
      holders.push({ role, scope, key: String(body["key"]) });
    }
  }
  return holders;
};

/** Of things of web and ams. */
export const isElsewhere = ({ channel = "web", locationId = "ams" }: Scope) => ({
  channel: channel !== "web",
  location: locationId !== "ams",
});

export const success = null;

/** 403 or 404, or `success`. */
export const expectedStatus = (
  { roles: allowed, channel, location }: Row,
  role: Role,
  scope: Scope,
): 403 | 404 | null => {
  if (allowed === null) return success;
  if (!allowed.includes(role)) return 403;
  const elsewhere = isElsewhere(scope);
  const rules = [
    ...(scope.channel === undefined ? [] : [{ rule: channel, elsewhere: elsewhere.channel }]),
    ...(scope.locationId === undefined ? [] : [{ rule: location, elsewhere: elsewhere.location }]),
  ];
  if (rules.some(({ rule }) => rule === "refused")) return 403;
  if (rules.some((each) => each.rule === "names" && each.elsewhere)) return 403;
  if (rules.some((each) => each.rule === "hides" && each.elsewhere)) return 404;
  return success;
};
