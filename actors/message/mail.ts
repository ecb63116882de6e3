/**
 * Electronic mail over SMTP. One function sends one message once, and what became of the attempt says who may
 * try again. Nothing of it is stored here, and no address is in a log.
 */
import { Effect, type Scope } from "effect";
import { Readable } from "node:stream";
import { createTransport, type PluginFunction, type Transporter } from "nodemailer";
import { mailLimits } from "./limits.ts";
import { isMailAddress, type MailAddress, type MailSettings } from "./mail-settings.ts";

/** A message as it is sent. */
export interface OutgoingMail {
  /** In angle brackets; the same for every attempt. */
  readonly messageId: string;
  /** That of the settings when absent. */
  readonly from?: MailAddress | undefined;
  readonly to: MailAddress;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** BCP 47. */
  readonly language: string;
}

export type MailOutcome =
  | { readonly _tag: "Sent"; readonly answer: string }
  /** It will never be taken as it is. */
  | { readonly _tag: "Rejected"; readonly reason: string }
  /** It was not taken: it may be tried again. `isThere`: the server answers, and takes others. */
  | { readonly _tag: "Retry"; readonly reason: string; readonly isThere: boolean }
  /** It was handed over, and nobody knows whether it was taken. It is not sent again: one too few beats two. */
  | { readonly _tag: "Ambiguous"; readonly reason: string };

export interface Mail {
  /**
   * Does not fail: what went wrong is an outcome. `handOver` is done once, when the server has asked for the
   * message and has nothing of it yet: false keeps it back. When `send` is interrupted before that, the message
   * is not handed over any more.
   */
  readonly send: (
    message: OutgoingMail,
    handOver: Effect.Effect<boolean>,
  ) => Effect.Effect<MailOutcome>;
  /** The domain of the sender, for ids of messages. */
  readonly domain: string;
  /** What the sender is called. */
  readonly senderName: string;
}

/** The passage of one message to the server, which may have taken it once all of it is there. */
class Handover {
  /** Whether all of it has gone. */
  done = false;
  #isClosed = false;
  #opening: Promise<boolean> | null = null;

  constructor(private readonly open: () => Promise<boolean>) {}

  /** Keeps the message back, if it has not begun to go. */
  close(): void {
    this.#isClosed = true;
  }

  /** Whether any of it has gone, or may go yet. */
  async isOpen(): Promise<boolean> {
    return this.#opening !== null && await this.#opening;
  }

