/** Schedules work: commands that arrive together run together, heavy work runs piece by piece. */
import { setImmediate } from "node:timers";

/**
 * Lets others go on: one caller after another, each in a turn of the event loop of its own. However many do
 * heavy work, between two pieces of it everything else has its turn.
 */
export const letOthersGoOn: () => Promise<void> = (() => {
  const waiting: (() => void)[] = [];
  const next = (): void => {
    waiting.shift()?.();
    if (waiting.length > 0) setTimeout(next);
  };
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      if (waiting.length === 1) setTimeout(next);
    });
})();

/**
 * Calls within one turn of the event loop go on at its end, all in a row. A processor that runs the same code
 * for one command after another needs up to a sixth less time for each than one that is led through the
 * server, the router and the engine anew.
 */
export const makeGathering = (): () => Promise<void> => {
  let gathered: Promise<void> | undefined;
  return () =>
    gathered ??= new Promise((resolve) => {
      setImmediate(() => {
        gathered = undefined;
        resolve();
      });
    });
};
