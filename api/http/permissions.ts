/** The permissions of the roles, in one table. A route names its permission; scopes narrow it further. */
import { type Role, roles } from "../../src/kernel/principal.ts";

export const permissions = {
  "catalog:read": roles,
  "catalog:write": ["admin", "operations"],
  "inventory:read": roles,
  "inventory:write": ["admin", "operations", "warehouse"],
  "supply:read": ["admin", "operations", "warehouse"],
  "supply:write": ["admin", "operations", "warehouse"],
  "orders:read": roles,
  "orders:place": ["admin", "operations", "channel"],
  "orders:cancel": ["admin", "operations", "channel", "support"],
  "orders:edit": ["admin", "operations", "support"],
  "orders:hold": ["admin", "operations", "support", "finance"],
  "fulfillment:read": roles,
  "fulfillment:act": ["admin", "operations", "warehouse"],
  "shipments:track": ["admin", "operations", "warehouse"],
  "shipments:note": ["admin", "operations", "warehouse", "support"],
  "shipments:reship": ["admin", "operations"],
  "returns:read": roles,
  "returns:request": ["admin", "operations", "warehouse", "channel", "support"],
  "returns:exchange": ["admin", "operations", "channel", "support"],
  "returns:decide": ["admin", "operations", "support"],
  "returns:override": ["admin", "operations", "support"],
  "returns:receive": ["admin", "operations", "warehouse"],
  "returns:policy": ["admin", "operations"],
  "payments:read": roles,
  "payments:add": ["admin", "operations", "channel", "finance"],
  "payments:act": ["admin", "operations", "finance"],
  "payments:resolve": ["admin", "finance"],
  "payments:refund": ["admin", "support", "finance"],
  "invoices:read": ["admin", "operations", "channel", "support", "finance"],
  "providers:manage": ["admin"],
  "imports:write": ["admin", "operations", "channel"],
  "imports:read": ["admin", "operations", "channel", "support", "viewer"],
  "messages:manage": ["admin", "operations"],
  "messages:read": ["admin", "operations", "support"],
  "status:read": roles,
  "events:read": roles,
  "keys:names": roles,
  "webhooks:manage": ["admin", "operations", "channel"],
  "stock-feeds:manage": ["admin", "operations"],
  "admin:keys": ["admin"],
  "admin:consumers": ["admin", "operations"],
  "admin:verify": ["admin", "operations"],
} as const satisfies Readonly<Record<string, readonly Role[]>>;

export type Permission = keyof typeof permissions;

export const isAllowed = (role: Role, permission: Permission): boolean =>
  (permissions[permission] as readonly Role[]).includes(role);
