import { Context, type Effect } from "effect";
import type { ApiKey, Principal, Role, Scope } from "../src/access/access.ts";
import type { StoreError } from "../src/store/store.ts";
import type { CommandContext, CommandFailure, NotFound } from "./command.ts";

export interface CreatedKey {
  readonly apiKey: ApiKey;
  /** The key itself: shown this once, never stored. */
  readonly secret: string;
}

export class Access extends Context.Service<Access, {
  /** Who has this key; null when nobody. Answered from memory when the key was seen lately. */
  readonly authenticate: (secret: string) => Effect.Effect<Principal | null, StoreError>;
  /** The same without an effect: undefined when memory cannot tell. */
  readonly cached: (secret: string) => Principal | undefined;
  readonly createKey: (
    key: { readonly name: string; readonly role: Role; readonly scope: Scope },
    context: CommandContext<CreatedKey>,
  ) => Effect.Effect<CreatedKey, CommandFailure>;
  readonly listKeys: Effect.Effect<readonly ApiKey[], StoreError>;
  readonly revokeKey: (
    keyId: string,
    context: CommandContext<ApiKey>,
  ) => Effect.Effect<ApiKey, NotFound | CommandFailure>;
  /**
   * First start: stores the given admin key, or makes one when the store has no keys at all. Returns the
   * secret only when it was made here and now.
   */
  readonly bootstrap: (
    given: string | undefined,
  ) => Effect.Effect<string | null, CommandFailure>;
  readonly forget: (keyId: string) => void;
}>()("allot/Access") {}
