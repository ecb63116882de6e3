/** Webhooks in the OpenAPI document, made from the schemas of the events that they tell of. */
import type { Schema } from "effect";
import { webhookSchemaOf } from "../../src/subject/event.ts";
import { type EventType, schemaNameOf } from "../../src/subject/event-type.ts";
import type { JsonSchema } from "./json-schema.ts";

/**
 * Without a name: a generator that leaves out schemas of which no path makes use would leave it out, and still
 * speak of it.
 */
type SchemaOf = (schema: Schema.Constraint) => JsonSchema;
type Json = Readonly<Record<string, unknown>>;

const header = (name: string, description: string): Json => ({
  name,
  in: "header",
  required: true,
  description,
  schema: { type: "string" },
});

/** Of Standard Webhooks 1.0. */
const headers = [
  header("webhook-id", "The id of the event: the same each time that it is sent"),
  header("webhook-timestamp", "When it is sent, in seconds since 1970"),
  header("webhook-signature", "`v1,` and the signature; more than one while a secret is changed"),
];

/** The webhook of events of a type, as a path item. */
export const webhookOf = (type: EventType, schemaOf: SchemaOf): Json => ({
  post: {
    operationId: schemaNameOf(type.type, "Webhook"),
    summary: type.description,
    ...(type.confidential ? { description: "Only endpoints of administrators get it." } : {}),
    security: [],
    parameters: headers,
    requestBody: {
      required: true,
      content: { "application/json": { schema: schemaOf(webhookSchemaOf(type)) } },
    },
    responses: { "2XX": { description: "Taken. After anything else it is sent again" } },
  },
});
