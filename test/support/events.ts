/** Holds events against what their subject says of their type. */
import { Result, type Schema, SchemaParser } from "effect";
import { type EventEnvelope, eventSchemaOf } from "../../src/subject/event.ts";
import type { SubjectList } from "../../src/subject/subject.ts";

type Judge = (event: EventEnvelope) => string | null;

const judges = new WeakMap<object, Judge>();

/** Says what is wrong with an event as it is sent; null when nothing is. */
export const judgeOf = (subjects: Pick<SubjectList, "eventTypes">): Judge => {
  const judge = judges.get(subjects) ?? judgeMadeOf(subjects);
  judges.set(subjects, judge);
  return judge;
};

const judgeMadeOf = (subjects: Pick<SubjectList, "eventTypes">): Judge => {
  const decoders = new Map([...subjects.eventTypes].map(([name, type]) => [
    name,
    SchemaParser.decodeUnknownResult(eventSchemaOf(type) as unknown as Schema.Decoder<unknown>, {
      errors: "all",
      onExcessProperty: "error",
    }),
  ]));
  return (event) => {
    const decode = decoders.get(event.type);
    if (decode === undefined) return `No subject lists the type ${event.type}.`;
    const decoded = decode(JSON.parse(JSON.stringify(event)));
    return Result.isSuccess(decoded) ? null : `${event.type}: ${decoded.failure.toString()}`;
  };
};
