/** Why a provider gave no answer, in a word: a transaction that nobody knows anything of says so by it. */
import type { OutboundFailure } from "../outbound/http.ts";

const codes: Readonly<Record<string, string>> = {
  TargetNotAllowed: "target_not_allowed",
  CouldNotResolve: "no_such_host",
  CouldNotConnect: "no_connection",
  TimedOut: "timeout",
  AnswerBroken: "broken_answer",
};

export const failureCode = ({ _tag }: Pick<OutboundFailure, "_tag">): string => codes[_tag] ?? _tag;
