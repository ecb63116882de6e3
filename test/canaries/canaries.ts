/** All bugs that are planted. */
import { calendarCanaries } from "./calendar-canaries.ts";
import type { Canary } from "./canary.ts";
import { editCanaries } from "./edit-canaries.ts";
import { eventCanaries } from "./event-canaries.ts";
import { exchangeCanaries } from "./exchange-canaries.ts";
import { stateCanaries } from "./state-canaries.ts";
import { stockFeedCanaries } from "./stock-feed-canaries.ts";
import { fileCanaries } from "./file-canaries.ts";
import { guardCanaries } from "./guard-canaries.ts";
import { workerCanaries } from "./worker-canaries.ts";
import { invoiceCanaries } from "./invoice-canaries.ts";
import { kitCanaries } from "./kit-canaries.ts";
import { lotCanaries } from "./lot-canaries.ts";
import { messageCanaries } from "./message-canaries.ts";
import { moneyCanaries } from "./money-canaries.ts";
import { paymentCanaries } from "./payment-canaries.ts";
import { operatorCanaries } from "./operator-canaries.ts";
import { reservationCanaries } from "./reservation-canaries.ts";
import { pegCanaries } from "./peg-canaries.ts";
import { promiseCanaries } from "./promise-canaries.ts";
import { supplyCanaries } from "./supply-canaries.ts";
import { returnCanaries } from "./return-canaries.ts";
import { runningCanaries } from "./running-canaries.ts";

const poison = (name: string): Required<Canary>["test"] => ({
  file: "test/actors/poison_test.ts",
  name,
});

const references = (name: string): Required<Canary>["test"] => ({
  file: "test/actors/references_test.ts",
  name,
});

const reactors = (name: string): Required<Canary>["test"] => ({
  file: "test/actors/reactors/reactors_test.ts",
  name,
});

const outbound = (name: string): Required<Canary>["test"] => ({
  file: "test/actors/outbound/outbound_test.ts",
  name,
});

const lane = (name: string): Required<Canary>["test"] => ({
  file: "test/outbound/lane_test.ts",
  name,
});

const documents = (name: string): Required<Canary>["test"] => ({
  file: "test/actors/outbound/document_lanes_test.ts",
  name,
});

const webhooks = (name: string): Required<Canary>["test"] => ({
  file: "test/api/webhooks_test.ts",
  name,
});

/** What holds of any subject finds what is wrong with one that it does not know. */
const toy = (name: string): Required<Canary>["test"] => ({
  file: "test/toy/laws_test.ts",
  name,
});

const toySweep = (name: string): Required<Canary>["test"] => ({
  file: "test/crash/vouchers_test.ts",
  name,
});

const access = (name: string): Required<Canary>["test"] => ({
  file: "test/actors/access_test.ts",
  name,
});

const scopes = (name: string): Required<Canary>["test"] => ({
  file: "test/api/access_test.ts",
  name,
});

