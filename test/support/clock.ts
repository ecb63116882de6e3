/** Clocks that are not those of the machine. */
import { Clock, Effect } from "effect";

/** A clock that goes as fast as the machine's, from another time on. */
export interface MovedClock extends Clock.Clock {
  readonly moveTo: (epochMs: number) => void;
}

export const clockFrom = (epochMs: number): MovedClock => {
  const machine = Effect.runSync(Clock.Clock);
  const offsetTo = (ms: number) => ms - machine.currentTimeMillisUnsafe();
  let offsetMs = offsetTo(epochMs);
  const millis = () => machine.currentTimeMillisUnsafe() + offsetMs;
  const nanos = () => BigInt(Math.floor(millis())) * 1_000_000n;
  return {
    currentTimeMillisUnsafe: millis,
    currentTimeMillis: Effect.sync(millis),
    currentTimeNanosUnsafe: nanos,
    currentTimeNanos: Effect.sync(nanos),
    monotonicTimeNanosUnsafe: () => machine.monotonicTimeNanosUnsafe(),
    monotonicTimeNanos: machine.monotonicTimeNanos,
    sleep: (duration) => machine.sleep(duration),
    moveTo: (to) => void (offsetMs = offsetTo(to)),
  };
};

/** A clock that is wrong by so much, ahead of the machine's where it is above zero. */
export const clockOff = (byMs: number): MovedClock => clockFrom(Date.now() + byMs);
