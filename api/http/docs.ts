/** The OpenAPI document as a page: no script and nothing from elsewhere, so that it works offline. */
import type { OpenApiDocument, OpenApiOperation, Parameter } from "./openapi.ts";

const escape = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** Escaped text with `code` in backquotes. */
const prose = (text: string): string =>
  escape(text).replace(/`([^`]+)`/g, "<code>$1</code>").replaceAll("\n\n", "<br>");

const pretty = (value: unknown): string =>
  `<pre>${
    escape(JSON.stringify(value, null, 2)).replace(
      /&#34;#\/components\/schemas\/([\w.-]+)&#34;/g,
      '<a href="#schema-$1">$1</a>',
    )
  }</pre>`;

const parameterRow = ({ name, in: place, required, description = "", schema }: Parameter): string =>
  `<tr><td><code>${escape(name)}</code></td><td>${place}${required ? ", required" : ""}</td><td>${
    prose(description)
  }</td><td><code>${escape(JSON.stringify(schema))}</code></td></tr>`;

const contentOf = (part: Readonly<Record<string, unknown>>): string =>
  part.content === undefined ? "" : pretty(part.content);

const operationSection = (method: string, path: string, operation: OpenApiOperation): string => `
<details id="${escape(operation.operationId)}">
<summary><b class="${method}">${method.toUpperCase()}</b> <code>${escape(path)}</code> <span>${
  escape(operation.summary)
}</span></summary>
<p>${prose(operation.description ?? "")}</p>
${
  operation.parameters === undefined
    ? ""
    : `<h4>Parameters</h4><table>${operation.parameters.map(parameterRow).join("")}</table>`
}
${operation.requestBody === undefined ? "" : `<h4>Body</h4>${contentOf(operation.requestBody)}`}
<h4>Answers</h4>
${
  Object.entries(operation.responses).map(([status, response]) =>
    Number(status) < 400
      ? `<p><b>${status}</b> ${prose(String(response.description))}</p>${contentOf(response)}`
      : `<p><b>${status}</b> ${prose(String(response.description))}</p>`
  ).join("")
}
</details>`;

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
summary { cursor: pointer; padding: .35rem 0; }
summary span { opacity: .75; }
details { border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
details > :not(summary) { margin-left: 1rem; }
table { border-collapse: collapse; font-size: .875rem; }
td { padding: .2rem .8rem .2rem 0; vertical-align: top; }
pre { overflow-x: auto; font-size: .8125rem; padding: .75rem; border-radius: .4rem;
  background: color-mix(in srgb, currentColor 8%, transparent); }
b.get { color: #2a7de1; } b.post { color: #1a9850; } b.put { color: #c77700; }
b.delete { color: #d73027; }
`;

/** Serves at `/docs`. */
export const docsPage = (document: OpenApiDocument): string => {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation }))
  );
  const sections = document.tags.map(({ name, description = "" }) =>
    `<h2>${escape(name)}</h2><p>${escape(description)}</p>${
      operations.filter(({ operation }) => operation.tags.includes(name))
        .map(({ path, method, operation }) => operationSection(method, path, operation)).join("")
    }`
  );
  const schemas = Object.entries(document.components.schemas).map(([name, schema]) =>
    `<details id="schema-${escape(name)}" open><summary><code>${escape(name)}</code></summary>${
      pretty(schema)
    }</details>`
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Allot API</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>${style}</style></head>
<body><h1>Allot API</h1>
<p>${escape(String(document.info.summary))}. Send a key with each request:
<code>Authorization: Bearer &lt;key&gt;</code>. The same as a document:
<a href="/openapi.json">openapi.json</a>.</p>
${sections.join("")}
<h2>Schemas</h2>${schemas.join("")}
</body></html>
`;
};
