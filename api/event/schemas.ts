/** Events of every type as the API answers with them. */
import { subjects } from "../../src/subjects.ts";
import { cloudEventSchemaOf, eventsSchemaOf } from "../../src/subject/event.ts";

const types = [...subjects.eventTypes.values()];

export const Event = eventsSchemaOf(types, "Event");
export const CloudEvent = cloudEventSchemaOf(types, "CloudEvent");
