/** What an answer of today lacks of one that was recorded: fields may have come, none may have gone. */

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const shown = (value: unknown): string => JSON.stringify(value)?.slice(0, 200) ?? "nothing";

/** Changes by the clock alone. */
const ofTheMoment: ReadonlySet<string> = new Set(["waitingSeconds"]);
/** When, and where in the log, a process of today goes on with an order that one of then began. */
const ofTheResumption: ReadonlySet<string> = new Set(["at", "createdAt", "updatedAt", "position"]);

/** Where the recorded value differs from the value of today, in words; empty when nothing is lost. */
export const lostOf = (
  recorded: unknown,
  today: unknown,
  resumed: readonly string[] = [],
): readonly string[] => {
  const isResumed = ({ id, orderId }: Fields): boolean =>
    resumed.some((each) => each === id || each === orderId);

  const compare = (
    then: unknown,
    now: unknown,
    place: string,
    within: boolean,
  ): readonly string[] => {
    if (Array.isArray(then) && Array.isArray(now) && then.length === now.length) {
      return then.flatMap((each, i) => compare(each, now[i], `${place}/${i}`, within));
    }
    if (isObject(then) && isObject(now)) {
      const inResumed = within || isResumed(then);
      return Object.entries(then).flatMap(([name, value]) =>
        ofTheMoment.has(name) || (inResumed && ofTheResumption.has(name))
          ? []
          : compare(value, now[name], `${place}/${name}`, inResumed)
      );
    }
    return Object.is(then, now) ? [] : [`${place}: ${shown(then)}, now ${shown(now)}`];
  };

  return compare(recorded, today, "", false);
};
