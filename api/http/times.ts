/** Times of requests. */
import { type Instant, parseInstant } from "../../src/kernel/instant.ts";

/** A time that a schema has looked at, in the engine's one form, in which times are compared. */
export const normalized = (time: string): Instant => parseInstant(time) ?? time;
