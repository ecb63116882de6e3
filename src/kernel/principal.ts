/** Who makes a request, and what that caller may see: roles, scopes and the engine itself. */

export const roles = [
  "admin",
  "operations",
  "warehouse",
  "channel",
  "support",
  "finance",
  "viewer",
] as const;
export type Role = (typeof roles)[number];

/** What a key may see and touch, where it is narrower than everything. */
export interface Scope {
  readonly channel?: string;
  readonly locationId?: string;
}

/** Whoever makes a request. */
export interface Principal {
  /** `key_...`, or `system` for the engine's own work. */
  readonly id: string;
  readonly role: Role;
  readonly scope: Scope;
}

export const systemPrincipal: Principal = { id: "system", role: "admin", scope: {} };
