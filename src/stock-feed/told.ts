/** What a feed is told: how many units of some SKUs are available. */
import { Schema } from "effect";
import type { Instant } from "../kernel/instant.ts";
import type { EndpointAnswer } from "../outbound/answer.ts";
import { outcomeOf } from "../outbound/answer.ts";
import type { Outcome } from "../outbound/message.ts";

/** How things are with a SKU. */
export interface Level {
  readonly sku: string;
  readonly available: number;
}

export interface Levels {
  /**
   * Where the log was before they were read, as the id behind all of its events. What was told of a SKU with a
   * greater one is newer; it sorts as text.
   */
  readonly sequence: string;
  readonly levels: readonly Level[];
}

/** What changed, or all there is: that is told to find and mend what differs. */
export const toldTypes = { changed: "stock.changed", resync: "stock.resync" } as const;

export const bodyOf = (
  feedId: string,
  { sequence, levels }: Levels,
  isSwept: boolean,
  at: Instant,
): string =>
  JSON.stringify({
    type: isSwept ? toldTypes.resync : toldTypes.changed,
    timestamp: at,
    data: { feedId, sequence, levels },
  });

const Differed = Schema.fromJsonString(
  Schema.Struct({ differed: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)) }),
);
const decodeDiffered = Schema.decodeUnknownOption(Differed);

/** What the answer means; one to a resync may say how many of the SKUs it had otherwise. */
export const outcomeOfAnswer =
  (isSwept: boolean) => (answer: EndpointAnswer, nowMs: number): Outcome => {
    const outcome = outcomeOf(answer, nowMs);
    if (!isSwept || outcome._tag !== "Delivered") return outcome;
    const said = decodeDiffered(answer.text);
    return said._tag === "Some" ? { ...outcome, differed: said.value.differed } : outcome;
  };
