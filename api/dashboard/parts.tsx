/** Small parts that every page is made of. */
import type { Child, PropsWithChildren } from "hono/jsx";
import { epochMsOf, type Instant } from "../../src/kernel/instant.ts";
import type { Money } from "../../src/kernel/money.ts";
import type { RefusedReply } from "../http/in-process.ts";
import { type Notice, type Visit, withQuery } from "./visit.ts";

/** `partially_allocated` as people read it. */
export const words = (name: string): string => {
  const text = name.replace(/[._-]/g, " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
};

/** Which color a status has: `good`, `busy`, `warn` or `bad`; without one it is plain. */
export type Tones = Readonly<Record<string, "good" | "busy" | "warn" | "bad">>;

export const Badge = ({ status, tones }: { readonly status: string; readonly tones: Tones }) => (
  <span class={`badge ${tones[status] ?? "plain"}`}>{words(status)}</span>
);

/** How long ago; the browser keeps it right, and says the exact time in the reader's own zone. */
export const When = ({ at, visit }: { readonly at: Instant; readonly visit: Visit }) => {
  const { format, nowMs } = visit;
  const seconds = Math.round((epochMsOf(at) - nowMs) / 1_000);
  return <time datetime={at} title={format.time(at)}>{format.relative(seconds)}</time>;
};

export const Amount = ({ of, visit }: { readonly of: Money; readonly visit: Visit }) => (
  <span class="number">{visit.format.money(of)}</span>
);

/** A nought is there for the eye to pass over. */
export const Count = ({ of, visit }: { readonly of: number; readonly visit: Visit }) => (
  <span class={of === 0 ? "nought" : undefined}>{visit.format.number(of)}</span>
);

/** A table that scrolls by itself where it does not fit, also by keyboard. */
export const Table = (
  { label, head, children, id }: PropsWithChildren<
    { readonly label: string; readonly head: readonly Heading[]; readonly id?: string }
  >,
) => (
  <div class="scroll" role="region" aria-label={label} tabindex={0} id={id}>
    <table>
      <thead>
        <tr>
          {head.map(({ text, number, wide }) => (
            <th
              scope="col"
              class={[number === true ? "number" : "", wide === true ? "wide" : ""].join(" ")
                .trim() ||
                undefined}
            >
              {text}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  </div>
);

export interface Heading {
  readonly text: string;
  readonly number?: boolean;
  /** Left out where the window is narrow: it can be found on the page that the row leads to. */
  readonly wide?: boolean;
}

export const Empty = ({ children }: PropsWithChildren) => <p class="empty">{children}</p>;

/** The hidden fields of every form: it is of this session, and it is sent once. */
export const FormSecrets = ({ visit }: { readonly visit: Visit }) => (
  <>
    <input type="hidden" name="csrf" value={visit.csrf} />
    <input type="hidden" name="once" value={visit.engine.nonce()} />
  </>
);

export const ActionForm = (
  { visit, action, label, tone, focus, children }: PropsWithChildren<{
    readonly visit: Visit;
    readonly action: string;
    readonly label: string;
    readonly tone?: "main" | "danger";
    readonly focus?: boolean;
  }>,
) => (
  <form method="post" action={action} class="action">
    <FormSecrets visit={visit} />
    {children}
    <button type="submit" class={tone} autofocus={focus === true}>{label}</button>
  </form>
);

interface FieldOptions {
  readonly label: string;
  readonly name: string;
  readonly value?: string | undefined;
  readonly type?: string;
  readonly required?: boolean;
  readonly focus?: boolean;
  readonly hint?: string;
  readonly list?: string;
  readonly inputmode?: "numeric" | "text";
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly id?: string;
}

export const Field = (field: FieldOptions) => {
  const id = field.id ?? `field-${field.name}`;
  return (
    <div class="field">
      <label for={id}>{field.label}</label>
      <input
        id={id}
        name={field.name}
        type={field.type ?? "text"}
        value={field.value}
        required={field.required === true}
        autofocus={field.focus === true}
        autocomplete={field.type === "password" ? "current-password" : "off"}
        autocapitalize="off"
        spellcheck={false}
        list={field.list}
        inputmode={field.inputmode}
        min={field.minimum}
        max={field.maximum}
        maxlength={field.maxLength ?? 500}
        aria-describedby={field.hint === undefined ? undefined : `${id}-hint`}
      />
      {field.hint === undefined ? null : <p class="hint" id={`${id}-hint`}>{field.hint}</p>}
    </div>
  );
};

export interface Choice {
  readonly value: string;
  readonly text: string;
}

export const Select = (
  { label, name, value, choices, all, id }: {
    readonly label: string;
    readonly name: string;
    readonly value?: string | undefined;
    readonly choices: readonly Choice[];
    /** The words for no choice at all. */
    readonly all?: string;
    readonly id?: string;
  },
) => (
  <div class="field">
    <label for={id ?? `field-${name}`}>{label}</label>
    <select id={id ?? `field-${name}`} name={name}>
      {all === undefined ? null : <option value="">{all}</option>}
      {choices.map((choice) => (
        <option value={choice.value} selected={choice.value === value}>{choice.text}</option>
      ))}
    </select>
  </div>
);

export const Refusal = ({ refused }: { readonly refused: RefusedReply }) => (
  <div class="message bad" role="alert">
    <p>
      <strong>{refused.title}.</strong> {refused.problem.detail}
    </p>
    {refused.problem.errors === undefined ? null : (
      <ul>
        {refused.problem.errors.map(({ pointer, parameter, detail }) => {
          const where = (pointer ?? parameter ?? "").replace(/^\//, "").replaceAll("/", " ");
          return <li>{where === "" ? detail : `${where}: ${detail}`}</li>;
        })}
      </ul>
    )}
  </div>
);

export const Said = ({ message }: { readonly message: Notice }) => (
  <>
    {message.refused === undefined ? null : <Refusal refused={message.refused} />}
    {message.done === undefined ? null : <p class="message good" role="status">{message.done}</p>}
  </>
);

const triggers = {
  changes: "changed from:#live, calm",
  // For parts that are expensive to make: at once, and then with each beat of the stream.
  beats: "changed from:#live throttle:5s, beat from:#live",
};

/**
 * Asks again for itself whenever something changed, and keeps what the reader has opened and typed. Lists
 * are `calm`: rows do not move while somebody points at them or is among them by keyboard.
 */
export const Live = (
  { id, url, on = "changes", calm = false, children }: PropsWithChildren<
    {
      readonly id: string;
      readonly url: string;
      readonly on?: keyof typeof triggers;
      readonly calm?: boolean;
    }
  >,
) => (
  <div
    id={id}
    class="stack"
    hx-get={url}
    hx-trigger={triggers[on]}
    hx-select={`#${id}`}
    hx-swap="outerMorph"
    hx-sync="this:queue last"
    data-calm={calm ? "" : undefined}
  >
    {calm
      ? (
        <p class="waits" hidden>
          There are changes: they are shown when you leave the list.
        </p>
      )
      : null}
    {children}
  </div>
);

export const Pager = (
  { target, query, next, begin = "Newest", go = "Older" }: {
    readonly target: string;
    readonly query: Readonly<Record<string, string>>;
    readonly next: string | null;
    /** The words for the first page, and for the next. */
    readonly begin?: string;
    readonly go?: string;
  },
) => {
  const { cursor, ...rest } = query;
  if (cursor === undefined && next === null) return null;
  return (
    <nav class="pager" aria-label="Pages">
      {cursor === undefined ? <span /> : <a href={withQuery(target, rest)}>{begin}</a>}
      {next === null
        ? <span>This is the end.</span>
        : <a href={withQuery(target, { ...rest, cursor: next })} rel="next">{go}</a>}
    </nav>
  );
};

export const Card = (
  { title, children, id, more }: PropsWithChildren<
    { readonly title: string; readonly id?: string; readonly more?: Child }
  >,
) => (
  <section class="card" id={id} aria-label={title}>
    <header>
      <h2>{title}</h2>
      {more}
    </header>
    {children}
  </section>
);
