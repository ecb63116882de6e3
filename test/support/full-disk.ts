/** A real store whose disk can be full: then commits throw what Deno KV throws, and reads go on. */
import { Effect, Layer } from "effect";
import { KvStore } from "../../src/store/kv.ts";
import type { Store } from "../../src/store/store.ts";

export interface Disk {
  readonly store: Layer.Layer<Store>;
  /** Commits for which there is no room. */
  full: "none" | "all" | "those without a log entry";
  /** Commits that found no room. */
  refused: number;
}

/** The words of Deno KV on a file system without room, as `test/process/disk_full_test.ts` meets them. */
const noRoom = () => new TypeError("database or disk is full");

export const makeDisk = (): Disk => {
  const disk: { -readonly [Name in keyof Disk]: Disk[Name] } = {
    store: Layer.unwrap(Effect.gen(function* () {
      const kv = yield* Effect.acquireRelease(
        Effect.promise(() => Deno.openKv(":memory:")),
        (kv) => Effect.sync(() => kv.close()),
      );
      const atomic = () => {
        const operation = kv.atomic();
        let hasLog = false;
        const set = operation.set.bind(operation);
        operation.set = (key, value, options) => {
          hasLog ||= key[0] === "log";
          return set(key, value, options);
        };
        const commit = operation.commit.bind(operation);
        operation.commit = () => {
          if (disk.full === "none" || (disk.full !== "all" && hasLog)) return commit();
          disk.refused++;
          return Promise.reject(noRoom());
        };
        return operation;
      };
      return KvStore.over({
        get: kv.get.bind(kv),
        getMany: kv.getMany.bind(kv),
        list: kv.list.bind(kv),
        watch: kv.watch.bind(kv),
        commitVersionstamp: kv.commitVersionstamp.bind(kv),
        atomic,
      }, { path: ":memory:" });
    })),
    full: "none",
    refused: 0,
  };
  return disk;
};
