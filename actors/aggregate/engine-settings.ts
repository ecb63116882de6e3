/** The engine's settings that an operator may choose; `api/settings.ts` reads them from the environment. */
import { Context } from "effect";

export class EngineSettings extends Context.Service<EngineSettings, {
  /** How long after its delivery an order is closed, milliseconds. */
  readonly autoCloseAfterMs: number;
}>()("allot/EngineSettings") {}
