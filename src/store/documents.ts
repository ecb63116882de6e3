/** Shapes of the values that the machine itself keeps in the store. */
import type { Instant } from "../kernel/instant.ts";
import type { Key } from "../kernel/key.ts";
import type { Json } from "../kernel/packed.ts";

/** A response as it was sent, kept for repeats. */
export interface StoredResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface IdempotencyRecord {
  readonly fingerprint: string;
  readonly at: Instant;
  readonly response: StoredResponse;
}

/** A log entry that a consumer could not handle, however often it tried. */
export interface SetAside {
  readonly consumer: string;
  readonly position: string;
  /** Without anything of the data. */
  readonly error: string;
  readonly tries: number;
  readonly at: Instant;
}

/** A command to an aggregate at a time. */
export interface TimerDocument {
  readonly id: string;
  readonly command: Json;
  readonly due: Instant;
}

/** The id of the aggregate that a timer is of. Timers of earlier versions name it otherwise. */
export const timerOwner = (timer: TimerDocument): string => {
  const { command: _command, due: _due, ...owner } = timer;
  return String(Object.values(owner)[0]);
};

/** The name of a timer. No other timer of its aggregate has it. */
export const timerName = (key: Key, timer: TimerDocument): string =>
  String(key[2]).slice(timerOwner(timer).length + 1);
