/**
 * A balance whose rows are nothing but counted fields, as most subjects need. Stock has its own functions,
 * which do the same for its fields and cost less.
 */
import type { Balance, RowName } from "./balance.ts";

/** The number in each field of a row, or the change of each field by a delta. */
export type FieldCounts<Field extends string> = Readonly<Record<Field, number>>;

/** Rows and deltas have one shape: a delta is added to a row. */
export type CountedFields<Field extends string> = RowName & FieldCounts<Field>;

export interface CountedBalance<Field extends string>
  extends Balance<CountedFields<Field>, CountedFields<Field>> {
  readonly fields: readonly Field[];
  /** A delta that changes the fields given, and leaves the others. */
  delta(space: string, row: string, change: Partial<FieldCounts<Field>>): CountedFields<Field>;
}

export interface CountedDefinition<Field extends string> {
  readonly name: string;
  readonly partitionPrefix: string;
  readonly family: string;
  /**
   * The fields, each with the number that one unit of it adds to the units that may be promised: 1, 0 or -1.
   */
  readonly fields: FieldCounts<Field>;
  /** Whether a row of whole numbers is sound. Every committed row is. */
  isSound(counts: FieldCounts<Field>): boolean;
  /** The invariant of a field, by its name in reports. */
  invariantOf?(field: Field): string;
}

/** Throws TypeError for a field with the name of a member that every row has. */
export const countedBalance = <const Field extends string>(
  definition: CountedDefinition<Field>,
): CountedBalance<Field> => {
  const fields = Object.keys(definition.fields) as Field[];
  for (const name of ["space", "row"]) {
    if (Object.hasOwn(definition.fields, name)) {
      throw new TypeError(`A field of the balance ${definition.name} cannot be called ${name}.`);
    }
  }

  const counted = (space: string, row: string, countOf: (field: Field) => number) => {
    const made: Record<string, string | number> = { space, row };
    for (const field of fields) made[field] = countOf(field);
    return made as CountedFields<Field>;
  };

  const sum = (one: CountedFields<Field>, other: CountedFields<Field>): CountedFields<Field> =>
    counted(one.space, one.row, (field) => one[field] + other[field]);

  const available = (counts: CountedFields<Field>): number =>
    fields.reduce((units, field) => units + definition.fields[field] * counts[field], 0);

  const merge = (deltas: readonly CountedFields<Field>[]): readonly CountedFields<Field>[] => {
    const rows = new Map<string, CountedFields<Field>>();
    for (const delta of deltas) {
      const name = JSON.stringify([delta.space, delta.row]);
      const before = rows.get(name);
      rows.set(name, before === undefined ? delta : sum(before, delta));
    }
    return [...rows.values()].filter((delta) => fields.some((field) => delta[field] !== 0));
  };

  const malformed = (value: CountedFields<Field>, space: string, row: string): string | null => {
    if (value.space !== space || value.row !== row) return "The row names another than its key.";
    const wrong = fields.filter((field) => !Number.isSafeInteger(value[field]));
    return wrong.length === 0 ? null : `Not whole numbers: ${wrong.join(", ")}.`;
  };

  return {
    name: definition.name,
    partitionPrefix: definition.partitionPrefix,
    family: definition.family,
    fields,
    spaceOf: ({ space }) => space,
    rowOf: ({ row }) => row,
    empty: (space, row) => counted(space, row, () => 0),
    apply: sum,
    isSound: (row) => definition.isSound(row),
    available,
    taken: (delta) => 0 - available(delta),
    merge,
    field: (row, name) => row[name as Field],
    change: (delta, name) => delta[name as Field],
    overdrawn: (row) =>
      available(row) < 0 ? `${-available(row)} more are promised than there are.` : null,
    invariantOf: (field) => definition.invariantOf?.(field as Field) ?? "balance-is-its-log",
    rowsName: `${definition.family}_rows`,
    measuresOf: () => ({}),
    malformed,
    delta: (space, row, change) => counted(space, row, (field) => change[field] ?? 0),
  };
};
