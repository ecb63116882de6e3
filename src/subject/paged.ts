/** Something that is stored in pages beside a head that says how many there are. */
export interface Paged<Head = unknown, Page = unknown> {
  readonly name: string;
  readonly plural: string;
  /** The first words of the keys of heads, `[family, id]`, and of pages, `[pageFamily, id, n]`. */
  readonly family: string;
  readonly pageFamily: string;
  pagesOf(head: Head): number;
  /** The fault of a head and all its pages; null when there is none. */
  faultOf(head: Head, pages: readonly Page[]): string | null;
}

/** A definition as the machine handles it. */
export const paged = <Head, Page>(definition: Paged<Head, Page>): Paged =>
  definition as unknown as Paged;
