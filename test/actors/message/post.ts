/** A mail server of the simulated world: it refuses, loses, is away, and its answers get lost on their way. */
import { Effect } from "effect";
import type { Mail, MailOutcome, OutgoingMail } from "../../../actors/message/mail.ts";
import type { Chance } from "../../sim/random.ts";
import type { Process } from "../../sim/world.ts";

/** The troubles of a message, each as the share of attempts that meet it. */
export interface PostFaults {
  /** The server refuses it for now, before it has any of it. */
  readonly refused: number;
  /** The same once it has all of it. */
  readonly refusedAfter: number;
  /** The connection ends while it is handed over: the sender does not know whether it was taken. */
  readonly cut: number;
  readonly longestMs: number;
}

export const goodPost: PostFaults = { refused: 0, refusedAfter: 0, cut: 0, longestMs: 30 };

const retry = (reason: string, isThere: boolean): MailOutcome => ({
  ...{ _tag: "Retry", reason, isThere },
});

export class Post {
  faults: PostFaults = goodPost;
  /** True while nobody is there. */
  isDown = false;
  /** Ids of messages as they arrived. */
  readonly arrivals: string[] = [];
  /** How often a message was handed over, arrived or not. */
  handovers = 0;

  constructor(readonly chance: Chance) {}

  mailFor(process: Process): Mail {
    return {
      domain: "nord.example",
      senderName: "Nordlicht",
      send: (message, handOver) => this.#send(process, message, handOver),
    };
  }

  #send(
    process: Process,
    { messageId }: OutgoingMail,
    handOver: Effect.Effect<boolean>,
  ): Effect.Effect<MailOutcome> {
    const { world, services } = process;
    const { chance } = this;
    const later = (of: Process | null, run: () => void) =>
      world.after(chance.between(0, this.faults.longestMs), of, run);
    return Effect.callback<MailOutcome>((resume) => {
      let isClosed = false;
      const answer = (outcome: MailOutcome) =>
        later(process, () => resume(Effect.succeed(outcome)));
      const passed = () => {
        this.handovers++;
        // What is on its way arrives, whether or not its sender still lives.
        later(null, () => {
          if (chance.happens(this.faults.refusedAfter)) return answer(retry("451 later", true));
          const isCut = chance.happens(this.faults.cut);
          if (!isCut || chance.happens(0.5)) this.arrivals.push(messageId);
          answer(
            isCut
              ? { _tag: "Ambiguous", reason: "the connection ended" }
              : { _tag: "Sent", answer: "250 ok" },
          );
        });
      };
      later(process, () => {
        if (this.isDown) return answer(retry("connection refused", false));
        if (chance.happens(this.faults.refused)) return answer(retry("450 later", true));
        if (isClosed) return;
        Effect.runForkWith(services)(handOver).addObserver((exit) => {
          if (exit._tag === "Success" && exit.value) passed();
          else answer(retry("it is kept back", false));
        });
      });
      return Effect.sync(() => {
        isClosed = true;
      });
    });
  }
}
