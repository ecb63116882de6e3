/** Templates of messages to customers: saved, shown and taken back. */
import { Effect, Schema } from "effect";
import { NotFound, PreconditionFailed } from "../../actors/command/command.ts";
import { References, type SaveResult } from "../../actors/reference/references.ts";
import { sampleModel } from "../../src/message/sample.ts";
import { shippedLanguages, shippedTemplate } from "../../src/message/shipped.ts";
import {
  type ChosenTemplate,
  isTooLarge,
  type MessageTemplate,
  messageTemplates,
  templateIdOf,
  templateIn,
  type TemplateName,
} from "../../src/message/template.ts";
import { messageKinds } from "../../src/messages.ts";
import { command, json, noContent, versioned } from "../http/answer.ts";
import { fail } from "../http/problems.ts";
import { jsonBody, route } from "../http/registry.ts";
import { standingOn } from "../http/reference.ts";
import { time } from "../http/schemas.ts";
import { previewTemplate } from "./preview.ts";
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

const source = Schema.Literals(["saved", "shipped"]).annotate({
  identifier: "MessageTemplateSource",
  description: "`shipped`: nobody has saved one, and this one came with Allot",
});

const TemplateView = Schema.Struct({
  kind: Schema.String,
  language: Schema.String,
  source,
  subject: Schema.String,
  html: Schema.String,
  text: Schema.optionalKey(Schema.String),
  version: Schema.optionalKey(Schema.Int),
}).annotate({ identifier: "MessageTemplate" });

const KindView = Schema.Struct({ name: Schema.String, description: Schema.String }).annotate({
  identifier: "MessageKindDescription",
});

const TemplateListed = Schema.Struct({
  kind: Schema.String,
  language: Schema.String,
  source,
  updatedAt: Schema.optionalKey(time),
  version: Schema.optionalKey(Schema.Int),
}).annotate({ identifier: "ListedMessageTemplate" });

const viewOf = ({ kind, language, source, parts, version }: ChosenTemplate) => ({
  ...{ kind, language, source, subject: parts.subject, html: parts.html },
  ...(parts.text === undefined ? {} : { text: parts.text }),
  ...(version === null ? {} : { version }),
});

/** In entity tags: those that people save count from 1. */
const shippedVersion = 0;

const theTemplate = (description: string) => ({
  description,
  schema: TemplateView,
  headers: { etag: "Its version; 0 for the one that came with Allot" },
});

const savedAs = (template: MessageTemplate) =>
  viewOf({ ...template, source: "saved", parts: template });

export const saveTemplate = route({
  method: "PUT",
  path: templatePath,
  operationId: "saveMessageTemplate",
  summary: "Make or change the template of a kind of message in a language",
  description:
    "Templates are in Liquid. They may use `layout`, `render` and the parts that come with Allot, and the " +
    "filters `money`, `date` and `country`; all that is put into HTML is escaped. One that cannot be read, or " +
    "that names what no message has, is refused with the place of each fault.",
  tags: [messagesTag],
  permission: "messages:manage",
  scopes: unscoped,
  headers: { "if-none-match": "`*` saves only what is not there yet" },
  params: TemplateParameters,
  body: jsonBody(TemplateRequest),
  responses: {
    200: theTemplate("The template as it is now"),
    201: theTemplate("The new template"),
  },
  problems: [templateInvalid, "limit-reached", "too-large"],
  handler: Effect.fnUntraced(function* (request) {
    const references = yield* References;
    const { params: name, body } = request;
    if (isTooLarge(body)) {
      return yield* fail("too-large", "The template has more text than one may have.");
    }
    const kind = yield* kindNamed(name.kind);
    yield* rendered(yield* parsed(body), sampleModel(name, sampleShop, kind.sample));
    const missing = () => new PreconditionFailed({ expected: "any", actual: "nothing" });
    const existing = Effect.catchTag(
      references.get(messageTemplates, templateIdOf(name)),
      "NotFound",
      () => Effect.fail(missing()),
    );
    const asked = yield* standingOn(request, existing);
    // Whoever saw the shipped one changes it: nobody may have saved another meanwhile.
    const isShipped = asked === String(shippedVersion) && shippedTemplate(name) !== null;
    const ifMatch = isShipped ? "nothing" : asked;
    return yield* command(
      { ...request, ifMatch },
      (context) => references.save(messageTemplates, { ...name, ...body }, context),
      ({ created, value }: SaveResult<MessageTemplate>) =>
        versioned(created ? 201 : 200, savedAs(value), value.version),
    );
  }),
});

export const getTemplate = route({
  method: "GET",
  path: templatePath,
  operationId: "getMessageTemplate",
  summary:
    "The template of a kind of message in a language: the saved one, or the one that came with Allot",
  tags: [messagesTag],
  permission: "messages:read",
  scopes: unscoped,
  params: TemplateParameters,
  responses: { 200: theTemplate("The template") },
  handler: Effect.fnUntraced(function* ({ params }) {
    const found = templateIn(params, yield* savedTemplates);
    if (found === null) {
      return yield* new NotFound({ what: messageTemplates.name, id: templateIdOf(params) });
    }
    return versioned(200, viewOf(found), found.version ?? shippedVersion);
  }),
});

export const removeTemplate = route({
  method: "DELETE",
  path: templatePath,
  operationId: "removeMessageTemplate",
  summary:
    "Take back a saved template: the one that came with Allot, or one of less of the language, is used again",
  tags: [messagesTag],
  permission: "messages:manage",
  scopes: unscoped,
  params: TemplateParameters,
  responses: { 204: { description: "It is gone" } },
  handler: Effect.fnUntraced(function* (request) {
    const references = yield* References;
    return yield* command(
      request,
      (context) => references.remove(messageTemplates, templateIdOf(request.params), context),
      noContent,
    );
  }),
});

const listed = (names: readonly TemplateName[], saved: (id: string) => MessageTemplate | null) =>
  names.map((name) => {
    const own = saved(templateIdOf(name));
    return own === null ? { ...name, source: "shipped" } : {
      ...{ kind: name.kind, language: name.language, source: "saved" },
      ...{ updatedAt: own.updatedAt, version: own.version },
    };
  });

export const listTemplates = route({
  method: "GET",
  path: "/v1/messages/templates",
  operationId: "listMessageTemplates",
  summary: "Which templates there are, saved and shipped, by kind and language",
  tags: [messagesTag],
  permission: "messages:read",
  scopes: unscoped,
  responses: {
    200: {
      description: "All of them",
      schema: Schema.Struct({
        kinds: Schema.Array(KindView),
        data: Schema.Array(TemplateListed),
      }).annotate({ identifier: "MessageTemplates" }),
    },
  },
  handler: Effect.fnUntraced(function* () {
    const references = yield* References;
    const all = yield* references.all(messageTemplates);
    const saved = yield* savedTemplates;
    const names = messageKinds.flatMap(({ name: kind }) => {
      const own = all.filter((each) => each.kind === kind).map(({ language }) => language);
      const languages = [...new Set([...shippedLanguages, ...own])].sort();
      return languages.map((language) => ({ kind, language }));
    });
    const kinds = messageKinds.map(({ name, description }) => ({ name, description }));
    return json(200, { kinds, data: listed(names, saved) });
  }),
});

export const templateRoutes = [
  listTemplates,
  saveTemplate,
  getTemplate,
  removeTemplate,
  previewTemplate,
];
