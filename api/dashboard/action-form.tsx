/**
 * Forms of actions, from the tables that their routes are made of, and the handling of a form that is sent.
 */
import type { PropsWithChildren } from "hono/jsx";
import type { Action, ActionField } from "../http/actions.ts";
import type { Ask, Operation, RefusedReply } from "../http/in-process.ts";
import { ActionForm, Field, FoldedForm } from "./parts.tsx";
import {
  type Dashboard,
  field,
  type FormFields,
  type PageContext,
  type Visit,
  withQuery,
} from "./visit.ts";

/** The fields of an action. `purpose` tells the fields of one page's forms apart. */
const ActionFields = ({ fields, purpose }: {
  readonly fields: readonly ActionField[];
  readonly purpose: string;
}) => (
  <>
    {fields.map(({ name, label, required, maxLength }) => (
      <Field
        label={label}
        name={name}
        id={`${purpose}-${name}`}
        required={required}
        maxLength={maxLength}
      />
    ))}
  </>
);

interface OfferedActionProps {
  readonly visit: Visit;
  /** Its name in its table. */
  readonly name: string;
  readonly action: Pick<Action, "says">;
  /** Where the form is sent. */
  readonly to: string;
  /** Where it is sent to hear what it would do. */
  readonly preview?: string;
}

/** The form of an action, behind the words that open it where it has such words. */
export const OfferedAction = (
  { visit, name, action, to, preview, children }: PropsWithChildren<OfferedActionProps>,
) => {
  const { button, opens, tone, fields = [] } = action.says;
  const form = { visit, name, tone, action: to, label: button, preview };
  const content = (
    <>
      <ActionFields fields={fields} purpose={name} />
      {children}
    </>
  );
  return opens === undefined
    ? <ActionForm {...form}>{content}</ActionForm>
    : <FoldedForm {...form} opens={opens} id={`act-${name}`}>{content}</FoldedForm>;
};

/** The body that an action's form asks for: required fields as they were typed, for the API to judge. */
export const bodyIn = ({ says }: Pick<Action, "says">, fields: FormFields) =>
  Object.fromEntries(
    (says.fields ?? []).flatMap(({ name, required }) => {
      const text = field(fields, name);
      return required || text !== "" ? [[name, text]] : [];
    }),
  );

/** The words of each action when it is done. */
export const doneWords = (
  actions: Readonly<Record<string, Pick<Action, "says">>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(actions).map(([name, { says }]) => [name, says.done]));

/** The notice on top of a page after a redirect back to it. */
export const saidDone = (
  c: PageContext,
  words: Readonly<Record<string, string>>,
): string | undefined => {
  const name = c.req.query("done") ?? "";
  return Object.hasOwn(words, name) ? words[name] : undefined;
};

/** A form that asks for one operation, and leads back to its page. */
export interface PostedForm {
  readonly path: string;
  readonly operation: Operation;
  readonly params?: (c: PageContext) => Readonly<Record<string, string>>;
  readonly body: (fields: FormFields, c: PageContext) => object | Promise<object>;
  /** The version that the change stands on, or that there must be none yet. */
  readonly standsOn?: (fields: FormFields) => Pick<Ask, "ifMatch" | "headers">;
  /** The page that is shown when it is done, with its notice by `saidDone`. */
  readonly back: (c: PageContext) => string;
  /** The page that has the form, where that is another one. */
  readonly page?: (c: PageContext) => string;
  readonly done: string;
  /** The page again, with why it was not done. */
  readonly again: (c: PageContext, refused: RefusedReply) => Response | Promise<Response>;
}

export const onPost = (app: Dashboard, form: PostedForm): void => {
  app.post(form.path, async (c) => {
    const fields = c.get("fields");
    const { sent, ...visit } = c.get("visit");
    const page = (form.page ?? form.back)(c);
    if (sent !== undefined) c.set("visit", { ...visit, sent: { ...sent, page } });
    const told = await c.get("visit").calls.ask(form.operation, {
      params: form.params?.(c) ?? {},
      json: await form.body(fields, c),
      ...form.standsOn?.(fields),
      idempotencyKey: field(fields, "once") || undefined,
    });
    return told.ok
      ? c.redirect(withQuery(form.back(c), { done: form.done }), 303)
      : await form.again(c, told);
  });
};
