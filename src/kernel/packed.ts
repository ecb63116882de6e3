/** Values by position instead of by name: half the size of JSON objects. */

export type Json = null | string | number | boolean | readonly Json[] | {
  readonly [name: string]: Json;
};
export type Packed = readonly Json[];

/** Without the end of the list that says nothing. */
export const trimmed = (values: Json[]): Packed => {
  let length = values.length;
  while (length > 0 && (values[length - 1] === null || values[length - 1] === 0)) length--;
  values.length = length;
  return values;
};

export const json = (value: unknown): Json => (value ?? null) as Json;

/** The n of an id of an order's part. */
export const numberOf = (id: string): number => Number(id.slice(id.lastIndexOf("_") + 1));

/**
 * The value at a position of a packed list, of the type that was packed; `undefined` where it was trimmed.
 */
export const at = <A>(packed: Packed, index: number): A => packed[index] as A;

export const given = <Name extends string, A>(
  name: Name,
  value: A | null | undefined,
): { readonly [key in Name]?: A } =>
  (value === null || value === undefined ? {} : { [name]: value }) as { [key in Name]?: A };

/** A number of which zero says something: a zero at the end of a list is left out. */
export const boxed = (value: number | undefined): Json => value === undefined ? null : [value];

export const unboxed = (box: Packed | null | undefined): number | undefined =>
  box === null || box === undefined ? undefined : at<number>(box, 0);
