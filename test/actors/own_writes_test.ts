/** What a process knows of its own writes, and what it has the store check for a parcel. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Effect } from "effect";
import { type WaitingUnit, waitingUnit } from "../../actors/ledger/batch.ts";
import { OwnWrites } from "../../actors/ledger/own-writes.ts";
import { packUnits } from "../../actors/ledger/parcel-body.ts";
import { parcelLimits } from "../../src/store/limits.ts";
import { KvStore } from "../../src/store/kv.ts";
import { type Mutation, Store, type Versionstamp } from "../../src/store/store.ts";
import { noDeltas } from "../../src/subject/balance.ts";
import { subjects } from "../../src/subjects.ts";

const partitions = ["location:ams", "shelf:0"];
const stampOf = (n: number): Versionstamp => n.toString(16).padStart(20, "0");
const keyOf = (n: number) => ["reference", "web", String(n)];

const unitOf = (
  { reads = [], writes = [], soundAt }: {
    readonly reads?: readonly number[];
    readonly writes?: readonly number[];
    readonly soundAt?: Versionstamp;
  },
): WaitingUnit => ({
  unit: {
    reads: reads.map((n) => ({
      key: keyOf(n),
      versionstamp: null,
      partition: "shelf:0",
      generation: 0,
    })),
    partitions,
    balances: noDeltas,
    writes: writes.map((n): Mutation => ({ type: "set", key: keyOf(n), value: new Uint8Array() })),
    records: [],
  },
  partitions,
  records: "",
  size: { checks: 0, mutations: 0, bytes: 0, keyBytes: 0 },
  units: 1,
  ...(soundAt === undefined ? {} : { soundAt }),
});

const keysWritten = fc.array(fc.nat(5), { minLength: 1, maxLength: 3 });
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ own: fc.constant(true), writes: keysWritten }) },
  { weight: 1, arbitrary: fc.record({ own: fc.constant(false), writes: keysWritten }) },
);

Deno.test("what was not written since is known, what others may have written is not, and nothing else is said", () => {
  const said = new Set<boolean>();
  fc.assert(fc.property(
    fc.array(step, { minLength: 1, maxLength: 3 * parcelLimits.commitsRemembered }),
    fc.nat(100),
    keysWritten,
    (steps, when, reads) => {
      const own = new OwnWrites();
      const soundAfter = when % (steps.length + 1);
      steps.forEach(({ own: isOwn, writes }, n) => {
        const touched = partitions.map((name) => ({ name }));
        if (isOwn) own.committed(touched, stampOf(10 * (n + 1)), [unitOf({ writes })]);
        else own.lost(touched);
      });
      const soundAt = stampOf(10 * soundAfter + 5);
      const since = steps.slice(soundAfter);
      const answer = own.untouched(unitOf({ reads, soundAt }));
      said.add(answer);
      // Known are writes after a commit of our own, if nobody else came later, and if they are not too many.
      const isOurs = steps[soundAfter - 1] !== undefined &&
        steps.slice(soundAfter - 1).every(({ own }) => own) &&
        since.length <= parcelLimits.commitsRemembered;
      const isWritten = since.some(({ writes }) => writes.some((key) => reads.includes(key)));
      assert.equal(answer, isOurs && !isWritten);
    },
  ));
  assert.equal(said.size, 2);
});

Deno.test("nothing is known of a parcel that nobody had checked, nor of one elsewhere", () => {
  const own = new OwnWrites();
  own.committed([{ name: "shelf:0" }], stampOf(1), []);
  assert.equal(own.untouched(unitOf({ reads: [1] })), false);
  assert.equal(own.untouched(unitOf({ reads: [1], soundAt: stampOf(2) })), false);
  own.committed([{ name: "location:ams" }], stampOf(3), []);
  assert.equal(own.untouched(unitOf({ reads: [1], soundAt: stampOf(4) })), true);
});

Deno.test("the store is asked to check what a parcel rests on as far as one commit can", async () => {
  const cases = [
    { units: 99, letters: 20, checked: true },
    // The parcel's own key is checked, too.
    { units: 100, letters: 20, checked: false },
    // Bytes of keys are limited as well.
    { units: 99, letters: 400, checked: false },
  ];
  const packed = await Effect.runPromise(
    Effect.map(Store, ({ limits }) =>
      cases.map(({ units, letters }) =>
        packUnits(
          Array.from({ length: units }, (_, n) =>
            waitingUnit({
              reads: [],
              absent: [["reference", "web", `${n}`.padEnd(letters, "x")]],
              partitions,
              balances: noDeltas,
              writes: [],
              records: [],
            }, subjects)),
          limits,
          subjects,
        )
      )).pipe(Effect.provide(KvStore.layer({ path: ":memory:" }))),
  );
  assert.deepEqual(
    packed.map(({ units, checked }) => ({ units, checked })),
    cases.map(({ units, checked }) => ({ units, checked })),
  );
});
