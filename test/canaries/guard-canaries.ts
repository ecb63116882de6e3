/** Bugs that an adversary planted and no test saw, and what wrong clocks did. */
import type { Canary } from "./canary.ts";

export const guardCanaries: readonly Canary[] = [
  {
    name: "a row is sound though units that are set aside are promised",
    file: "src/stock/stock.ts",
    find: "  row.reserved + claimedUnits(row) <= row.onHand - row.unavailable &&",
    replace: "  row.reserved + claimedUnits(row) <= row.onHand &&",
    test: {
      file: "test/actors/unclear_test.ts",
      name: "units that one process sets aside",
    },
  },
  {
    name: "a commit that others followed at once counts as one that never happened",
    file: "actors/ledger/fences.ts",
    find: "    if (commits.includes(commitId)) {",
    replace: "    if (commits.includes(commitId) && commits.length < 0) {",
    test: {
      file: "test/actors/unclear_test.ts",
      name: "stock whose answer was lost",
    },
  },
  {
    name: "a commit that many others followed counts as one that never happened",
    file: "actors/ledger/fences.ts",
    find: "  if (!certain) {",
    replace: "  if (!certain && partitions.length < 0) {",
    test: {
      file: "test/actors/unclear_test.ts",
      name: "stock whose answer was lost",
    },
  },
  {
    name: "of two reads of a fence the one that came last is believed",
    file: "actors/ledger/fences.ts",
    find: '    if (partition.known && (version ?? "") < (partition.version ?? "")) return false;\n',
    replace: "",
    test: {
      file: "test/actors/unclear_test.ts",
      name: "of two reads of a fence that cross",
    },
  },
  {
    name: "a customer without an id is called by his e-mail",
    file: "src/order/capture.ts",
    find: "    ...(request.customer.id === undefined ? {} : { customerId: request.customer.id }),",
    replace: '    customerId: request.customer.id ?? request.customer.email ?? "",',
  },
  {
    name: "what a cancellation frees goes to who came last",
    file: "actors/order/replenish.ts",
    find: "of inOrder.entries()) {",
    replace: "of inOrder.toReversed().entries()) {",
    test: {
      file: "test/actors/clocks_test.ts",
      name: "what a cancellation frees",
    },
  },
  {
    name: "what arrives goes to who came last",
    file: "actors/order/arrivals.ts",
    find: "    return inOrder.slice(0, ordersPerCommit)",
    replace: "    return inOrder.toReversed().slice(0, ordersPerCommit)",
    test: {
      file: "test/actors/clocks_test.ts",
      name: "what an arrival frees",
    },
  },
  {
    name: "who came first is told by the clocks of processes",
    file: "actors/order/first-come.ts",
    find: "    const placeOf = (id: string): Position => found.get(id) ?? nowhere;",
    replace: "    const placeOf = (_: string): Position => nowhere;",
    test: {
      file: "test/actors/clocks_test.ts",
      name: "goes to who came first",
    },
  },
  {
    name: "a large order waits until the clock of its process has come",
    file: "src/order/links.ts",
    find: 'timer("allocate", dueAtOnceMs,',
    replace: 'timer("allocate", epochMsOf(order.createdAt),',
    test: {
      file: "test/actors/clocks_test.ts",
      name: "a large order that a process",
    },
  },
  {
    name: "idempotency keys are kept for an hour",
    file: "src/kernel/limits.ts",
    find: "  idempotencyRetentionMs: 48 * 3_600_000,",
    replace: "  idempotencyRetentionMs: 3_600_000,",
    test: {
      file: "test/actors/idempotency_test.ts",
      name: "an answer is repeated for 48 hours",
    },
  },
  {
    name: "what expires is dropped by the first clock that says so",
    file: "src/store/kv.ts",
    find: "expireIn: mutation.expireInMs + storeLimits.clocksApartMs,",
    replace: "expireIn: mutation.expireInMs,",
    test: {
      file: "test/actors/idempotency_test.ts",
      name: "an answer is repeated for 48 hours",
    },
  },
  {
    name: "the age of an answer is told by clocks",
    file: "actors/command/idempotency.ts",
    find: "          record: stored?.value ?? null,",
    replace:
      "          record: stored !== null &&\n              Date.parse(stored.value.at) >\n                (yield* Clock.currentTimeMillis) - requestLimits.idempotencyRetentionMs\n            ? stored.value\n            : null,",
    seed: 54,
  },
  {
    name: "units that nothing guards are left to others",
    file: "actors/ledger/parcel-body.ts",
    find: "    (unit.reads.some(({ key }) => isWritten(key)) ||",
    replace: "    (unit.reads.length >= 0 ||",
    test: {
      file: "test/actors/parcel_offers_test.ts",
      name: "a unit that checks nothing",
    },
  },
  {
    name: "a count is left to others without what it rests on",
    file: "actors/ledger/parcel-body.ts",
    find: "  return unit.expected === undefined &&\n    (",
    replace: "  return (",
    test: {
      file: "test/actors/parcel_offers_test.ts",
      name: "a count, which rests on what is there",
    },
  },
  {
    name: "a parcel is called refused though it was answered",
    file: "actors/ledger/take-parcels.ts",
    find: "        checks: [{ key, versionstamp }],\n        mutations: answerWrites(",
    replace: '        checks: versionstamp === "" ? [] : [],\n        mutations: answerWrites(',
    test: {
      file: "test/actors/parcel_offers_test.ts",
      name: "a parcel that another process has committed meanwhile",
    },
  },
  {
    name: "the age of a parcel is told by clocks",
    file: "actors/ledger/take-parcels.ts",
    find:
      "    return !commitTimes.isYoungerThan(staleMs, versionstamp, nowMs()) &&\n      !isWithin(nowMs(), offeredAtMs, staleMs);",
    replace:
      '    return commitTimes !== undefined && versionstamp !== "" &&\n      nowMs() - offeredAtMs > staleMs;',
    test: {
      file: "test/actors/parcel_offers_test.ts",
      name: "a parcel of an owner whose clock",
    },
  },
  {
    name: "an import is gone when the clock of its process says so",
    file: "actors/import/heard-jobs.ts",
    find: "  statusOf({ id, status, version }: ImportJob, monotonicMs: number): ImportStatus {",
    replace:
      '  statusOf({ id, status, version, updatedAt }: ImportJob, monotonicMs: number): ImportStatus {\n    const days = Math.abs(Date.now() + 3 * 86_400_000 - Date.parse(updatedAt));\n    if (status === "running" && days > 30_000) return "interrupted";',
    test: {
      file: "test/actors/clocks_test.ts",
      name: "an import that runs",
    },
  },
  {
    name: "after its clock was set back, a process makes ids of another time",
    file: "actors/aggregate/aggregates.ts",
    find:
      "    if (last !== undefined && id <= last && ids.madeAtMs(last) - nowMs <= actorLimits.idsAheadMs) {",
    replace: "    if (last !== undefined && id <= last && actorLimits.idsAheadMs > 0) {",
    test: {
      file: "test/actors/clocks_test.ts",
      name: "an order that is made after the clock was set back",
    },
  },
  {
    name: "what happened longest ago by the clocks of all is what rates forget",
    file: "src/status/span-counts.ts",
    find: "    keepNewest(this.#spans, this.kept);",
    replace:
      "    if (this.#spans.size > this.kept) this.#spans.delete(Math.min(...this.#spans.keys()));",
    test: {
      file: "test/actors/counters_test.ts",
      name: "rates are right again as soon as a process with a clock days ahead has ended",
    },
  },
  {
    name: "what went into a file that is gone is acknowledged",
    file: "src/store/kv.ts",
    find: "      return Effect.flatMap(commit, (result) => {",
    replace:
      "      if (before === null) return commit;\n      return Effect.flatMap(commit, (result) => {",
    test: {
      file: "test/process/store_file_test.ts",
      name: "of a store that was replaced by a copy",
    },
  },
  {
    name: "a call that is never answered is waited for",
    file: "src/store/calls.ts",
    find: "        if (this.#tick - call.begunAtTick <= callTicks) break;",
    replace: "        if (callTicks > 0) break;",
    flow: "place in part",
  },
  {
    name: "a commit has room for any number of long names",
    file: "src/order/room.ts",
    find: "    const fits = this.#hasRow() && keyBytes <= this.room.keyBytes &&",
    replace: "    const fits = this.#hasRow() &&",
    test: {
      file: "test/order/decide_test.ts",
      name: "whatever is asked, units and reservations",
    },
  },
];
