/** The frame of every page. */
import { html } from "hono/html";
import type { Child, PropsWithChildren } from "hono/jsx";
import { type Asset, assetUrl, frame } from "./assets.ts";
import { FormSecrets } from "./parts.tsx";
import { type PageContext, type Visit, withQuery } from "./visit.ts";

export interface PageOptions {
  readonly title: string;
  readonly section?: string;
  /** The part of the stream that the page listens to; undefined: none. */
  readonly live?: Readonly<Record<string, string>>;
  readonly scripts?: readonly Asset[];
  readonly styles?: readonly Asset[];
}

/** htmx may evaluate nothing, and leaves alone fields in which somebody is typing. */
const htmxConfig = JSON.stringify({
  includeIndicatorCSS: false,
  history: false,
  extensions: "sse",
  sse: { reconnectDelay: 500, reconnectMaxDelay: 5_000 },
  morphSkip: "[hx-morph-skip], details[open]:has(form)",
});

const Document = (
  { title, first = [], scripts = [], styles = [], visit, children }: PropsWithChildren<
    Pick<PageOptions, "title" | "scripts" | "styles"> & {
      /** Run before the page is there; the others when it is. */
      readonly first?: readonly Asset[];
      readonly visit?: Visit;
    }
  >,
) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <title>{`${title} · Allot`}</title>
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta name="htmx-config" content={htmxConfig} />
      <link rel="icon" href={assetUrl(frame.icon)} type="image/svg+xml" />
      {[frame.style, ...styles].map((asset) => <link rel="stylesheet" href={assetUrl(asset)} />)}
      {first.map((asset) => <script src={assetUrl(asset)}></script>)}
      {scripts.map((asset) => <script src={assetUrl(asset)} defer></script>)}
    </head>
    <body data-key={visit?.by.id} data-page={visit?.sent?.page}>{children}</body>
  </html>
);

const Header = ({ visit, section }: { readonly visit: Visit; readonly section?: string }) => (
  <header class="top">
    <a class="brand" href="/">Allot</a>
    <nav aria-label="Main">
      <ul>
        {visit.navigation.filter(({ needs }) => visit.calls.may(needs)).map(({ name, href }) => (
          <li>
            <a href={href} aria-current={name === section ? "page" : undefined}>{name}</a>
          </li>
        ))}
      </ul>
    </nav>
    <p id="live-state" role="status" class="live-state"></p>
    <form method="post" action="/sign-out" class="who">
      <FormSecrets visit={visit} />
      <span>{visit.key.name} ({visit.by.role})</span>
      <button type="submit" class="quiet">Sign out</button>
    </form>
  </header>
);

const Frame = (
  { visit, page, children }: PropsWithChildren<
    { readonly visit: Visit; readonly page: PageOptions }
  >,
) => (
  <Document
    title={page.title}
    styles={page.styles ?? []}
    first={[frame.scanner]}
    scripts={[frame.htmx, frame.script, frame.forms, frame.calm, ...(page.scripts ?? [])]}
    visit={visit}
  >
    <a class="skip" href="#main">Skip to the content</a>
    <Header visit={visit} {...(page.section === undefined ? {} : { section: page.section })} />
    {page.live === undefined ? null : (
      <div
        id="live"
        hidden
        hx-sse:connect={withQuery("/live", { ...page.live, after: visit.position })}
        hx-swap="none"
      >
      </div>
    )}
    <main id="main" tabindex={-1}>
      <h1>{page.title}</h1>
      {children}
    </main>
  </Document>
);

const documentOf = (content: Child) => html`<!DOCTYPE html>${content}`;

/** A whole page; for a live update only its content. */
export const show = (
  c: PageContext,
  page: PageOptions,
  content: Child,
  status: number = 200,
): Response | Promise<Response> => {
  c.status(status as 200);
  if (c.req.header("hx-request") === "true") return c.html(<>{content}</>);
  return c.html(documentOf(<Frame visit={c.get("visit")} page={page}>{content}</Frame>));
};

/** A page without a session: signing in, and errors before a session is known. */
export const showBare = (
  c: PageContext,
  title: string,
  content: Child,
  status: number,
  scripts: readonly Asset[] = [],
): Response | Promise<Response> => {
  c.status(status as 200);
  return c.html(documentOf(
    <Document title={title} scripts={scripts}>
      <main id="main" class="narrow">
        <p class="brand">Allot</p>
        <h1>{title}</h1>
        {content}
      </main>
    </Document>,
  ));
};

/** A page that is made to be printed. */
export const showPaper = (
  c: PageContext,
  title: string,
  content: Child,
): Response | Promise<Response> =>
  c.html(documentOf(
    <Document title={title} scripts={[frame.script]}>
      <main id="main" class="paper">{content}</main>
    </Document>,
  ));
