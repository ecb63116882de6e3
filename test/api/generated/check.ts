/** What every answer must be, whatever was asked: as the document says, and nothing of the inside in it. */
import { problemTypesOf } from "../../../api/http/openapi.ts";
import { routes } from "../../../api/routes.ts";
import type { Call, CallAnswer } from "./call.ts";
import type { ApiDocument, Operation } from "./document.ts";

interface ProblemBody {
  readonly type?: unknown;
  readonly title?: unknown;
  readonly status?: unknown;
  readonly detail?: unknown;
  readonly errors?: readonly {
    readonly pointer?: string;
    readonly parameter?: string;
    readonly header?: string;
    readonly detail: string;
  }[];
}

/** What only the program itself would write. */
const inside =
  /\bat \S+ \(|\.tsx?:\d+|node_modules|file:\/\/|npm:|\b(?:Type|Syntax|Range|Reference)Error\b|\[object |\bundefined\b|Deno\.|versionstamp|effect\/|ParseError|<filter>|Symbol\(/;

const essence = (type: string): string => type.split(";")[0]?.trim().toLowerCase() ?? "";

/** Whether a JSON pointer leads to something, or its last step names what is missing. */
const resolves = (pointer: string, body: unknown): boolean => {
  if (pointer === "") return true;
  if (!pointer.startsWith("/")) return false;
  const steps = pointer.slice(1).split("/").map((step) =>
    step.replaceAll("~1", "/").replaceAll("~0", "~")
  );
  let value = body;
  for (const [n, step] of steps.entries()) {
    if (typeof value !== "object" || value === null) return false;
    if (!Object.hasOwn(value, step)) return n === steps.length - 1;
    value = (value as Readonly<Record<string, unknown>>)[step];
  }
  return true;
};

const sentJson = ({ body }: Call): unknown => {
  try {
    return JSON.parse(new TextDecoder().decode(body ?? new Uint8Array()));
  } catch {
    // Nothing that a pointer could lead into.
    return undefined;
  }
};

const problemTypes = new Map(problemTypesOf(routes).map((type) => [type.name, type]));

const problemFaults = (
  call: Call,
  { status, json, headers }: CallAnswer,
): readonly string[] => {
  const { type, title, status: said, detail, errors = [] } = (json ?? {}) as ProblemBody;
  const faults: string[] = [];
  const name = String(type).replace("/problems/", "");
  const known = problemTypes.get(name);
  if (known === undefined) faults.push(`the problem type ${type} is unknown`);
  else if (known.status !== status || known.title !== title) {
    faults.push(`${type} has another status or title: ${status} ${title}`);
  }
  if (said !== status) faults.push(`the body says ${said}`);
  if (typeof detail !== "string" || detail.trim() === "") faults.push("there is no detail");
  if (status === 405 && !headers.has("allow")) faults.push("405 without Allow");
  if (status === 503 && !headers.has("retry-after")) faults.push("503 without Retry-After");
  if (status === 401 && !headers.has("www-authenticate")) {
    faults.push("401 without WWW-Authenticate");
  }
  const sent = sentJson(call);
  const query = new URLSearchParams(call.target.split("?").slice(1).join("?"));
  for (const { pointer, parameter, header, detail: what } of errors) {
    if (what.trim() === "") faults.push("an error has no detail");
    if (pointer !== undefined && !resolves(pointer, sent)) {
      faults.push(`the pointer ${pointer} leads nowhere in the body`);
    }
    const isKnown = parameter === undefined || query.has(parameter) ||
      call.operation.parameters.some(({ name: known }) => known === parameter);
    if (!isKnown) faults.push(`there is no parameter ${parameter}`);
    if (header !== undefined && !call.operation.parameters.some((each) => each.name === header)) {
      faults.push(`the header ${header} is not documented`);
    }
  }
  return faults;
};

const bodyFaults = (
  document: ApiDocument,
  operation: Operation,
  { status, headers, text, json }: CallAnswer,
): readonly string[] => {
  const response = operation.responses[String(status)];
  const sent = headers.get("content-type");
  const content = response?.content ?? {};
  const types = Object.keys(content);
  if (types.length === 0) return text === "" && sent === null ? [] : ["it should have no body"];
  const type = types.find((each) => essence(each) === essence(sent ?? ""));
  if (type === undefined) return [`its content type is ${sent}, not ${types.join(" or ")}`];
  if (!essence(type).endsWith("json")) return text === "" ? ["its body is empty"] : [];
  if (json === undefined) return ["its body is no JSON"];
  return document.responseMisfits(operation, status, type, json).map(({ pointer, message }) =>
    `its body at "${pointer}" ${message}`
  );
};

/** An answer that belongs to no operation: no such route, or no such method of it. */
const isOfNoOperation = ({ status, json }: CallAnswer): boolean => {
  const { type, detail } = (json ?? {}) as ProblemBody;
  return status === 405 && type === "/problems/method-not-allowed" ||
    status === 404 && detail === "There is no such route.";
};

/** An answer to OPTIONS names the methods of the path, and nothing else. */
const optionsFaults = ({ operation }: Call, { status, headers, text }: CallAnswer) => {
  const allowed = (headers.get("allow") ?? "").split(", ");
  return status === 204 && text === "" && allowed.includes(operation.method)
    ? []
    : [`${status} with Allow ${allowed} is no answer to OPTIONS`];
};

/** Everything that is not as the document has it, in words; nothing when all is well. */
export const faultsOf = (
  document: ApiDocument,
  call: Call,
  answer: CallAnswer,
): readonly string[] => {
  const { operation } = call;
  const { status, headers, text } = answer;
  const faults: string[] = [];
  if (status >= 500) faults.push("it is a server's error");
  for (const name of ["x-request-id", "x-content-type-options", "cache-control"]) {
    if (!headers.has(name)) faults.push(`it has no ${name}`);
  }
  if (essence(headers.get("content-type") ?? "").endsWith("json") && inside.test(text)) {
    faults.push("it tells of the inside");
  }
  if (call.method === "HEAD") {
    if (text !== "") faults.push("an answer to HEAD has a body");
  } else if (call.method === "OPTIONS") {
    faults.push(...optionsFaults(call, answer));
  } else if (isOfNoOperation(answer)) {
    faults.push(
      ...document.problemMisfits(answer.json).map(({ pointer, message }) =>
        `${pointer} ${message}`
      ),
    );
  } else if (operation.responses[String(status)] === undefined) {
    faults.push(`${status} is not documented for ${operation.id}`);
  } else faults.push(...bodyFaults(document, operation, answer));
  if (status >= 400 && call.method !== "HEAD") {
    faults.push(...problemFaults(call, answer));
    const { type } = (answer.json ?? {}) as ProblemBody;
    const documented = operation.responses[String(status)]?.description ?? "";
    if (!isOfNoOperation(answer) && !documented.includes(`\`${type}\``)) {
      faults.push(`${type} is not documented for ${operation.id}`);
    }
  }
  const isOfOperation = call.method !== "OPTIONS";
  const documented = isOfOperation ? operation.responses[String(status)]?.headers ?? {} : {};
  for (const [name, { required }] of Object.entries(documented)) {
    if (required && !headers.has(name)) faults.push(`it has no ${name}, which is documented`);
  }
  return faults;
};

export const isSuccess = (status: number): boolean => status < 400;

/** The pointers that a refusal gives. */
export const pointersOf = ({ json }: CallAnswer): readonly string[] =>
  ((json ?? {}) as ProblemBody).errors?.flatMap(({ pointer }) => pointer ?? []) ?? [];

/** Why it was refused, without what differs from one request to the next. */
export const reasonsOf = ({ json, status }: CallAnswer): readonly string[] => {
  const { type, detail, errors = [] } = (json ?? {}) as ProblemBody;
  const details = errors.length === 0 ? [String(detail)] : errors.map((each) => each.detail);
  return [...new Set(details)].map((each) => `${status} ${String(type).slice(10)}: ${each}`);
};
