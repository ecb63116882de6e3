/** What the store's adapter uses of a database. */

export interface NativeKv
  extends Pick<Deno.Kv, "get" | "getMany" | "atomic" | "commitVersionstamp" | "watch"> {
  readonly list: (
    selector: Deno.KvListSelector,
    options: Deno.KvListOptions,
  ) => AsyncIterable<Deno.KvEntry<unknown>>;
}
