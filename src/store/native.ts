/** The part of a database that the store's adapter uses. */

export interface NativeKv
  extends Pick<Deno.Kv, "get" | "getMany" | "atomic" | "commitVersionstamp" | "watch"> {
  readonly list: (
    selector: Deno.KvListSelector,
    options: Deno.KvListOptions,
  ) => AsyncIterable<Deno.KvEntry<unknown>>;
}
