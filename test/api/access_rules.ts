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
const importing = "admin operations channel support viewer";

export const expected: Readonly<Record<string, Row>> = {
  placeOrder: row("admin operations channel", "names", "refused"),
  listOrders: row(everybody, "filters", "filters"),
  getOrder: row(everybody, "hides", "hides"),
  listOrderEvents: row(everybody, "hides", "hides"),
  cancelOrder: row("admin operations channel support", "hides", "refused"),
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
  trackShipment: row(atWork, "refused", "hides"),
  adjustStock: row(atWork, "refused", "names"),
  countStock: row(atWork, "refused", "names"),
  setSafetyStock: row(atWork, "refused", "names"),
  listStock: row(everybody, "open", "filters"),
  listStockChanges: row(everybody, "filters", "hides"),
  saveLocation: row("admin operations", "refused", "refused"),
  listLocations: row(everybody, "open", "open"),
  getLocation: row(everybody, "open", "open"),
  saveItem: row("admin operations", "refused", "refused"),
  getItem: row(everybody, "open", "open"),
  importOrders: row("admin operations channel", "names", "refused"),
  listImports: row(importing, "filters", "refused"),
  saveImportMapping: row("admin operations channel", "refused", "refused"),
  listImportMappings: row(importing, "open", "open"),
  getImportMapping: row(importing, "open", "open"),
  listReadyImportMappings: row(importing, "open", "open"),
  getImport: row(importing, "hides", "refused"),
  listImportResults: row(importing, "hides", "refused"),
  getKeyName: row(everybody, "hides", "hides"),
  createKey: row("admin", "refused", "refused"),
  listKeys: row("admin", "refused", "refused"),
  revokeKey: row("admin", "refused", "refused"),
  verifyStore: row("admin operations", "refused", "refused"),
  retrySetAside: row("admin operations", "refused", "refused"),
  getStatus: row(everybody, "filters", "filters"),
  streamStatus: row(everybody, "filters", "filters"),
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
