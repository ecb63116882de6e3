/** The OpenAPI document as a page. */
import { whatMayChange } from "./contract.ts";
import { escape, htmlPage, prose } from "./html.ts";
import type { OpenApiDocument, OpenApiOperation, Parameter } from "./openapi.ts";

/** JSON in which references to schemas are links. */
const linked = (json: string): string =>
  escape(json).replace(
    /&#34;#\/components\/schemas\/([\w.-]+)&#34;/g,
    '<a href="#schema-$1">$1</a>',
  );

const pretty = (value: unknown): string => `<pre>${linked(JSON.stringify(value, null, 2))}</pre>`;

const parameterRow = ({ name, in: place, required, description = "", schema }: Parameter): string =>
  `<tr><td><code>${escape(name)}</code></td><td>${place}${required ? ", required" : ""}</td><td>${
    prose(description)
  }</td><td><code>${linked(JSON.stringify(schema))}</code></td></tr>`;

const contentOf = (part: Readonly<Record<string, unknown>>): string =>
  part.content === undefined ? "" : pretty(part.content);

/** With links to the pages of the problems that it names. */
const withProblems = (description: string): string =>
  prose(description).replace(
    /<code>(\/problems\/[a-z-]+)<\/code>/g,
    '<a href="$1"><code>$1</code></a>',
  );

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
  Object.entries(operation.responses).filter(([status]) => status !== "default").map((
    [status, response],
  ) =>
    Number(status) < 400
      ? `<p><b>${status}</b> ${prose(String(response.description))}</p>${contentOf(response)}`
      : `<p><b>${status}</b> ${withProblems(String(response.description))}</p>`
  ).join("")
}
</details>`;

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
  return htmlPage(
    "Allot API",
    `<h1>Allot API</h1>
<p>${escape(String(document.info.summary))}. Send a key with each request:
<code>Authorization: Bearer &lt;key&gt;</code>. The same as a document:
<a href="/openapi.json">openapi.json</a>.</p>
<h2>What may change</h2>${whatMayChange.map((part) => `<p>${prose(part)}</p>`).join("")}
${sections.join("")}
<h2>Schemas</h2>${schemas.join("")}`,
  );
};
