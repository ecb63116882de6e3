/** Small parts that every page is made of. */
import { type Child, createContext, type PropsWithChildren, useContext } from "hono/jsx";
import { epochMsOf, type Instant } from "../../src/kernel/instant.ts";
import type { Money } from "../../src/kernel/money.ts";
import type { RefusedReply } from "../http/in-process.ts";
import { type FormFields, type Notice, type Visit, withQuery } from "./visit.ts";

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

/** A nought is there for the eye to pass over; but where it calls for something to be done it is the loudest. */
export const Count = (
  { of, visit, urgent = false }: {
    readonly of: number;
    readonly visit: Visit;
    /** Somebody has to act on it. */
    readonly urgent?: boolean;
  },
) => (
  <span class={urgent ? "urgent" : of === 0 ? "nought" : undefined}>{visit.format.number(of)}</span>
);

/**
 * A table that scrolls by itself where it does not fit, also by keyboard. The cells of a `stacked` one stand below
 * each other on a phone, so it says by roles that it is a table; its rows and cells have theirs, too.
 */
export const Table = (
  { label, head, children, id, stacked = false }: PropsWithChildren<
    {
      readonly label: string;
      readonly head: readonly Heading[];
      readonly id?: string;
      readonly stacked?: boolean;
    }
  >,
) => {
  const role = (name: string) => stacked ? name : undefined;
  return (
    <div class="scroll" role="region" aria-label={label} tabindex={0} id={id}>
      <table class={stacked ? "stacked" : undefined} role={role("table")}>
        <thead role={role("rowgroup")}>
          <tr role={role("row")}>
            {head.map(({ text, number, wide }) => (
              <th
                scope="col"
                role={role("columnheader")}
                class={[number === true ? "number" : "", wide === true ? "wide" : ""].join(" ")
                  .trim() ||
                  undefined}
              >
                {text}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role={role("rowgroup")}>{children}</tbody>
      </table>
    </div>
  );
};

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

const nothingTyped: FormFields = new Map();

/** What the fields inside of a form hold instead of their own values: what was sent and refused. */
const Typed = createContext<FormFields>(nothingTyped);

interface FormOptions {
  readonly visit: Visit;
  readonly action: string;
  readonly label: string;
  readonly tone?: "main" | "danger" | undefined;
  /** Tells forms apart that are sent to one address. */
  readonly name?: string;
  /** False for what is scanned: it is right, or it is nothing. */
  readonly keep?: boolean;
  /** Where it is sent to hear what it would do. */
  readonly preview?: string | undefined;
}

/** The fields of this form as they were sent, where the page answers it. */
const typedIn = (
  { visit: { sent }, action, name = "", keep = true }: FormOptions,
): FormFields =>
  keep && sent?.action === action && (sent.fields.get("form") ?? "") === name
    ? sent.fields
    : nothingTyped;

/**
 * What is typed into it stays until it is done, whatever comes in between: see `forms.js`. Its button never has the
 * focus by itself: a scanner's Enter would press it before any script is there.
 */
export const ActionForm = ({ children, ...form }: PropsWithChildren<FormOptions>) => {
  const { visit, action, label, tone, name, preview, keep = true } = form;
  return (
    <form method="post" action={action} class="action" data-keep={keep ? "" : undefined}>
      <FormSecrets visit={visit} />
      {name === undefined ? null : <input type="hidden" name="form" value={name} />}
      <Typed.Provider value={typedIn(form)}>{children}</Typed.Provider>
      {/* The first is the one that Enter presses. */}
      <button type="submit" class={tone}>{label}</button>
      {preview === undefined
        ? null
        : <button type="submit" formaction={preview}>Say what it would do</button>}
    </form>
  );
};

/** A form behind the words that open it; open where it was sent and refused. */
export const FoldedForm = (
  { opens, id, children, ...form }: PropsWithChildren<
    FormOptions & { readonly opens: string; readonly id: string }
  >,
) => (
  <details class="act" id={id} open={typedIn(form).size > 0}>
    <summary>{opens}</summary>
    <ActionForm {...form}>{children}</ActionForm>
  </details>
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
  readonly step?: number;
  readonly maxLength?: number;
  readonly id?: string;
  /** Scans go here, wherever the focus is: `scanner.js`. */
  readonly scan?: boolean;
}

/** Nothing that is secret is sent back to a page. */
const valueOf = ({ name, value, type }: Pick<FieldOptions, "name" | "value" | "type">) => {
  const typed = useContext(Typed).get(name);
  return typed === undefined || type === "password" ? value : typed;
};

export const Field = (field: FieldOptions) => {
  const id = field.id ?? `field-${field.name}`;
  return (
    <div class="field">
      <label for={id}>{field.label}</label>
      <input
        id={id}
        name={field.name}
        type={field.type ?? "text"}
        value={valueOf(field)}
        required={field.required === true}
        autofocus={field.focus === true}
        autocomplete={field.type === "password" ? "current-password" : "off"}
        autocapitalize="off"
        spellcheck={false}
        list={field.list}
        inputmode={field.inputmode}
        min={field.minimum}
        max={field.maximum}
        step={field.step}
        maxlength={field.maxLength ?? 500}
        data-scan={field.scan === true ? "" : undefined}
        aria-describedby={field.hint === undefined ? undefined : `${id}-hint`}
      />
      {field.hint === undefined ? null : <p class="hint" id={`${id}-hint`}>{field.hint}</p>}
    </div>
  );
};

/** Text of many lines. */
export const TextArea = (
  { id, hint, ...area }: Pick<FieldOptions, "label" | "name" | "value" | "required" | "hint"> & {
    readonly id: string;
    readonly rows: number;
    readonly maxLength: number;
  },
) => (
  <div class="field">
    <label for={id}>{area.label}</label>
    <textarea
      id={id}
      name={area.name}
      rows={area.rows}
      required={area.required === true}
      maxlength={area.maxLength}
      autocomplete="off"
      autocapitalize="off"
      spellcheck={false}
      class="code"
      aria-describedby={hint === undefined ? undefined : `${id}-hint`}
    >
      {/* The first line break of a text area is not of its text. */}
      {`\n${valueOf(area) ?? ""}`}
    </textarea>
    {hint === undefined ? null : <p class="hint" id={`${id}-hint`}>{hint}</p>}
  </div>
);

export interface Choice {
  readonly value: string;
  readonly text: string;
}

export const Select = (
  { label, name, choices, all, id, ...given }: {
    readonly label: string;
    readonly name: string;
    readonly value?: string | undefined;
    readonly choices: readonly Choice[];
    /** The words for no choice at all. */
    readonly all?: string;
    readonly id?: string;
  },
) => {
  const value = valueOf({ name, ...given });
  return (
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
};

export const Refusal = ({ refused }: { readonly refused: RefusedReply }) => {
  const { detail: whole, errors = [] } = refused.problem;
  const further = errors.filter(({ detail }) => !whole.includes(detail));
  return (
    <div class="message bad" role="alert">
      <p>
        <strong>{refused.title}.</strong> {whole}
      </p>
      {further.length === 0 ? null : (
        <ul>
          {further.map(({ pointer, parameter, detail }) => {
            const where = (pointer ?? parameter ?? "").replace(/^\//, "").replaceAll("/", " ");
            return <li>{where === "" ? detail : `${where}: ${detail}`}</li>;
          })}
        </ul>
      )}
    </div>
  );
};

export const Said = ({ message }: { readonly message: Notice }) => (
  <>
    {message.refused === undefined ? null : <Refusal refused={message.refused} />}
    {message.done === undefined ? null : <p class="message good" role="status">{message.done}</p>}
  </>
);

const triggers = {
  changes: "changed from:#live, calm",
  // For parts that are expensive to make: at once, and then with each beat of the stream.
  beats: "changed from:#live throttle:5s, beat from:#live, calm",
};

/**
 * Asks again for itself whenever something changed, and keeps what the reader has opened and typed. Lists
 * are `calm`: rows do not move while somebody points at them or is among them by keyboard (`calm.js`).
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
        <p class="waits" role="status" hidden>
          <button type="button"></button>
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

/** The whole list that a page shows a part of, as a file. */
export const ExportLink = (
  { target, query }: {
    readonly target: string;
    readonly query: Readonly<Record<string, string>>;
  },
) => {
  const { cursor: _, ...filters } = query;
  return <a class="export" href={withQuery(target, filters)} download>Export CSV</a>;
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
