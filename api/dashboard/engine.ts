/** The engine for pages, beside its API: who signed in, and how far the log is. */
import { Clock, Context, Effect } from "effect";
import { nanoid } from "nanoid";
import { Status } from "../../actors/status/status.ts";
import type { Position } from "../../src/store/log.ts";
import { Attempts, Slowed } from "../http/attempts.ts";
import type { Peer } from "../http/peer.ts";
import { Authenticator, type KeyHolder } from "../http/authenticator.ts";
import type { Bodies } from "../http/bodies.ts";
import type { Sessions, SessionToken } from "./session.ts";
import type { InProcessApi } from "../http/in-process.ts";

export interface DashboardEngine {
  readonly api: InProcessApi;
  /** Looks after bodies on their way. */
  readonly bodies: Bodies;
  readonly sessions: Sessions;
  readonly nowMs: () => number;
  /** Text that nobody can guess. */
  readonly nonce: () => string;
  /** The holder of the key; null, after a while, when nobody has it. */
  readonly signIn: (secret: string, peer: Peer | undefined) => Promise<KeyHolder | Slowed | null>;
  /** Counts changes of keys. */
  readonly changes: () => number;
  /** Null when there is none, or it was revoked. */
  readonly key: (keyId: string) => Promise<KeyHolder | null>;
  /** Whether the session was signed out, in any process. */
  readonly hasEnded: (session: SessionToken) => Promise<boolean>;
  /** Signs it out in every process. */
  readonly end: (session: SessionToken) => Promise<void>;
  /** Hears whose request it is. */
  readonly note: (request: Request, keyId: string) => void;
  /** Everything up to here is counted in what a page shows from now on. */
  readonly position: () => Position;
}

export const dashboardEngine = (
  api: InProcessApi,
  bodies: Bodies,
  sessions: Sessions,
  context: Context.Context<Attempts | Authenticator | Status>,
  note: (request: Request, keyId: string) => void = () => undefined,
): DashboardEngine => {
  const run = Effect.runPromiseWith(context);
  const attempts = Context.get(context, Attempts);
  const authenticator = Context.get(context, Authenticator);
  const status = Context.get(context, Status);
  const clock = Context.get(context, Clock.Clock);
  const key = (keyId: string) => run(authenticator.find(keyId));

  return {
    api,
    bodies,
    sessions,
    changes: authenticator.changes,
    nowMs: () => clock.currentTimeMillisUnsafe(),
    nonce: () => nanoid(),
    key,
    signIn: async (secret, peer) => {
      const entered = await run(attempts.enter(secret, peer));
      return entered === null || entered instanceof Slowed ? entered : await key(entered.id);
    },
    hasEnded: (session) => run(authenticator.hasEnded(session)),
    end: (session) => run(authenticator.endSession(session)),
    note,
    position: () => status.position(),
  };
};
