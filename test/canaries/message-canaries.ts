/** Bugs of messages to customers: told twice, told too late, told what is nobody's business. */
import type { Canary } from "./canary.ts";

const lane = (name: string): Required<Canary>["test"] => ({
  file: "test/actors/message/message_lane_test.ts",
  name,
});

const sent = (name: string): Required<Canary>["test"] => ({
  file: "test/api/sent_messages_test.ts",
  name,
});

export const messageCanaries: readonly Canary[] = [
  {
    name: "who takes a lane over sends what was handed over once more",
    file: "actors/message/message-sink.ts",
    find: "        return yield* writeRecord(store, found, yield* this.#recordOf(record, step));",
    replace: "        return (yield* this.#recordOf(record, step)).attempts > 0;",
    test: {
      file: "test/crash/message_lane_test.ts",
      name: "nobody is told twice at any point",
    },
  },
  {
    name: "a message is claimed by two at once",
    file: "actors/message/message-records.ts",
    find: "      checks: [{ key, versionstamp }],",
    replace: "      checks: versionstamp === null ? [] : [{ key, versionstamp: null }].slice(1),",
    test: {
      file: "test/actors/message/message_records_test.ts",
      name: "of two that claim a message at once",
    },
  },
  {
    name: "what is ambiguous is sent again",
    file: "actors/message/mail.ts",
    find: '  if (wasHandedOver) return { _tag: "Ambiguous", reason };',
    replace: '  if (wasHandedOver) return { _tag: "Retry", reason, isThere: false };',
    test: sent("an answer that is lost after the message"),
  },
  {
    name: "a message is handed over before anybody has claimed it",
    file: "actors/message/mail.ts",
    find: '    if (!(await this.#opening)) throw new Error("it is kept back");',
    replace: "    void this.#opening;",
    test: {
      file: "test/actors/message/mail_test.ts",
      name: "a message that is kept back when the server asks for it",
    },
  },
  {
    name: "a lane gives up a mail server that takes its time over the end of a message",
    file: "actors/message/message-sink.ts",
    find: "  return delivery((message) => sink.send(message), mailLimits.laneAttemptMs);",
    replace:
      "  return delivery((message) => sink.send(message), mailLimits.laneAttemptMs * 0 + 15_000);",
    test: lane("a mail server may take its time"),
  },
  {
    name: "customers are told of imported history",
    file: "src/message/wanted.ts",
    find: "> messageLimits.historyAfterMs",
    replace: "> messageLimits.historyAfterMs * 1e6",
    test: sent("nobody is told of history"),
  },
  {
    name: "buyers of marketplaces are told by default",
    file: "src/message/channel.ts",
    find: "boolean => !isMarketplace(channel);",
    replace: 'boolean => !isMarketplace(channel) || channel !== "";',
    test: sent("nobody is told of history"),
  },
  {
    name: "a new mail server is given all that the log has",
    file: "src/outbound/source.ts",
    find: "  beginsNow: outbox.isOptional ?? false,",
    replace: "  beginsNow: false,",
    test: sent("messages begin with what happens after"),
  },
  {
    name: "what waited for days is sent as news",
    file: "actors/message/message-sink.ts",
    find: "    if (ageMs > messageLimits.newsForMs) {",
    replace: "    if (ageMs > messageLimits.newsForMs * 1e6) {",
    test: sent("what cannot be sent for a day"),
  },
  {
    name: "one refused message counts as nobody there",
    file: "src/outbound/lane.ts",
    find: "    if (isThere) this.#answered(nowMs);\n    else this.#breaker",
    replace: "    if (isThere) this.#breaker.lookAgain(nowMs);\n    this.#breaker",
    test: {
      file: "test/outbound/lane_test.ts",
      name: "messages that somebody refuses are no sign that nobody is there",
    },
  },
];
