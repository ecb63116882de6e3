/** What an operator may choose about the engine; `api/settings.ts` reads it from the environment. */
import { Context } from "effect";

export class EngineSettings extends Context.Service<EngineSettings, {
  /** How long after its delivery an order is closed, milliseconds. */
  readonly autoCloseAfterMs: number;
}>()("allot/EngineSettings") {}
