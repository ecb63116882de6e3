/** Whether two values are the same as JSON: a member that is undefined is the same as none. */
export const sameJson = (left: unknown, right: unknown): boolean => {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) {
    return false;
  }
  if (Array.isArray(left) || Array.isArray(right)) {
    return Array.isArray(left) && Array.isArray(right) && left.length === right.length &&
      left.every((value, index) => sameJson(value, right[index]));
  }
  const members = left as Readonly<Record<string, unknown>>;
  const others = right as Readonly<Record<string, unknown>>;
  let present = 0;
  for (const name of Object.keys(left)) {
    const part = members[name];
    if (part === undefined) continue;
    present++;
    if (!Object.hasOwn(right, name) || !sameJson(part, others[name])) return false;
  }
  for (const name of Object.keys(right)) if (others[name] !== undefined) present--;
  return present === 0;
};

/** Names of the members in which two objects differ, for people. */
export const differences = (left: object, right: object): readonly string[] => {
  const others = new Map<string, unknown>(Object.entries(right));
  const names = new Set([...Object.keys(left), ...others.keys()]);
  const own = new Map<string, unknown>(Object.entries(left));
  return [...names].filter((name) => !sameJson(own.get(name), others.get(name)));
};

/** Names of the members of `given` that `other` has otherwise; members that only `other` has do not count. */
export const differencesOfGiven = (given: object, other: object): readonly string[] => {
  const others = new Map<string, unknown>(Object.entries(other));
  return Object.entries(given)
    .filter(([name, value]) => value !== undefined && !sameJson(value, others.get(name)))
    .map(([name]) => name);
};
