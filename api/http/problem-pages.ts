/** The pages to which the types of problems lead: what it is, what to do, and who answers with it. */
import { escape, htmlPage, prose } from "./html.ts";
import { problemsOf } from "./openapi.ts";
import type { ProblemType } from "./problems.ts";
import type { RouteDescriptor } from "./registry.ts";

const whereFrom = (routes: readonly RouteDescriptor[]): string =>
  routes.length === 0
    ? "<p>It comes from no operation of its own: the route or the method is not there.</p>"
    : `<ul>${
      routes.map(({ method, path, operationId, summary }) =>
        `<li><a href="/docs#${escape(operationId)}"><b class="${method.toLowerCase()}">${method}</b>
<code>${escape(path)}</code></a> ${escape(summary)}</li>`
      ).join("")
    }</ul>`;

const membersOf = ({ members = {}, errorMembers = {} }: ProblemType): string => {
  const listed = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(", ");
  const own = Object.keys(members);
  const ofErrors = Object.keys(errorMembers);
  return [
    ...(own.length === 0 ? [] : [`Beside the members of every problem it has ${listed(own)}.`]),
    ...(ofErrors.length === 0 ? [] : [`Each of its \`errors\` has ${listed(ofErrors)}.`]),
  ].map((sentence) => `<p>${prose(sentence)}</p>`).join("");
};

/** Serves at `/problems/{name}`. */
export const problemPage = (type: ProblemType, routes: readonly RouteDescriptor[]): string =>
  htmlPage(
    `${type.name}: ${type.title}`,
    `<h1>${escape(type.title)}</h1>
<p><code>/problems/${escape(type.name)}</code>, status ${type.status}</p>
<h2>What it is</h2><p>${prose(type.meaning)}</p>${membersOf(type)}
<h2>What to do</h2><p>${prose(type.remedy)}</p>
<h2>Where it comes from</h2>${
      whereFrom(routes.filter((route) => problemsOf(route).includes(type)))
    }`,
  );
