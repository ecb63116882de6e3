/**
 * The other end of the lane of messages to customers: makes a message of its order as it is now, and sends it.
 *
 * A lane sends at least once; a customer is told at most once. So the record of a message is written before it
 * is handed over to the mail server, in the moment in which the server has asked for it and has nothing of it
 * yet. Whoever finds such a record of another attempt does not know how that ended, and does not try again:
 * one too few beats two.
 */
import { Clock, Effect, Result } from "effect";
import { epochMsOf, instantOf } from "../../src/kernel/instant.ts";
import type { MessageKind } from "../../src/message/kind.ts";
import { messageIdOf } from "../../src/message/kind.ts";
import { messageLimits } from "../../src/message/limits.ts";
import { dueIn, type MessageDue, messageOutboxName } from "../../src/message/outbox.ts";
import { isFinal, leftUnclear, type MessageRecord } from "../../src/message/record.ts";
import { messageKindOf } from "../../src/messages.ts";
import type { Message, Outcome } from "../../src/outbound/message.ts";
import { Sealing } from "../../src/secrets/sealing.ts";
import { Store } from "../../src/store/store.ts";
import { Catalog } from "../catalog/catalog.ts";
import { Identifiers } from "../ledger/identifiers.ts";
import { untilItWorks } from "../log/follower.ts";
import { Orders } from "../order/orders.ts";
import { type Delivery, delivery } from "../outbound/held-lane.ts";
import { References } from "../reference/references.ts";
import { type Composed, Composer } from "./compose.ts";
import { mailLimits } from "./limits.ts";
import type { Mail, MailOutcome, OutgoingMail } from "./mail.ts";
import { countMessage } from "./message-metrics.ts";
import { readRecord, writeRecord } from "./message-records.ts";

/** The lane is done with the message; its record says how that ended. */
const settled: Outcome = { _tag: "Delivered" };

const purpose = "message address";

interface Parts {
  readonly store: Store["Service"];
  readonly mail: Mail;
  readonly composer: Composer;
  readonly sealing: Sealing["Service"];
  readonly identifiers: Identifiers["Service"];
}

/** Members of a record that an attempt gives it. */
type Step = Pick<MessageRecord, "outcome"> & Partial<MessageRecord>;

/** One attempt to send one message. */
class Attempt {
  /** No other attempt has it. */
  readonly #name: string;

  constructor(
    private readonly parts: Parts,
    private readonly due: MessageDue,
    /** How often it was tried before. */
    private readonly triedBefore: number,
  ) {
    this.#name = parts.identifiers.commitId();
  }

  readonly #recordOf = Effect.fnUntraced(function* (
    this: Attempt,
    before: MessageRecord | null,
    step: Step,
  ): Effect.fn.Return<MessageRecord> {
    const { orderId, kind, part } = this.due;
    return {
      ...{ orderId, kind, part, attempt: null, language: null, addressHash: null, reason: null },
      ...before,
      ...{ at: instantOf(yield* Clock.currentTimeMillis), attempts: this.triedBefore + 1 },
      ...step,
    };
  }).bind(this);

  /** Writes what this attempt came to, unless another has handed over the message meanwhile. */
  readonly settle = (step: Step): Effect.Effect<void> =>
    untilItWorks(
      messageOutboxName,
      Effect.gen({ self: this }, function* () {
        const { store } = this.parts;
        while (true) {
          const found = yield* readRecord(store, this.due);
          const { record } = found;
          if (!this.#maySettle(record, step)) return;
          const next = yield* this.#recordOf(record, step);
          if (yield* writeRecord(store, found, next)) {
            return yield* countMessage(this.due.kind, next.outcome);
          }
        }
      }),
    );

  #maySettle(record: MessageRecord | null, { outcome }: Step): boolean {
    if (record === null || record.outcome === "waiting") return true;
    // The one that handed it over knows best how that ended, also when somebody has given it up meanwhile. Only
    // then nobody tries it again.
    return record.attempt === this.#name && (record.outcome === "sending" || outcome !== "waiting");
  }

  /** Claims the message: true when this attempt, and no other, may hand it over. */
  readonly #handOver = (claim: Partial<MessageRecord>): Effect.Effect<boolean> =>
    untilItWorks(
      messageOutboxName,
      Effect.gen({ self: this }, function* () {
        const { store } = this.parts;
        const found = yield* readRecord(store, this.due);
        const { record } = found;
        // Written by a commit of which the answer was lost.
        if (record?.attempt === this.#name) return record.outcome === "sending";
        if (record !== null && record.outcome !== "waiting") return false;
        const step = { ...claim, outcome: "sending", attempt: this.#name, reason: null } as const;
        return yield* writeRecord(store, found, yield* this.#recordOf(record, step));
      }),
    );

  readonly send = Effect.fnUntraced(function* (
    this: Attempt,
    { from, to, language, message: { subject, html, text } }: Composed,
  ): Effect.fn.Return<Outcome> {
    const { mail, sealing } = this.parts;
    const address = to.address.toLowerCase();
    const claim = {
      language,
      addressHash: yield* Effect.orElseSucceed(sealing.keyedHash(purpose, address), () => null),
    };
    const outgoing: OutgoingMail = {
      messageId: messageIdOf(this.due, mail.domain),
      ...{ from, to, subject, html, text, language },
    };
    return yield* this.#ended(yield* mail.send(outgoing, this.#handOver(claim)), claim);
  }).bind(this);

  readonly #ended = Effect.fnUntraced(function* (
    this: Attempt,
    outcome: MailOutcome,
    claim: Partial<MessageRecord>,
  ): Effect.fn.Return<Outcome> {
    switch (outcome._tag) {
      case "Sent":
        yield* this.settle({ ...claim, outcome: "sent", reason: null });
        return settled;
      case "Rejected":
        yield* this.settle({ ...claim, outcome: "rejected", reason: outcome.reason });
        return settled;
      case "Ambiguous":
        yield* this.settle({ ...claim, outcome: "ambiguous", reason: outcome.reason });
        return settled;
      case "Retry": {
        const { reason, isThere } = outcome;
        yield* this.settle({ ...claim, outcome: "waiting", reason });
        return { _tag: "Retry", reason, isThere };
      }
    }
  }).bind(this);
}

