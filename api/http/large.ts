/**
 * Large answers: written in pieces, as fast as they are read. Who does not read is dropped, and only so many
 * bytes of them lie here at once.
 */
import type { StoredResponse } from "../../src/store/documents.ts";
import { answerLimits } from "./limits.ts";
import { type ShareHolder, Shares } from "./shares.ts";

export const isLarge = ({ body }: StoredResponse): boolean =>
  body.length > answerLimits.pieceCharacters;

const encoder = new TextEncoder();

/** Not between the two halves of a character. */
const endOfPiece = (text: string, from: number, characters: number): number => {
  const end = Math.min(text.length, from + characters);
  const last = text.charCodeAt(end - 1);
  return end < text.length && last >= 0xd800 && last <= 0xdbff ? end - 1 : end;
};

/** The runtime prints it: where it was made is no news. */
class NotTaken extends Error {
  override readonly name = "NotTaken";
  override readonly stack = "A large answer was not taken in time and broke off.";
}

type AnswerLimits = { readonly [Name in keyof typeof answerLimits]: number };

export class LargeAnswers {
  readonly #limits: AnswerLimits;
  readonly #shares: Shares;

  constructor(limits: Partial<AnswerLimits> = {}) {
    this.#limits = { ...answerLimits, ...limits };
    this.#shares = new Shares(this.#limits.characters);
  }

  /** Null when there are as many bytes of answers as there may be, or of this key's. */
  write(text: string, holder: ShareHolder): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    if (!this.#shares.take(holder, text.length)) return null;
    const { pieceCharacters, takenMs } = this.#limits;
    let at = 0;
    let isOpen = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const end = (): void => {
      clearTimeout(timer);
      if (isOpen) this.#shares.giveBack(holder, text.length);
      isOpen = false;
    };
    return new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => {
        timer = setTimeout(() => {
          end();
          controller.error(new NotTaken());
        }, takenMs);
      },
      pull: (controller) => {
        const to = endOfPiece(text, at, pieceCharacters);
        controller.enqueue(encoder.encode(text.slice(at, to)));
        at = to;
        if (at < text.length) return;
        controller.close();
        end();
      },
      cancel: end,
    }, { highWaterMark: 0 });
  }
}
