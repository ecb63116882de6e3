/** What really came about in a round: the plan alone does not say. */

export const nothingHappened = () => ({
  kills: 0,
  /** With requests that were not answered yet. */
  killsMidFlow: 0,
  /** Before it listened. */
  killsAtStart: 0,
  stops: 0,
  stopsMidFlow: 0,
  /** With the lock of the store's file. */
  stopsWithLock: 0,
  woken: 0,
  /** Of the woken, those that tried to commit upon what they remembered, and were refused by a fence. */
  wokenAndRefused: 0,
  /** Starts that ended because the store was locked. */
  startsRefused: 0,
  /** Answers that never came, requests sent again, and such that were answered with what was kept. */
  unanswered: 0,
  repeated: 0,
  replayed: 0,
  /** Of operations whose client had given up: those that said what became of them when asked again. */
  unknownsResolved: 0,
});

export type Happened = ReturnType<typeof nothingHappened>;
