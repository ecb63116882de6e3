/** Callers of requests: their roles, their scopes, and the engine itself. */

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

/** Narrows the data that a key may see and touch; absent members do not. */
export interface Scope {
  readonly channel?: string;
  readonly locationId?: string;
}

/** The caller of a request. */
export interface Principal {
  /** `key_...`, or `system` for the engine's own work. */
  readonly id: string;
  readonly role: Role;
  readonly scope: Scope;
}

/** A session of the dashboard: a key's holder, until its end. */
export interface Session {
  /** Tells two sessions of a key apart. */
  readonly id: string;
  readonly keyId: string;
  readonly expiresAtMs: number;
}

export const systemPrincipal: Principal = { id: "system", role: "admin", scope: {} };
