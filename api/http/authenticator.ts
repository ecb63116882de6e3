/**
 * Finds the holders of keys and the ends of their sessions: all that HTTP and the dashboard must know of
 * keys.
 */
import { Context } from "effect";
import type { KeyAuthority } from "../../actors/command/key-authority.ts";
import type { Principal } from "../../src/kernel/principal.ts";

/** The holder of a key, with the hash that signs the holder's sessions. */
export interface KeyHolder extends Principal {
  readonly name: string;
  /** SHA-256 of the key, hexadecimal. */
  readonly hash: string;
}

export class Authenticator
  extends Context.Service<Authenticator, KeyAuthority<KeyHolder>>()("allot/Authenticator") {}
