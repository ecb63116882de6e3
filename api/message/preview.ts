/** A message as its customer would see it: of a template that is given, or of the one there is. */
import { Effect, Schema } from "effect";
import { NotFound } from "../../actors/command/command.ts";
import { anyPartOf, composedModel } from "../../actors/message/compose.ts";
import { Orders } from "../../actors/order/orders.ts";
import { Identifier } from "../../src/kernel/vocabulary.ts";
import type { MessageKind } from "../../src/message/kind.ts";
import { sampleModel } from "../../src/message/sample.ts";
import { chooseTemplate, messageTemplates, templateIdOf } from "../../src/message/template.ts";
import { command, json, kept } from "../http/answer.ts";
import { fail } from "../http/problems.ts";
import { jsonBody, route } from "../http/registry.ts";
import {
  kindNamed,
  messagesTag,
  parsed,
  rendered,
  sampleShop,
  savedTemplates,
  templateInvalid,
  TemplateParameters,
  templatePath,
  TemplateRequest,
  unscoped,
} from "./template-parts.ts";

const PreviewRequest = Schema.Struct({
  orderId: Schema.optionalKey(
    Identifier.annotate({ description: "The order that it is about; else one that is made up" }),
  ),
  part: Schema.optionalKey(
    Identifier.annotate({ description: "Its shipment or fulfillment order; else the newest" }),
  ),
  template: Schema.optionalKey(TemplateRequest),
}).annotate({
  identifier: "MessagePreviewRequest",
  examples: [{ template: { subject: "{{ order.number }}", html: "<p>{{ customer.name }}</p>" } }],
});

/** The model of an order that there is, for a kind of message. */
const modelOfOrder = Effect.fnUntraced(function* (
  orderId: string,
  asked: string | undefined,
  kind: MessageKind,
  language: string,
) {
  const orders = yield* Orders;
  const document = yield* orders.get(orderId);
  const part = asked ?? anyPartOf(document.state, kind);
  const model = part === undefined
    ? null
    : yield* composedModel(document, { kind, part, language, shopName: sampleShop });
  return model ?? (yield* fail("invalid-request", "The order has nothing to say of this kind.", {
    errors: [{
      pointer: asked === undefined ? "/orderId" : "/part",
      detail: `has nothing that a message ${kind.name} could be about`,
    }],
  }));
});

const Preview = Schema.Struct({
  language: Schema.String.annotate({
    description: "Of the template that was taken: that of the path, or less of it, or `en`",
  }),
  source: Schema.Literals(["given", "saved", "shipped"]).annotate({
    identifier: "MessagePreviewSource",
  }),
  subject: Schema.String,
  html: Schema.String,
  text: Schema.String,
}).annotate({ identifier: "MessagePreview" });

export type PreviewView = typeof Preview.Type;

const previewed = Effect.fnUntraced(function* (
  name: typeof TemplateParameters.Type,
  { orderId, part, template }: typeof PreviewRequest.Type,
) {
  const kind = yield* kindNamed(name.kind);
  const found = chooseTemplate(name, yield* savedTemplates);
  const chosen = template === undefined
    ? found
    : { ...name, source: "given" as const, parts: template };
  if (chosen === null) {
    return yield* new NotFound({ what: messageTemplates.name, id: templateIdOf(name) });
  }
  const { language, source, parts } = chosen;
  const within = template === undefined ? "" : "/template";
  const parsedTemplate = yield* parsed(parts, within);
  const model = orderId === undefined
    ? sampleModel({ kind: kind.name, language }, sampleShop, kind.sample)
    : yield* modelOfOrder(orderId, part, kind, language);
  const message = yield* rendered(parsedTemplate, model, within);
  return { language, source, ...message };
});

export const previewTemplate = route({
  method: "POST",
  path: `${templatePath}/preview`,
  operationId: "previewMessageTemplate",
  summary: "A message as its customer would see it, of the template given or the one there is",
  description: "Nothing is saved and nothing is sent.",
  tags: [messagesTag],
  permission: "messages:read",
  scopes: unscoped,
  params: TemplateParameters,
  body: jsonBody(PreviewRequest, { required: false }),
  responses: { 200: { description: "The message", schema: Preview } },
  problems: [templateInvalid],
  handler: (request) =>
    command(
      request,
      (context) =>
        Effect.flatMap(
          previewed(request.params, request.body),
          (preview) => kept(preview, context),
        ),
      (preview: PreviewView) => json(200, preview),
    ),
});
