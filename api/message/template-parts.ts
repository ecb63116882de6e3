/** What the routes of templates share: their schemas, and how a template is read and tried. */
import { Effect, Schema } from "effect";
import { NotFound } from "../../actors/command/command.ts";
import { References } from "../../actors/reference/references.ts";
import type { MessageKind } from "../../src/message/kind.ts";
import { languageIn } from "../../src/message/language.ts";
import {
  type ParsedTemplate,
  parseTemplate,
  type PartFault,
  renderStrictly,
  type TemplateParts,
} from "../../src/message/render.ts";
import { sampleModel } from "../../src/message/sample.ts";
import {
  type MessageTemplate,
  messageTemplates,
  templateIdOf,
  templateParts,
} from "../../src/message/template.ts";
import { messageKindOf, messageKinds } from "../../src/messages.ts";
import { type ApiProblem, fail, type ProblemType } from "../http/problems.ts";
import type { Tag } from "../http/registry.ts";
import { count } from "../http/schemas.ts";

export const messagesTag: Tag = {
  name: "Messages",
  description: "What customers are told of their orders",
};

export const templateInvalid: ProblemType = {
  name: "template-invalid",
  status: 422,
  title: "The template cannot be used",
  meaning:
    "The template is no Liquid, asks for a filter, a tag or a part that there is not, names what no message " +
    "has, or would take long. Nothing was saved.",
  remedy:
    "Mend it where `errors` says: each has the part in `pointer`, and the line and the column in it.",
  errorMembers: {
    line: Schema.optionalKey(
      count.annotate({ description: "Of `template-invalid`: the line, counted from 1" }),
    ),
    column: Schema.optionalKey(
      count.annotate({ description: "Of `template-invalid`: the column, counted from 1" }),
    ),
  },
};

export const Language = Schema.String.check(
  Schema.makeFilter(
    (text: string) => languageIn(text) === text || "must be a language, such as `de` or `de-AT`",
    { toJsonSchema: () => ({ pattern: "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$" }) },
  ),
).annotate({ identifier: "Language", description: "BCP 47, such as `de-AT`" });

const Kind = Schema.Literals(messageKinds.map(({ name }) => name)).annotate({
  identifier: "MessageKind",
});
export const TemplateParameters = Schema.Struct({ kind: Kind, language: Language });

export const TemplateRequest = Schema.Struct(templateParts).annotate({
  identifier: "MessageTemplateRequest",
  description: "In Liquid. Without `text`, the text is made of the HTML",
  examples: [{
    subject: "Your order {{ order.number }} is on its way",
    html: "<p>Hello {{ customer.name }},</p><p>{{ shipment.carrier }} has it.</p>",
  }],
});

/** What the shop is called in a message that is only tried. */
export const sampleShop = "Your shop";
const timeZone = "UTC";

const invalid = (faults: readonly PartFault[], within = ""): ApiProblem =>
  fail(templateInvalid, "The template cannot be used as it is.", {
    errors: faults.map(({ part, line, column, detail }) => ({
      pointer: `${within}/${part}`,
      ...{ detail: `${detail}, in line ${line}, column ${column}`, line, column },
    })),
  });

export const parsed = (
  parts: TemplateParts,
  within?: string,
): Effect.Effect<ParsedTemplate, ApiProblem> =>
  Effect.mapError(Effect.fromResult(parseTemplate(parts)), (faults) => invalid(faults, within));

export const rendered = (
  template: ParsedTemplate,
  model: ReturnType<typeof sampleModel>,
  within?: string,
) =>
  Effect.mapError(
    Effect.fromResult(renderStrictly(template, model, timeZone)),
    (fault) => invalid([fault], within),
  );

export const kindNamed = (name: string): Effect.Effect<MessageKind, NotFound> => {
  const kind = messageKindOf(name);
  return kind === null
    ? Effect.fail(new NotFound({ what: "kind of message", id: name }))
    : Effect.succeed(kind);
};

/** Every template that somebody saved, by its id. */
export const savedTemplates = Effect.gen(function* () {
  const references = yield* References;
  const all = yield* references.all(messageTemplates);
  const byId = new Map(all.map((each) => [templateIdOf(each), each]));
  return (id: string): MessageTemplate | null => byId.get(id) ?? null;
});

export const templatePath = "/v1/messages/templates/{kind}/{language}" as const;
export const unscoped = { channel: "refused", location: "refused" } as const;
