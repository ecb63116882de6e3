/** Bugs of what operations managers meet: forms, files, days, lists of changes, and keys. */
import type { Canary } from "./canary.ts";

const operators = "test/api/operators_test.ts";

export const operatorCanaries: readonly Canary[] = [
  {
    name: "a form that was refused comes back empty",
    file: "api/dashboard/parts.tsx",
    find: '  return typed === undefined || type === "password" ? value : typed;',
    replace: '  return typed === undefined || type !== "" ? value : typed;',
    test: { file: operators, name: "a refused form has what was typed into it" },
  },
  {
    name: "what was typed into one form comes back in another one of the same address",
    file: "api/dashboard/parts.tsx",
    find: '(sent.fields.get("form") ?? "") === name',
    replace: "(sent.fields.size > 0 || name !== undefined)",
    test: { file: operators, name: "of two forms to one address" },
  },
  {
    name: "a cell of a file is run as a formula",
    file: "api/dashboard/csv.tsx",
    find: 'const safe = cell.replace(formula, "\'");',
    replace: 'const safe = formula.source === "" ? "" : cell;',
    test: { file: operators, name: "every list becomes a file" },
  },
  {
    name: "a file ends with its first page",
    file: "api/dashboard/csv.tsx",
    find: "if (nextCursor === null) return controller.close();",
    replace: "if (nextCursor === null || rows > 0) return controller.close();",
    test: { file: operators, name: "every list becomes a file" },
  },
  {
    name: "days have 24 hours wherever the reader is",
    file: "src/kernel/local-day.ts",
    find: "    end: startOf(date.add({ days: 1 }), timeZone),",
    replace: "    end: instantOf(Date.parse(startOf(date, timeZone)) + 24 * 3_600_000),",
    test: { file: operators, name: "days begin and end where the reader is" },
  },
  {
    name: "a list of changes has an order for each of its changes",
    file: "actors/index/changed.ts",
    find: "if (own === undefined || own.versionstamp !== position) continue;",
    replace: "if (own === undefined) continue;",
    test: { file: "test/actors/changed_test.ts", name: "a list of changes has the orders" },
  },
  {
    name: "one slow clock ends a list of changes",
    file: "actors/index/changed.ts",
    find: "this.#older = at <= after ? this.#older + 1 : 0;",
    replace: "this.#older = at <= after ? changedLimits.olderEntries : 0;",
    test: { file: "test/actors/changed_test.ts", name: "what a process with a slow clock writes" },
  },
  {
    name: "the months in which a span begins and ends are looked into whole",
    file: "src/order/placed.ts",
    find: "month === first || month === last ? daysIn(month, span) : [month]",
    replace: "month === first && first === last ? daysIn(month, span) : [month]",
    test: { file: "test/order/placed_test.ts", name: "the periods of a span" },
  },
  {
    name: "of several values only the first is looked for",
    file: "src/store/postings.ts",
    find:
      "for (const id of ids) if (id !== null && (greatest === null || id > greatest)) greatest = id;",
    replace: "greatest = ids[0] ?? null;",
    test: { file: "test/api/lists_test.ts", name: "should list what is of any of several values" },
  },
  {
    name: "a key of one channel reads others where it names its own first",
    file: "api/http/several.ts",
    find: "values.every((value) => value === scope)",
    replace: "values.some((value) => value === scope)",
    test: {
      file: "test/api/lists_test.ts",
      name: "a key of one channel or location names several",
    },
  },
  {
    name: "the last key that makes others can be changed into one that does not",
    file: "actors/access/admin-keys.ts",
    find: "        : makesOthers(after)\n        ? Effect.void",
    replace: "        : makesOthers(before)\n        ? Effect.void",
    test: { file: "test/api/access_test.ts", name: "the last key that makes others stays one" },
  },
  {
    name: "a count that is too low is told without the units in its way",
    file: "src/stock/change.ts",
    find: "  excess: requested - free(held),",
    replace: "  excess: requested,",
    test: { file: "test/api/stock_test.ts", name: "should say how many units are promised" },
  },
];
