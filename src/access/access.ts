/** API keys: their holders and their rights. Pure. */
import type { Instant } from "../kernel/instant.ts";
import type { Role, Scope } from "../kernel/principal.ts";

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly scope: Scope;
  /** SHA-256 of the key, hexadecimal. */
  readonly hash: string;
  readonly createdAt: Instant;
  readonly createdBy: string;
  /** When its name, role or scope was changed last; absent where they never were. */
  readonly updatedAt?: Instant;
}
