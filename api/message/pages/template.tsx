/** One template: its parts to change, and the message that comes of them. */
import { formatMoney } from "../../../src/message/filters.ts";
import { fallbacksOf, languageIn } from "../../../src/message/language.ts";
import { messageLimits } from "../../../src/message/limits.ts";
import { sampleModel } from "../../../src/message/sample.ts";
import { messageKindOf } from "../../../src/messages.ts";
import { onItsVersion, onNothing } from "../../catalog/pages/versions.ts";
import { onPost, saidDone } from "../../dashboard/action-form.tsx";
import { show } from "../../dashboard/layout.tsx";
import {
  ActionForm,
  Badge,
  Card,
  Field,
  FormSecrets,
  Refusal,
  Said,
  TextArea,
  words,
} from "../../dashboard/parts.tsx";
import {
  type Dashboard,
  field,
  type Notice,
  type PageContext,
  path,
  type Visit,
} from "../../dashboard/visit.ts";
import { messageStyles } from "./assets.ts";
import { page } from "./messages.tsx";
import { getTemplate, removeTemplate, saveTemplate, type TemplateView } from "./operations.ts";
import { templateIn } from "./template-form.ts";

interface TemplateName {
  readonly kind: string;
  readonly language: string;
}

/** A template, and the language that was asked for: where that has none, this is of less of it. */
interface Shown extends TemplateView {
  readonly asked: string;
}

/** The names that a template can say, with what they are in a made-up message. */
const namesIn = (
  value: unknown,
  language: string,
  name = "",
): readonly (readonly [string, string])[] => {
  if (value === null || typeof value !== "object") return [[name, String(value ?? "")]];
  if (Array.isArray(value)) return namesIn(value[0], language, `${name}[0]`);
  if (Object.hasOwn(value, "currency") && Object.hasOwn(value, "amount")) {
    return [[`${name} | money`, formatMoney(value, { language })]];
  }
  return Object.entries(value).flatMap(([member, each]) =>
    namesIn(each, language, name === "" ? member : `${name}.${member}`)
  );
};

const Names = ({ kind, language }: TemplateName) => {
  const { sample } = messageKindOf(kind) ?? {};
  return (
    <Card title="What a template can say">
      <p class="hint">
        In Liquid, with the filters <code>money</code>, <code>date</code> and{" "}
        <code>country</code>, and the parts mail, paragraph, fact, lines, totals and address.
      </p>
      <ul class="names">
        {namesIn(sampleModel({ kind, language }, "Your shop", sample), language).map((
          [name, value],
        ) => (
          <li>
            <code>{name}</code> <span class="muted">{value}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
};

const Parts = ({ template: { subject, html, text } }: { readonly template: Shown }) => (
  <>
    <Field
      label="Subject"
      name="subject"
      value={subject}
      required
      maxLength={messageLimits.subjectLength}
    />
    <TextArea
      id="template-html"
      label="HTML"
      name="html"
      value={html}
      required
      rows={20}
      maxLength={messageLimits.htmlLength}
    />
    <TextArea
      id="template-text"
      label="Plain text"
      name="text"
      value={text}
      rows={10}
      maxLength={messageLimits.textLength}
      hint="Empty: it is made of the HTML"
    />
    <Field
      label="Show with the order"
      name="orderId"
      hint="The id of an order, ord_…; empty: one that is made up"
    />
  </>
);

const ShowButton = ({ to }: { readonly to: string }) => (
  <button type="submit" formaction={`${to}/frame`} formtarget="preview">Show</button>
);

const Editor = ({ visit, template }: { readonly visit: Visit; readonly template: Shown }) => {
  const { kind, asked, language, source, version } = template;
  const to = path("messages", kind, asked);
  const isOwn = language === asked;
  return (
    <Card
      title={`${words(kind)} in ${asked}`}
      more={source === "saved"
        ? <Badge status="own" tones={{ own: "busy" }} />
        : <span class="muted">Comes with Allot</span>}
    >
      {isOwn ? null : (
        <p class="message warn">
          {`There is none in ${asked} yet: customers get the one in ${language}, which is here to begin with.`}
        </p>
      )}
      {visit.calls.may(saveTemplate)
        ? (
          <ActionForm visit={visit} action={to} label="Save" tone="main">
            <input type="hidden" name="version" value={isOwn ? String(version ?? 0) : ""} />
            <Parts template={template} />
            <ShowButton to={to} />
          </ActionForm>
        )
        : (
          <form method="post" action={`${to}/frame`} class="action">
            <FormSecrets visit={visit} />
            <Parts template={template} />
            <ShowButton to={to} />
          </form>
        )}
      {source === "saved" && isOwn && visit.calls.may(removeTemplate)
        ? (
          <details class="act" id="act-remove">
            <summary>Take back…</summary>
            <p class="hint">
              The one that comes with Allot is sent again, or that of another language.
            </p>
            <ActionForm visit={visit} action={`${to}/remove`} label="Take it back" tone="danger" />
          </details>
        )
        : null}
    </Card>
  );
};

const nameOf = (c: PageContext): TemplateName => {
  const { kind = "", language = "" } = c.req.param();
  return { kind, language };
};

/** The template of a language, or of the first that it falls back to. */
const found = async ({ calls }: Visit, { kind, language }: TemplateName) => {
  const asked = languageIn(language) ?? language;
  const [first = asked, ...others] = fallbacksOf(asked);
  const own = await calls.ask(getTemplate, { params: { kind, language: first } });
  if (own.ok) return { ...own, value: { ...own.value, asked } };
  for (const each of own.status === 404 ? others : []) {
    const told = await calls.ask(getTemplate, { params: { kind, language: each } });
    if (told.ok) return { ...told, value: { ...told.value, asked } };
  }
  return own;
};

const editorPage = async (c: PageContext, message: Notice) => {
  const visit = c.get("visit");
  const name = nameOf(c);
  const told = await found(visit, name);
  if (!told.ok) return show(c, page, <Refusal refused={told} />, told.status);
  const { kind, asked } = told.value;
  return show(
    c,
    { ...page, styles: messageStyles },
    <>
      <p>
        <a href="/messages">All messages</a>
      </p>
      <Said message={message} />
      <div class="editor">
        <Editor visit={visit} template={told.value} />
        <section class="card preview" aria-label="Preview">
          <header>
            <h2>Preview</h2>
          </header>
          <iframe name="preview" title="Preview" src={`${path("messages", kind, asked)}/frame`}>
          </iframe>
        </section>
      </div>
      <Names kind={kind} language={asked} />
    </>,
    message.refused?.status ?? 200,
  );
};

const done: Readonly<Record<string, string>> = {
  saved: "The template is saved: messages are made of it from now on.",
  removed: "The template is taken back.",
};

const own = (c: PageContext): string => {
  const { kind, language } = nameOf(c);
  return path("messages", kind, language);
};

export const templatePages = (app: Dashboard): void => {
  const at = "/messages/:kind/:language";
  app.get(at, (c) => editorPage(c, { done: saidDone(c, done) }));

  onPost(app, {
    path: at,
    operation: saveTemplate,
    params: (c) => ({ ...nameOf(c) }),
    body: templateIn,
    standsOn: (fields) => field(fields, "version") === "" ? onNothing() : onItsVersion(fields),
    back: own,
    done: "saved",
    again: (c, refused) => editorPage(c, { refused }),
  });
  onPost(app, {
    path: `${at}/remove`,
    operation: removeTemplate,
    params: (c) => ({ ...nameOf(c) }),
    body: () => ({}),
    back: own,
    done: "removed",
    again: (c, refused) => editorPage(c, { refused }),
  });
};
