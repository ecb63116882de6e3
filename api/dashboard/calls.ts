/** The API as pages ask it. */
import type { Principal } from "../../src/kernel/principal.ts";
import type { Ask, InProcessApi, Operation, Reply } from "../http/in-process.ts";

export interface ApiPage<Row> {
  readonly data: readonly Row[];
  readonly nextCursor: string | null;
}

/** The API in the name of one session. */
export interface SessionApi {
  readonly ask: <Value>(operation: Operation<Value>, ask?: Ask) => Promise<Reply<Value>>;
  readonly may: (operation: Operation) => boolean;
}

export const callsBy = (
  api: InProcessApi,
  by: Principal,
  since: Required<Pick<Ask, "session" | "since">>,
): SessionApi => ({
  ask: (operation, ask) => api.ask(operation, by, { ...ask, ...since }),
  may: (operation) => api.allows(operation, by),
});
