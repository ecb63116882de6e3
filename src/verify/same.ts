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
  const present = (value: object) => Object.entries(value).filter(([, part]) => part !== undefined);
  const members = present(left);
  const others = new Map<string, unknown>(present(right));
  return members.length === others.size &&
    members.every(([name, part]) => others.has(name) && sameJson(part, others.get(name)));
};

/** Names of the members in which two objects differ, for people. */
export const differences = (left: object, right: object): readonly string[] => {
  const others = new Map<string, unknown>(Object.entries(right));
  const names = new Set([...Object.keys(left), ...others.keys()]);
  const own = new Map<string, unknown>(Object.entries(left));
  return [...names].filter((name) => !sameJson(own.get(name), others.get(name)));
};