export const canaries: readonly Canary[] = [
  ...guardCanaries,
  ...moneyCanaries,
  ...returnCanaries,
  ...reservationCanaries,
  ...supplyCanaries,
  ...exchangeCanaries,
  ...editCanaries,
  ...paymentCanaries,
  ...invoiceCanaries,
  ...runningCanaries,
  ...fileCanaries,
  ...eventCanaries,
  ...calendarCanaries,
  ...promiseCanaries,
  ...pegCanaries,
  ...stateCanaries,
  ...stockFeedCanaries,
  ...lotCanaries,
  ...operatorCanaries,
  ...workerCanaries,
  ...messageCanaries,
  ...kitCanaries,
  {
    name: "commits do not check their fences",
    file: "actors/ledger/build-commit.ts",
    find:
      "...touched.map(({ name, version }) => ({ key: keys.fence(name), versionstamp: version })),",
    replace: "",
  },
  {
    name: "the ledger answers before the commit",
    file: "actors/ledger/commit-batch.ts",
    find: "    const tried = yield* write(",
    replace: `    for (const { settle } of run.batch) settle(Exit.succeed("00000000000000000000"));
    const tried = yield* write(`,
  },
  {
    name: "an error of the store is taken for success",
    file: "actors/ledger/write-commit.ts",
    find: "      ({ detail, reason } = answer.failure);",
    replace: '      return { _tag: "Committed", versionstamp: "00000000000000000000" };',
  },
  {
    name: "nobody knows his own commit again after an unclear answer",
    file: "actors/ledger/write-commit.ts",
    find: '      if (outcome.success._tag !== "Untouched") return outcome.success;',
    replace: '      if (outcome.success._tag !== "Untouched") return { _tag: "Overtaken" };',
  },
  {
    name: "a parcel is committed whether or not its owner has taken it back",
    file: "actors/ledger/build-commit.ts",
    find: "      ...units.flatMap(({ claim }) => claim ?? []),",
    replace: "",
    test: {
      file: "test/actors/parcels_test.ts",
      name: "a parcel that its owner took back is not committed by who has it in hand",
    },
  },
  {
    name: "a parcel counts as taken back though it was committed",
    file: "actors/ledger/parcel-answer.ts",
    find: "if (Result.isSuccess(taken) && taken.success.ok) return",
    replace: "if (Result.isSuccess(taken)) return",
    test: {
      file: "test/actors/parcels_test.ts",
      name: "a parcel that was committed while its owner took it back counts as committed",
    },
  },
  {
    name: "what a parcel rests on is not read again",
    file: "actors/ledger/batch.ts",
    find: "    reads: body.reads.map((read) => ({",
    replace: "    reads: body.reads.slice(0, 0).map((read) => ({",
    test: {
      file: "test/actors/parcels_test.ts",
      name: "a parcel that rests on what is not so any more is refused",
    },
  },
  {
    name: "what its holder wrote since counts as nothing to a parcel",
    file: "actors/ledger/own-writes.ts",
    find: "      return !read.some((key) => texts.has(key));",
    replace: "      return texts.size >= 0;",
    test: {
      file: "test/actors/parcels_test.ts",
      name: "a parcel is refused when who commits it has written since what it takes for absent",
    },
  },
  {
    name: "who holds a fence forgets that others held it meanwhile",
    file: "actors/ledger/own-writes.ts",
    find: "    for (const { name } of partitions) this.#since.delete(name);",
    replace: "    void partitions;",
    test: {
      file: "test/actors/parcels_test.ts",
      name: "a parcel is refused when another process has written since what it takes for absent",
    },
  },
  {
    name: "rows that came with a parcel's answer are believed whatever came meanwhile",
    file: "actors/ledger/partitions.ts",
    find:
      "    if (read.some(({ version }, index) => version !== fences[index]?.versionstamp)) return;",
    replace: "",
    test: {
      file: "test/actors/parcels_test.ts",
      name:
        "what comes late with a parcel's answer does not undo what its owner has written meanwhile",
    },
  },
  {
    name: "parcels that change the same are committed together",
    file: "actors/ledger/waiting.ts",
    find: "    if (claim !== undefined && clashes) {",
    replace: "    if (claim !== undefined && clashes && kept.size < 0) {",
    test: {
      file: "test/actors/parcels_test.ts",
      name: "of two parcels that take the same key for absent, one is committed and one refused",
    },
  },
  {
    name: "what others changed is not decided again",
    file: "actors/ledger/commit-batch.ts",
    find: "  if (stale.length === 0) return batch;",
    replace: "  if (stale.length >= 0) return batch;",
  },
  {
    name: "rows in memory outlive the changes of others",
    file: "actors/ledger/partitions.ts",
    find: "      if (isGuard) books.invalidate(name);",
    replace: "",
  },
  {
    name: "stock that others sold is sold again",
    file: "actors/balance/working-rows.ts",
    find: "      sound &&= book.balance.isSound(value);",
    replace: "      sound &&= book.balance !== undefined && value !== undefined;",
    seed: 9,
  },
  {
    name: "a fence that others moved drops the rows of one balance only",
    file: "actors/balance/books.ts",
    find: "of this.#byPrefix.get(prefix) ?? []) book.invalidate(space);",
    replace: "of this.#byPrefix.get(prefix)?.slice(0, 1) ?? []) book.invalidate(space);",
    test: {
      file: "test/actors/balances_test.ts",
      name: "a fence that another process has moved drops the rows of all balances behind it",
    },
  },
  {
    name: "a unit that one balance does not bear changes the others",
    file: "actors/balance/working-rows.ts",
    find: "    if (!sound) this.#restore(newFrom);",
    replace: "    void newFrom;",
    test: {
      file: "test/actors/balances_test.ts",
      name: "a unit that one of its balances does not bear changes none of them",
    },
  },
  {
    name: "a hold counts twice",
    file: "actors/balance/books.ts",
    find: "    this.#changeHolds(changes, 1);",
    replace: "    this.#changeHolds(changes, 1);\n    this.#changeHolds(changes, 1);",
  },
  {
    name: "a committed hold is not dropped",
    file: "actors/ledger/commit-batch.ts",
    find: "  for (const { unit } of batch) unit.onSettled?.(true);",
    replace: "",
  },
  {
    name: "a cancellation gives stock back twice",
    file: "src/order/stock-effects.ts",
    find: "sku, reserved: -quantity, onHand: 0 }",
    replace: "sku, reserved: -2 * quantity, onHand: 0 }",
  },
  {
    name: "releasing one hold releases all",
    file: "src/order/hold-codes.ts",
    find: "holds.filter(({ code }) => code !== released);",
    replace: "holds.filter(({ code }) => code !== code);",
    flow: "hold for two reasons, and release one",
  },
  {
    name: "an order is fulfilled whatever it is held for",
    file: "src/order/status.ts",
    find: '(action !== "fulfill" || holds.length === 0);',
    replace: '(action !== "fulfill" || holds.length >= 0);',
    flow: "hold for two reasons, and release one",
  },
  {
    name: "consumers skip an event",
    file: "actors/log/log-tail.ts",
    find: "const fresh = entries.filter((entry) => entry.position > follower.position);",
    replace:
      "const fresh = entries.filter((entry, n) => n !== 2 && entry.position > follower.position);",
  },
  {
    name: "a cursor moves in a commit of its own",
    file: "actors/log/cursor.ts",
    find: "      return Effect.flatMap(commit, (result) => {",
    replace: `      const alone = Effect.flatMap(
        this.store.commit({
          checks: [{ key: this.#key, versionstamp: this.#versionstamp }],
          mutations: [{ type: "set", key: this.#key, value: encodeJson(place) }],
        }),
        (moved) =>
          moved.ok
            ? this.store.commit({
              checks: [{ key: this.#key, versionstamp: moved.versionstamp }],
              mutations,
            })
            : Effect.as(commit, moved),
      );
      return Effect.flatMap(alone, (result) => {`,
  },
  {
    name: "a cursor moves whoever has moved it",
    file: "actors/log/cursor.ts",
    find: "        checks: [{ key: this.#key, versionstamp: this.#versionstamp }],",
    replace: "        checks: [],",
    test: reactors("a fold counts every change once"),
  },
  {
    name: "a fold begins an entry again that is half done",
    file: "actors/log/fold.ts",
    find: "          if (n++ < done) continue;",
    replace: "          n++;",
    test: reactors("a fold counts every change once"),
  },
  {
    name: "the cursor moves before its commands are done",
    file: "actors/log/commands.ts",
    find: "    if (tasks.length > 0) yield* this.options.perform(tasks);",
    replace: `    this.#doneUpTo = entries.at(-1)?.position ?? this.#doneUpTo;
    if (tasks.length > 0 && !(yield* this.#move())) return false;
    if (tasks.length > 0) yield* this.options.perform(tasks);`,
    test: reactors("what an entry asks for is done"),
  },
  {
    name: "what follows from an entry is done again when the log is read again",
    file: "actors/aggregate/reactions.ts",
    find: "      { by, key: cause, fingerprint",
    replace: "      { by, key: cause + performance.now(), fingerprint",
    test: {
      file: "test/actors/reactors/reactions_test.ts",
      name: "what follows from an entry is done once",
    },
  },
  {
    name: "who steps back never takes over",
    file: "actors/log/reactor.ts",
    find: "    this.#contended &&= nowMs - this.#heardAtMs < takeOverMs;",
    replace: "    this.#contended &&= nowMs - this.#heardAtMs < takeOverMs * 1e9;",
  },
  {
    name: "an order's answer is not kept under its idempotency key",
    file: "actors/command/unit-of.ts",
    find: "    : [...part.writes, ...idempotency.claim.write(idempotency.respond(result))],",
    replace: "    : part.writes,",
  },
  {
    name: "a change of stock does not check its idempotency key",
    file: "actors/command/unit-of.ts",
    find:
      "  reads: idempotency === undefined ? part.reads : [...part.reads, idempotency.claim.read],",
    replace: "  reads: part.reads,",
    seed: 10,
  },
  {
    name: "a new order does not check its reference",
    file: "actors/order/orders.ts",
    find: "  const own = reads.length === 0 ? part : { ...part, reads, absent: [] };",
    replace: "  const own = { ...part, reads, absent: [] };",
  },
  {
    name: "an order that was placed is refused when it is placed again",
    file: "actors/order/orders.ts",
    find: '        if (error._tag === "Refused" || error._tag === "InvalidOrder") {',
    replace: '        if (error._tag === "InvalidOrder") {',
    flow: "place in part",
  },
  {
    name: "a large order has no timer to resume it",
    file: "src/order/links.ts",
    find: "  if (order.allocating) links",
    replace: "  if (order.allocating && order.closed) links",
    flow: "allocate a large order",
  },
  {
    name: "a delivered order is never closed",
    file: "src/order/links.ts",
    find: '  if (order.status === "delivered") {',
    replace: '  if (order.status === "delivered" && order.closed) {',
    flow: "track and close",
  },
  {
    name: "arrivals of other processes are not looked at",
    file: "actors/order/replenish.ts",
    find: "store.shared ? Effect.asVoid(ledger.refreshBalances) : Effect.void",
    replace: "Effect.void",
    flow: "fill backorders by what another process cancelled",
  },
  {
    name: "the answer is the order before the command",
    file: "actors/aggregate/aggregates.ts",
    find: "    const result = own.written?.document ?? own.known.stored.value;",
    replace: "    const result = own.known.stored.value;",
  },
  {
    name: "orders are read from memory for ever",
    file: "actors/aggregate/aggregates.ts",
    find:
      "    const stored = yield* readDocument(services, definition, id);\n    return stored?.value ??",
    replace: `    const remembered = (globalThis as any).remembered ??= new Map();
    const stored = remembered.get(id) ?? (yield* readDocument(services, definition, id));
    if (stored !== null) remembered.set(id, stored);
    return stored?.value ??`,
  },
  {
    name: "a repeat is refused for what its first request did",
    file: "actors/command/idempotency.ts",
    find:
      "        // Perhaps another process has answered the key, and its effect is why this one failed.",
    replace:
      '        if ((result.failure as any)?._tag !== "Conflict") return yield* Effect.fail(result.failure);',
    seed: 9,
  },
  {
    name: "a location that opens again offers nothing to those who wait",
    file: "actors/order/replenish.ts",
    find:
      "    yield* offerStockOf(records.flatMap(changedLocations), records.flatMap(changedChannels));",
    replace: "",
    flow: "open a location again",
  },
  {
    name: "a refresh of stock passes over what a commit of unknown fate has left",
    file: "actors/ledger/partitions.ts",
    find: "({ isGuard, generation }) => generation > 0 && isGuard",
    replace: "({ isGuard, known }) => known && isGuard",
    test: {
      file: "test/actors/two_processes_test.ts",
      name: "nor does a commit of unknown fate keep it from seeing what the other received",
    },
  },
  {
    name: "an entry that is set aside takes those behind it along",
    file: "actors/log/follower.ts",
    find: "        if (gaveUp !== null) yield* setAside(entry, gaveUp);",
    replace: `        if (gaveUp !== null) {
          yield* setAside(entry, gaveUp);
          break;
        }`,
    test: poison("what always fails by a defect"),
  },
  {
    name: "what cannot be handled is forgotten",
    file: "actors/log/follower.ts",
    find: "    yield* untilItWorks(name, turn.withPermit(aside.add(record, entry)));",
    replace: "",
    test: poison("what always fails by an error of the store"),
  },
  {
    name: "a store that does not answer is taken for the entry's fault",
    file: "actors/log/follower.ts",
    find: "{ onSuccess: () => false, onFailure: () => true }",
    replace: "{ onSuccess: () => false, onFailure: () => false }",
    test: poison("a store that does not answer"),
  },
  {
    name: "a full disk is taken for the entry's fault",
    file: "actors/log/follower.ts",
    find: 'error._tag === "Overloaded" || error.reason !== undefined',
    replace: 'error._tag === "Overloaded"',
    test: poison("a full disk says nothing"),
  },
  {
    name: "an entry that cannot be counted is counted in part",
    file: "src/status/counters.ts",
    find: "    this.#note(entry);\n    this.#pass(entry.position);\n    this.#count(entry);",
    replace: `    this.#pass(entry.position);
    for (const record of entry.records) {
      this.#note({ ...entry, records: [record] });
      this.#count(entry);
    }`,
    test: poison("an entry that cannot be counted"),
  },
  {
    name: "orders are listed late as they were, not as they are",
    file: "actors/index/listed-late.ts",
    find:
      "      ...changes.map((change) => ({ ...change, present: standing.has(placeName(change)) })),\n" +
      "      ...places,",
    replace: "      ...changes,",
    test: poison("orders that were not listed"),
  },
  {
    name: "counters are saved without what they left out",
    file: "src/status/counters.ts",
    find: "      ...(this.setAside.length === 0 ? {} : { setAside: this.setAside }),",
    replace: "",
    test: poison("what could not be read"),
  },
  {
    name: "of two processes each makes the last document that there may be",
    file: "actors/reference/change.ts",
    find: "  return [readOf(reference, generation)(fence)];",
    replace: "  return fence.versionstamp === null ? [] : [];",
    test: references("two processes together make as many documents"),
  },
  {
    name: "of two processes each gives a document the same unique key",
    file: "actors/reference/change.ts",
    find: "  return entries.map(readOf(reference, generation));",
    replace: "  return [];",
    test: references("of documents with one unique key"),
  },
  {
    name: "a removed document leaves the keys by which it was found",
    file: "actors/reference/change.ts",
    find: "  ...removed.map(({ key }) => write(key, null)),\n",
    replace: "",
    test: references("documents, the keys that find them and the log"),
  },
  {
    name: "what another process saves is not forgotten",
    file: "actors/reference/references.ts",
    find: "if (id !== null) family.forget(id);",
    replace: "if (id === null) family.forget(id);",
    test: references("what another process saves or removes"),
  },
  {
    name: "the cursor of a lane passes what is not settled",
    file: "src/outbound/lane.ts",
    find: "    const passed = notDone < 0 ? this.#taken : this.#taken.slice(0, notDone);",
    replace: "    const passed = notDone < -1 ? [] : [...this.#taken];",
    test: lane("whatever happens, all is delivered"),
  },
  {
    name: "a message overtakes another of its key",
    file: "src/outbound/lines.ts",
    find: "    if (index > 0) return;",
    replace: "    if (index > 1) return;",
    test: lane("whatever happens, all is delivered"),
  },
  {
    name: "while nobody is there, messages die",
    file: "src/outbound/lane.ts",
    find:
      "if (this.failing === null || isThere) { for (const queued of batch) queued.attempts++; }",
    replace: "for (const queued of batch) queued.attempts++;",
    test: lane("an endpoint that is down"),
  },
  {
    name: "while nobody is there, more is taken from the log",
    file: "src/outbound/lane.ts",
    find: "(this.failing === null || this.#lines.keys < silentKeysToOpen)",
    replace: "(this.failing === null || silentKeysToOpen > 0)",
    test: lane("an endpoint that is down"),
  },
  {
    name: "a message that failed is not written down",
    file: "actors/outbound/lane-rows.ts",
    find: "    set(keys.waitingMessage(lane, queued.id), packText(packRow(waitingOf(queued))));",
    replace: "    void packRow(waitingOf(queued));",
    test: outbound("every message arrives"),
  },
  {
    name: "an answer that never came is taken for a good one",
    file: "actors/outbound/lane-hold.ts",
    find: "() => failed(`No answer within ${attemptMs} ms.`)",
    replace: '(): Outcome => ({ _tag: "Delivered" })',
    test: outbound("every message arrives"),
  },
  {
    name: "a dead letter goes before its message is safe again",
    file: "src/outbound/lane.ts",
    find: "this.#asked.filter(isDone)",
    replace: "this.#asked.filter(() => true)",
    test: {
      file: "test/crash/outbound_test.ts",
      name: "nothing is lost at any point",
    },
  },
  {
    name: "a lane is taken from a process that has nothing to say",
    file: "actors/outbound/lane-runner.ts",
    find: "if (seen !== cursor.versionstamp || !(yield* this.#isWanted(place))) heardAtMs = nowMs;",
    replace: "if (seen !== cursor.versionstamp) heardAtMs = nowMs;",
    test: outbound("while all goes well each message is sent once"),
  },
  {
    name: "a lane is never taken over",
    file: "actors/outbound/lane-runner.ts",
    find: "place.holder === null || nowMs - heardAtMs >= outboundLimits.leaseMs",
    replace: "place.holder === null",
    test: outbound("the messages of a process that ended"),
  },
  {
    name: "who was stopped does not notice that another holds the lane",
    file: "actors/outbound/lane-hold.ts",
    find: "      if (known && (found !== before.holder || moves !== before.moves)) return false;",
    replace: "",
    test: outbound("a process that was stopped and wakes"),
  },
  {
    name: "the lane of a document begins with the log",
    file: "src/outbound/place.ts",
    find: "  return { ...rest, position: versionstamp };",
    replace: '  return versionstamp === "" ? place : rest;',
    test: documents("a lane begins at the very commit"),
  },
  {
    name: "a lane sends for a version of its document that is gone",
    file: "actors/outbound/lane-hold.ts",
    find: "if (this.options.source.isNews(entry) && ",
    replace: 'if (entry.position === "" && ',
    test: documents("after the commit that closes or removes"),
  },
  {
    name: "a record that ends a lane is passed like others",
    file: "actors/outbound/lane-hold.ts",
    find: "      if (this.#endsWith(entry)) return yield* Effect.never;",
    replace: "",
    test: documents("a record of the log may end a lane"),
  },
  {
    name: "a lane that begins anew sends what it was to forget",
    file: "actors/outbound/lane-runner.ts",
    find: "      if (!(yield* forget(this.options, cursor, source.name))) continue;",
    replace: "",
    test: documents("one that begins anew forgets"),
  },
  {
    name: "a completed body is not kept",
    file: "src/outbound/lane.ts",
    find: "    queued.draft = false;",
    replace: "",
    test: documents("a body that is completed"),
  },
  {
    name: "lanes send more at once than the process may",
    file: "actors/outbound/sends.ts",
    find: "return this.#sending < this.most && this.#left > 0;",
    replace: "return this.#left > 0;",
    test: documents("so many messages are sent at once"),
  },
  {
    name: "what leaves takes as much of a busy process as of any",
    file: "actors/outbound/sends.ts",
    find:
      "this.#left = this.#strain.isHigh ? outboundLimits.strainedSends : Number.POSITIVE_INFINITY;",
    replace: "this.#left = Number.POSITIVE_INFINITY;",
    test: {
      file: "test/actors/outbound/sends_test.ts",
      name: "a process with much else to do begins few messages, and has all the others wait",
    },
  },
  {
    name: "a lane of which the document is gone leaves its rows",
    file: "actors/outbound/document-lanes.ts",
    find: "    for (const lane of gone) yield* forgetEnded(",
    replace: "    for (const lane of gone.slice(gone.length)) yield* forgetEnded(",
    test: documents("each listener gets what the log has"),
  },
  {
    name: "while nobody answers, one message is tried and no other",
    file: "src/outbound/lines.ts",
    find: "(each.triedAtMs ?? 0) < (oldest.triedAtMs ?? 0)",
    replace: "each.nextAtMs < oldest.nextAtMs",
    test: lane("while nobody is there, messages of several keys take turns"),
  },
  {
    name: "an endpoint is told what only administrators may hear",
    file: "src/webhook/events.ts",
    find: '(!confidential || role === "admin") &&',
    replace: 'role !== "viewer" &&',
    test: webhooks("a key sees and manages the endpoints of its scope"),
  },
  {
    name: "an endpoint is told beyond the scope of its key",
    file: "src/webhook/events.ts",
    find: "isWithin(scope, event) && isWithin(filter, event)",
    replace: "isWithin(filter, event) && scope !== null",
    test: webhooks("an endpoint keeps to the scope of its key"),
  },
  {
    name: "an endpoint of a revoked key goes on",
    file: "src/access/revocation.ts",
    find: "revoked === keyId",
    replace: "revoked === undefined && keyId === undefined",
    test: webhooks("a lane takes nothing behind the revocation"),
  },
  {
    name: "the old secret signs no more from the rotation on",
    file: "src/outbound/signing.ts",
    find: "  const old = keepOldUntil > now ? [{ ...current, endsAt: keepOldUntil }] : [];",
    replace: "  const old = keepOldUntil < now ? [{ ...current, endsAt: keepOldUntil }] : [];",
    test: webhooks("a secret is rotated"),
  },
  {
    name: "a secret is kept in the answer for repeats",
    file: "api/webhook/webhooks.ts",
    find: "{ keep: (made) => secretAnswer(201, made, null, beginning) },",
    replace: "{ keep: (made) => secretAnswer(201, made, made.secret, beginning) },",
    test: webhooks("the secret is in the first answer alone"),
  },
  {
    name: "personal data is stored with a message that waits",
    file: "actors/webhook/webhook-sink.ts",
    find: "      : withOrder(body, views.order(order));",
    replace: "      : withOrder(body, { ...views.order(order), ...views.personal(order) });",
    test: webhooks("bodies have the order when asked"),
  },
  {
    name: "a redirect counts as delivered",
    file: "src/outbound/answer.ts",
    find: "status < 300",
    replace: "status < 400",
    test: webhooks("a redirect is a failure"),
  },
  {
    name: "an endpoint that goes on where it stopped has missed what happened",
    file: "actors/webhook/webhooks.ts",
    find: '(resume === "now" ? 1 : 0)',
    replace: "1",
    test: webhooks("a disabled endpoint is told nothing"),
  },
  {
    name: "a voucher that expires keeps its units",
    file: "test/toy/voucher.ts",
    find: "claim(before, before.redeemed - before.given, 0)",
    replace: "claim(before, 0, 0)",
    test: toy("the laws hold of every voucher"),
  },
  {
    name: "a voucher gives more units than it has",
    file: "test/toy/voucher.ts",
    find: "command.units > facts.available",
    replace: "command.units > 1_000",
    test: toy("the laws hold of every voucher"),
  },
  {
    name: "the timer of a voucher asks for what it does not understand",
    file: "test/toy/voucher.ts",
    find: 'timer("expire", epochMsOf(voucher.expiresAt), { type: "expire" })',
    replace: 'timer("expire", epochMsOf(voucher.expiresAt), { type: "issue" })',
    test: toySweep("let a voucher expire"),
  },
  {
    name: "an order is placed without what goes along with it",
    file: "actors/order/orders.ts",
    find: "joinParts([own, ...turns.map((turn) => turn.part)], subjects.merge)",
    replace: "joinParts([own], subjects.merge)",
    test: toySweep("redeem a voucher at placing"),
  },
  {
    name: "two processes revoke the last two admin keys",
    file: "actors/reference/change.ts",
    find: "    rests.push(readOf(reference, generation)(fence));",
    replace: "    void fence;",
    test: access("of two processes that revoke the last two admin keys at once, one leaves one"),
  },
  {
    name: "a revoked key lets in again when the settings give it",
    file: "actors/access/admin-keys.ts",
    find: "    leaves: leavesItsHash,",
    replace: "    leaves: () => [],",
    test: access("what was revoked stays so, though it be given by the settings"),
  },
  {
    name: "what is open hears of its key's end in the process that revokes it, and in no other",
    file: "src/subject/reference.ts",
    find: "  type === saved || type === removed || type === added ||",
    replace: "  type === saved || type === added ||",
    test: access(
      "who waits for the end of a key hears of it in every process, and of no other key's",
    ),
  },
  {
    name: "the second page of a list takes the channel from the request and not from the key",
    file: "api/order/orders.ts",
    find: 'channel: yield* narrowedIds(by.scope.channel, idsIn(query.channel), "channel"),',
    replace: "channel: query.cursor !== undefined ? idsIn(query.channel) : " +
      'yield* narrowedIds(by.scope.channel, idsIn(query.channel), "channel"),',
    test: {
      file: "test/api/access_pages_test.ts",
      name:
        "no page of a list shows what is of another scope, and together they show all of one's own",
    },
  },
  {
    name: "every location sees the parts of orders that no location has",
    file: "api/order/visible.ts",
    find: "  (scope.locationId === undefined || scope.locationId === locationId);",
    replace:
      "  (scope.locationId === undefined || scope.locationId === (locationId ?? scope.locationId));",
    test: scopes("a part of an order that no location has is no location's to see"),
  },
  {
    name: "every role hears on the stream what becomes of keys",
    file: "api/event/filter.ts",
    find: 'confidential: role === "admin"',
    replace: 'confidential: role !== "viewer"',
    test: {
      file: "test/api/status_test.ts",
      name: "only an admin's key without a scope hears what becomes of keys, live and resumed, " +
        "and how often",
    },
  },
  {
    name: "a page of import results takes one row more than it may",
    file: "actors/import/run.ts",
    find: "rows.length >= importLimits.resultsPerPage",
    replace: "rows.length > importLimits.resultsPerPage",
    test: {
      file: "test/import/run_test.ts",
      name: "pages of results are as full as they may be, and tell of each row once, wherever a " +
        "request ends",
    },
  },
  {
    name: "a command is carried out for a key that was revoked while its body came",
    file: "api/http/app.ts",
    find: "authenticator.changes() !== changes",
    replace: "authenticator.changes() < changes",
    test: {
      file: "test/api/revocation_test.ts",
      name: "a command whose body comes slowly is not carried out for a key that was revoked " +
        "meanwhile",
    },
  },
];