  /** Read only when the server has asked for it: until then it waits. */
  async *through(input: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    this.#opening = this.#isClosed ? Promise.resolve(false) : this.open();
    if (!(await this.#opening)) throw new Error("it is kept back");
    yield* input;
  }
}

/** The last that a message goes through: its end means that the server is told so. */
const watchHandover: PluginFunction = ({ data, message }, next) => {
  const { handover } = data as { readonly handover?: Handover };
  message.processFunc((input) => {
    if (handover === undefined) return input;
    const passage = Readable.from(handover.through(input), { objectMode: false });
    return passage.once("end", () => {
      handover.done = true;
    });
  });
  next();
};

/** What nodemailer adds to an error of SMTP. */
interface SmtpError extends Error {
  readonly code?: string;
  /** The reply code. */
  readonly responseCode?: number;
  readonly response?: string;
  /** The command that was being done. */
  readonly command?: string;
}

/** The server's words without the addresses that servers like to repeat. */
const withoutAddresses = (text: string): string =>
  text.replaceAll(/[^\s<>"]+@[^\s<>",;:]+/g, "(address)").replaceAll(/\s+/g, " ").trim()
    .slice(0, mailLimits.answerLength);

const reasonOf = ({ response, message }: SmtpError): string =>
  withoutAddresses(response ?? message);

/** Errors of nodemailer that the same message will always have. */
const hopeless: ReadonlySet<string> = new Set(["EENVELOPE", "EMESSAGE"]);

/** The server ends the conversation, whatever it is about. */
const closing = 421;

/** RFC 5321, section 4.2.1: 4yz may be tried again, 5yz not. */
const outcomeOf = (error: SmtpError, wasHandedOver: boolean): MailOutcome => {
  const { responseCode, code = "" } = error;
  const reason = reasonOf(error);
  // A wrong password is the operator's fault, and not the message's: with the right one it goes through.
  if (code === "EAUTH" || code === "ENOAUTH") return { _tag: "Retry", reason, isThere: false };
  if (responseCode !== undefined && responseCode >= 400) {
    const isThere = isOfMessage(error) && responseCode !== closing;
    // 421 after the data: the server closes the channel, and has not taken the message (section 3.8).
    return responseCode >= 500 && isThere
      ? { _tag: "Rejected", reason }
      : { _tag: "Retry", reason, isThere };
  }
  if (wasHandedOver) return { _tag: "Ambiguous", reason };
  return hopeless.has(code)
    ? { _tag: "Rejected", reason }
    : { _tag: "Retry", reason, isThere: false };
};

/** What a server says before it has heard of a message is about itself. */
const isOfMessage = ({ command = "" }: SmtpError): boolean =>
  /^(?:MAIL FROM|RCPT TO|DATA)/.test(command);

const transportOf = ({ server }: MailSettings) =>
  createTransport({
    ...server,
    pool: true,
    maxConnections: mailLimits.connections,
    maxMessages: mailLimits.messagesPerConnection,
    // A connection that ends in the middle of a message would have it sent again, taken or not.
    maxRequeues: 0,
    connectionTimeout: mailLimits.connectionMs,
    greetingTimeout: mailLimits.greetingMs,
    socketTimeout: mailLimits.socketMs,
    // Nothing of a message is read from a disk or fetched from anywhere.
    disableFileAccess: true,
    disableUrlAccess: true,
  });

const tooLong = "It took too long.";

const sending = (settings: MailSettings, transport: Pick<Transporter, "sendMail">) => {
  const { from: ownFrom, redirect } = settings;
  const attempt = async (
    { messageId, from = ownFrom, to, subject, html, text, language }: OutgoingMail,
    handover: Handover,
  ): Promise<MailOutcome> => {
    try {
      const { response } = await transport.sendMail({
        ...{ messageId, subject, html, text, from },
        to: { name: to.name, address: redirect ?? to.address },
        headers: { "Auto-Submitted": "auto-generated", "Content-Language": language },
        ...{ handover },
      });
      return { _tag: "Sent", answer: withoutAddresses(response ?? "") };
    } catch (error) {
      // What is to be known of the handover is known only when that has begun or not.
      await handover.isOpen();
      return outcomeOf(error as SmtpError, handover.done);
    }
  };
  return Effect.fnUntraced(function* (
    message: OutgoingMail,
    handOver: Effect.Effect<boolean>,
  ): Effect.fn.Return<MailOutcome> {
    if (!isMailAddress(message.to.address)) {
      return { _tag: "Rejected", reason: "the order's address is none" };
    }
    const run = Effect.runPromiseWith(yield* Effect.context<never>());
    const handover = new Handover(() => run(handOver));
    const trying = Effect.promise(() => attempt(message, handover));
    return yield* Effect.ensuring(
      Effect.timeoutOrElse(trying, {
        duration: mailLimits.attemptMs,
        orElse: () =>
          Effect.promise(async (): Promise<MailOutcome> => {
            handover.close();
            return await handover.isOpen()
              ? { _tag: "Ambiguous", reason: tooLong }
              : { _tag: "Retry", reason: tooLong, isThere: false };
          }),
      }),
      Effect.sync(() => handover.close()),
    );
  });
};

/** Mail until the scope closes. */
export const makeMail = Effect.fnUntraced(function* (
  settings: MailSettings,
): Effect.fn.Return<Mail, never, Scope.Scope> {
  const transport = yield* Effect.acquireRelease(
    Effect.sync(() => {
      const made = transportOf(settings);
      made.use("stream", watchHandover);
      return made;
    }),
    (made) => Effect.sync(() => made.close()),
  );
  const { name, address } = settings.from;
  const domain = address.slice(address.lastIndexOf("@") + 1);
  return { send: sending(settings, transport), domain, senderName: name === "" ? domain : name };
});
