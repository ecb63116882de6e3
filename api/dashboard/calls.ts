/** The API as pages ask it. */
import type { Principal } from "../../src/kernel/principal.ts";
import type { Ask, InProcessApi, Operation, Told } from "../http/in-process.ts";

export interface Page<Row> {
  readonly data: readonly Row[];
  readonly nextCursor: string | null;
}

/** The API in the name of one session. */
export interface Calls {
  readonly ask: <Value>(operation: Operation<Value>, ask?: Ask) => Promise<Told<Value>>;
  readonly may: (operation: Operation) => boolean;
}

export const callsBy = (
  api: InProcessApi,
  by: Principal,
  since: Required<Pick<Ask, "session" | "since">>,
): Calls => ({
  ask: (operation, ask) => api.ask(operation, by, { ...ask, ...since }),
  may: (operation) => api.allows(operation, by),
});