const goneReason = "When it could be sent, there was nothing to tell any more.";
const expiredReason = "It could not be sent while it was news.";

class MessageSink {
  constructor(private readonly parts: Parts) {}

  readonly send = Effect.fnUntraced(function* (
    this: MessageSink,
    { body }: Message,
  ): Effect.fn.Return<Outcome> {
    const due = dueIn(body);
    const kind = messageKindOf(due.kind);
    if (kind === null) return { _tag: "Rejected", reason: `There is no kind ${due.kind}.` };
    const { store } = this.parts;
    const { record, versionstamp } = yield* untilItWorks(
      messageOutboxName,
      readRecord(store, due),
    );
    if (record !== null && isFinal(record)) return settled;
    if (record?.outcome === "sending") {
      const at = instantOf(yield* Clock.currentTimeMillis);
      const left = leftUnclear(record, at);
      // Where the one that hands it over is alive after all, it has said how that ended.
      yield* untilItWorks(messageOutboxName, writeRecord(store, { versionstamp }, left));
      yield* countMessage(due.kind, left.outcome);
      return settled;
    }
    return yield* this.#try(due, kind, record);
  }).bind(this);

  readonly #try = Effect.fnUntraced(function* (
    this: MessageSink,
    due: MessageDue,
    kind: MessageKind,
    record: MessageRecord | null,
  ): Effect.fn.Return<Outcome> {
    const attempt = new Attempt(this.parts, due, record?.attempts ?? 0);
    const composed = yield* Effect.result(this.parts.composer.compose(due, kind));
    if (Result.isFailure(composed)) {
      const { _tag, detail } = composed.failure;
      if (_tag === "StoreError") return { _tag: "Retry", reason: detail, isThere: true };
      yield* attempt.settle({ outcome: "failed", reason: detail });
      return settled;
    }
    if (composed.success === null) {
      // Of what nobody was to be told from the beginning, nothing is kept.
      if (record !== null) yield* attempt.settle({ outcome: "expired", reason: goneReason });
      return settled;
    }
    const ageMs = (yield* Clock.currentTimeMillis) - epochMsOf(due.at);
    if (ageMs > messageLimits.newsForMs) {
      yield* attempt.settle({ outcome: "expired", reason: expiredReason });
      return settled;
    }
    return yield* attempt.send(composed.success);
  }).bind(this);
}

/** The delivery of the lane of messages. */
export const messageDelivery = Effect.fnUntraced(function* (
  mail: Mail,
): Effect.fn.Return<
  Delivery,
  never,
  Store | Orders | Catalog | References | Sealing | Identifiers
> {
  const sink = new MessageSink({
    mail,
    store: yield* Store,
    composer: new Composer({
      orders: yield* Orders,
      catalog: yield* Catalog,
      references: yield* References,
      senderName: mail.senderName,
    }),
    sealing: yield* Sealing,
    identifiers: yield* Identifiers,
  });
  return delivery((message) => sink.send(message), mailLimits.laneAttemptMs);
});
