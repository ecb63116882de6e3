/** What a page of a template shows in its frame: the message as its customer would see it. */
import { html, raw } from "hono/html";
import type { Child } from "hono/jsx";
import { type Dashboard, field, type FormFields, type PageContext } from "../../dashboard/visit.ts";
import { previewTemplate, type PreviewView } from "./operations.ts";
import { templateIn } from "./template-form.ts";

const style = raw(`
:root { color-scheme: light dark; font: 14px/1.5 system-ui, "Segoe UI", Roboto, sans-serif; }
body { margin: 0; height: 100vh; display: flex; flex-direction: column; background: light-dark(#fff, #1d2128); color: light-dark(#171b22, #eceff4); }
header { padding: 12px 16px; border-bottom: 1px solid light-dark(#d5dae2, #38404c); }
h1 { font-size: 16px; line-height: 1.35; margin: 0; overflow-wrap: anywhere; }
p { margin: 4px 0 0; color: light-dark(#525b69, #a9b2c0); }
iframe { flex: 1 1 auto; min-height: 0; width: 100%; border: 0; background: #fff; }
details { border-top: 1px solid light-dark(#d5dae2, #38404c); max-height: 50%; overflow: auto; }
summary { padding: 10px 16px; cursor: pointer; font-weight: 600; }
pre { margin: 0; padding: 0 16px 16px; white-space: pre-wrap; overflow-wrap: anywhere; font: 13px/1.5 ui-monospace, Menlo, monospace; }
li { overflow-wrap: anywhere; }
.bad { color: light-dark(#a1152a, #ff9ca8); padding: 16px; }
`);

const framed = (c: PageContext, content: Child, status: number) => {
  c.status(status as 200);
  return c.html(html`<!DOCTYPE html>${(
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>Preview</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <style>{style}</style>
      </head>
      <body>{content}</body>
    </html>
  )}`);
};

const sources: Readonly<Record<PreviewView["source"], string>> = {
  given: "as it is typed",
  saved: "as it is saved",
  shipped: "as it comes with Allot",
};

const Message = ({ subject, html, text, source, language }: PreviewView) => (
  <>
    <header>
      <h1>{subject}</h1>
      <p>{`In ${language}, ${sources[source]}`}</p>
    </header>
    <iframe title="The message" sandbox="" srcdoc={html}></iframe>
    <details>
      <summary>As plain text</summary>
      <pre>{text}</pre>
    </details>
  </>
);

const preview = async (c: PageContext, json: object) => {
  const { kind = "", language = "" } = c.req.param();
  const told = await c.get("visit").calls.ask(previewTemplate, {
    params: { kind, language },
    json,
  });
  if (told.ok) return framed(c, <Message {...told.value} />, 200);
  const { detail, errors = [] } = told.problem;
  return framed(
    c,
    <div class="bad" role="alert">
      <strong>{detail}</strong>
      <ul>
        {errors.map(({ pointer = "", detail }) => (
          <li>{`${pointer.split("/").at(-1) ?? ""}: ${detail}`}</li>
        ))}
      </ul>
    </div>,
    told.status,
  );
};

const orderIn = (fields: FormFields) => {
  const orderId = field(fields, "orderId");
  return orderId === "" ? {} : { orderId };
};

export const previewPages = (app: Dashboard): void => {
  app.get("/messages/:kind/:language/frame", (c) => preview(c, {}));

  app.post("/messages/:kind/:language/frame", (c) => {
    const fields = c.get("fields");
    return preview(c, { template: templateIn(fields), ...orderIn(fields) });
  });
};
