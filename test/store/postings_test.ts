import assert from "node:assert/strict";
import { Effect } from "effect";
import fc from "fast-check";
import { fulfillmentOrderIdOf, orderIds } from "../../src/order/ids.ts";
import { idAlphabet } from "../../src/kernel/ids.ts";
import { indexLimits } from "../../src/store/limits.ts";
import { KvStore } from "../../src/store/kv.ts";
import { PostingPages } from "../../src/store/posting-pages.ts";
import {
  decodePage,
  encodePage,
  everything,
  pagesOf,
  type PostingList,
  postingList,
  PostingWalk,
  seekCommon,
} from "../../src/store/postings.ts";
import { fulfillmentLists, orderLists } from "../../src/order/lists.ts";
import { Store } from "../../src/store/store.ts";

const withStore = <A, E>(test: Effect.Effect<A, E, Store>): Promise<A> =>
  Effect.runPromise(Effect.provide(test, KvStore.layer({ path: ":memory:" })));

const orderId = fc.tuple(
  fc.integer({ min: 1_700_000_000_000, max: 1_700_000_900_000 }),
  fc.integer({ min: 0, max: 3 }),
  fc.string({ unit: fc.constantFrom(...idAlphabet), minLength: 10, maxLength: 10 }),
).map(([atMs, shelf, random]) => orderIds.of(atMs, shelf, random));
const partId = fc.tuple(orderId, fc.integer({ min: 1, max: 500 }))
  .map(([id, n]) => fulfillmentOrderIdOf(id, n));

/** Ids that a handful of numbers make: few, so that adding and removing meet. */
const numbered = (n: number): string =>
  orderIds.of(1_700_000_000_000 + n * 7_919, n % 3, "0".repeat(10));

const write = Effect.fnUntraced(function* (pages: PostingPages) {
  const store = yield* Store;
  yield* store.commit({ checks: [], mutations: pages.mutations(() => true) });
  pages.written();
});

const apply = Effect.fnUntraced(function* (
  pages: PostingPages,
  list: PostingList,
  id: string,
  present: boolean,
) {
  while (!pages.apply(list, id, present)) yield* pages.load(list, id);
});

const walkAll = Effect.fnUntraced(function* (lists: readonly PostingList[]) {
  const store = yield* Store;
  const walks = lists.map((list) => new PostingWalk(store, list));
  const ids: string[] = [];
  let bound = everything;
  while (true) {
    const { id, stoppedBelow } = yield* seekCommon(walks, bound);
    if (id === null && stoppedBelow === undefined) return ids;
    if (id !== null) ids.push(id);
    bound = stoppedBelow ?? id ?? "";
  }
});

Deno.test("a page is read back as it was written", () => {
  fc.assert(fc.property(fc.uniqueArray(fc.oneof(orderId, partId), { maxLength: 300 }), (ids) => {
    const sorted = ids.toSorted();
    assert.deepEqual(decodePage(encodePage(sorted)), sorted);
  }));
});

Deno.test("ids of one time take less room than their text", () => {
  const ids = fc.sample(orderId, 256).toSorted();
  assert.ok(encodePage(ids).length < ids.join("").length * 0.8);
});

Deno.test("lists hold what was added and not removed, whatever was written and forgotten in between", () =>
  withStore(Effect.gen(function* () {
    const steps = fc.array(
      fc.record({
        first: fc.nat(2_000),
        count: fc.integer({ min: 1, max: 700 }),
        stride: fc.integer({ min: 1, max: 3 }),
        present: fc.boolean(),
        after: fc.constantFrom("nothing", "write", "restart"),
      }),
      { minLength: 1, maxLength: 12 },
    );
    let run = 0;
    for (const sample of fc.sample(steps, 25)) {
      const list = postingList(orderLists.status, `status ${run++}`);
      const store = yield* Store;
      let pages = new PostingPages(store);
      const expected = new Set<string>();
      for (const { first, count, stride, present, after } of sample) {
        for (let n = 0; n < count; n++) {
          const id = numbered(first + n * stride);
          if (present) expected.add(id);
          else expected.delete(id);
          yield* apply(pages, list, id, present);
        }
        if (after !== "nothing") yield* write(pages);
        if (after === "restart") pages = new PostingPages(store);
      }
      yield* write(pages);
      assert.deepEqual(yield* walkAll([list]), [...expected].sort().reverse());
      const stored = yield* store.list({ ...pagesOf(list), limit: 1_000 });
      for (const { value } of stored) {
        assert.ok(decodePage(value ?? new Uint8Array()).length <= indexLimits.idsPerPage);
      }
      // Pages that lost their ids are not left lying around.
      assert.ok(stored.length <= 3 + expected.size / (indexLimits.idsPerPage / 8));
    }
  })));

Deno.test("a list that is filled in order has full pages", () =>
  withStore(Effect.gen(function* () {
    const store = yield* Store;
    const pages = new PostingPages(store);
    const list = postingList(orderLists.channel, "web");
    for (let n = 0; n < indexLimits.idsPerPage * 4; n++) {
      yield* apply(pages, list, numbered(n), true);
    }
    yield* write(pages);
    assert.equal((yield* store.list({ ...pagesOf(list), limit: 100 })).length, 4);
  })));

Deno.test("a list that is emptied from its oldest end keeps no pages but its first", () =>
  withStore(Effect.gen(function* () {
    const store = yield* Store;
    const list = postingList(fulfillmentLists.status, "open");
    let pages = new PostingPages(store);
    for (let n = 0; n < 2_000; n++) yield* apply(pages, list, numbered(n), true);
    yield* write(pages);
    for (let n = 0; n < 2_000; n++) {
      yield* apply(pages, list, numbered(n), false);
      if (n % 333 === 0) {
        yield* write(pages);
        pages = new PostingPages(store);
      }
    }
    yield* write(pages);
    assert.equal((yield* store.list({ ...pagesOf(list), limit: 100 })).length, 1);
    assert.deepEqual(yield* walkAll([list]), []);
  })));

Deno.test("lists walked together give what is in all of them, newest first", () =>
  withStore(Effect.gen(function* () {
    const store = yield* Store;
    const pages = new PostingPages(store);
    const every = (step: number) => postingList(orderLists.location, `every ${step}`);
    for (const step of [2, 3, 35]) {
      for (let n = 0; n < 6_000; n += step) yield* apply(pages, every(step), numbered(n), true);
    }
    yield* write(pages);
    const common: string[] = [];
    for (let n = 0; n < 6_000; n += 210) common.unshift(numbered(n));
    assert.deepEqual(yield* walkAll([every(2), every(3), every(35)]), common);
    assert.deepEqual(yield* walkAll([every(35), every(3), every(2)]), common);
    assert.deepEqual(yield* walkAll([every(2), every(4)]), []);
  })));

Deno.test("the cache of pages is bounded and loses nothing", () =>
  withStore(Effect.gen(function* () {
    const store = yield* Store;
    const pages = new PostingPages(store);
    const lists = Array.from(
      { length: indexLimits.cachedPages + 300 },
      (_, n) => postingList(orderLists.location, `location ${n}`),
    );
    for (const round of [1, 2]) {
      for (const [n, list] of lists.entries()) {
        yield* apply(pages, list, numbered(round), true);
        if (n % 200 === 199) yield* write(pages);
      }
    }
    yield* write(pages);
    assert.ok(pages.cachedPages <= indexLimits.cachedPages);
    for (const list of [lists[0], lists[1_234], lists.at(-1)]) {
      assert.ok(list !== undefined);
      assert.deepEqual(yield* walkAll([list]), [numbered(2), numbered(1)]);
    }
  })));
