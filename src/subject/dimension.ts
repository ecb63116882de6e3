/**
 * A dimension of lists: the ids that have one value in it stand in one list, such as the orders that are
 * held. A subject declares the dimensions that its records and documents name.
 */
export interface Dimension {
  readonly name: string;
  /**
   * Values of a few ids each share the pages of so many lists, where a mark behind an id says whose it is.
   * Part of how a store is laid out: another number needs a new index.
   */
  readonly sharedLists?: number;
  /**
   * It came when there were stores already: the index fills its lists from the documents that a store has, once,
   * and until then they are not whole.
   */
  readonly isLater?: boolean;
}
