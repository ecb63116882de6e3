/** Which column of a file is which part of an order. Stored under a name, used by imports. */

export interface ImportMapping {
  readonly name: string;
}
