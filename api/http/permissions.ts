/** The permissions of the roles, in one table. A route names its permission; scopes narrow it further. */
import { type Role, roles } from "../../src/kernel/principal.ts";

export const permissions = {
  "catalog:read": roles,
  "catalog:write": ["admin", "operations"],
  "inventory:read": roles,
  "inventory:write": ["admin", "operations", "warehouse"],
  "orders:read": roles,
  "orders:place": ["admin", "operations", "channel"],
  "orders:cancel": ["admin", "operations", "channel", "support"],
  "orders:hold": ["admin", "operations", "support", "finance"],
  "fulfillment:read": roles,
  "fulfillment:act": ["admin", "operations", "warehouse"],
  "shipments:track": ["admin", "operations", "warehouse"],
  "imports:write": ["admin", "operations", "channel"],
  "imports:read": ["admin", "operations", "channel", "support", "viewer"],
  "status:read": roles,
  "keys:names": roles,
  "admin:keys": ["admin"],
  "admin:consumers": ["admin", "operations"],
  "admin:verify": ["admin", "operations"],
} as const satisfies Readonly<Record<string, readonly Role[]>>;

export type Permission = keyof typeof permissions;

export const isAllowed = (role: Role, permission: Permission): boolean =>
  (permissions[permission] as readonly Role[]).includes(role);
