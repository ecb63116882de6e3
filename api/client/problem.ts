/** What goes wrong with a call: the engine's problems, and no answer at all. */
import { clientLimits } from "./limits.ts";
import type { paths } from "./openapi.ts";

/** The problem object (RFC 9457) as the engine sends it, with the members of every type of problem. */
export type Problem = paths["/v1/orders"]["post"]["responses"][409]["content"][
  "application/problem+json"
];

/** One thing that is wrong with a request, and where. */
export type ProblemDetail = NonNullable<Problem["errors"]>[number];

/** RFC 9457: the type of what says no more than its status. */
const unnamed = "about:blank";

const lastSegment = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

const isProblem = (value: unknown): value is Problem =>
  typeof value === "object" && value !== null && "type" in value &&
  typeof value.type === "string" && "status" in value &&
  typeof value.status === "number";

/** An answer that is no success. */
export class AllotProblem extends Error {
  override readonly name = "AllotProblem";
  /** `/problems/<name>`, stable; `about:blank` where the answer does not come from the engine. */
  readonly type: string;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  /** What is wrong with the request, each with its place. Empty where that is not the trouble. */
  readonly errors: readonly ProblemDetail[];
  /** By which the engine's logs know the request; undefined where a proxy answered. */
  readonly requestId: string | undefined;
  /** The whole object, with what its type adds, such as `shortages`. */
  readonly problem: Problem;

  /** `body`: what came, as far as it is JSON; else its text. */
  constructor(readonly response: Response, body: unknown) {
    const problem = isProblem(body) ? body : unnamedProblem(response, body);
    super(
      problem.detail === "" ? problem.title : `${problem.title}: ${problem.detail}`,
    );
    this.problem = problem;
    this.type = problem.type;
    this.status = problem.status;
    this.title = problem.title;
    this.detail = problem.detail;
    this.errors = problem.errors ?? [];
    const instance = problem.instance === "" ? undefined : lastSegment(problem.instance);
    this.requestId = response.headers.get("x-request-id") ?? instance;
  }

  /** Whether it is the problem of this name: `is("insufficient-stock")`. */
  is(name: string): boolean {
    return nameOf(this.problem) === name;
  }
}

const unnamedProblem = (
  { status, statusText }: Response,
  body: unknown,
): Problem => ({
  type: unnamed,
  title: statusText === "" ? `Status ${status}` : statusText,
  status,
  detail: typeof body === "string" ? body.slice(0, clientLimits.quotedCharacters) : "",
  instance: "",
});

/** The name in a problem's type; undefined for what is no problem of the engine. */
export const nameOf = (problem: unknown): string | undefined =>
  isProblem(problem) && problem.type !== unnamed ? lastSegment(problem.type) : undefined;

/**
 * No answer came, as often as it was tried, so that it is not known whether the call did what it says. Call
 * again with `idempotencyKey` to find out without doing it twice.
 */
export class AllotUnreachable extends Error {
  override readonly name = "AllotUnreachable";

  constructor(
    readonly attempts: number,
    /** Undefined for calls that do the same when they are made twice. */
    readonly idempotencyKey: string | undefined,
    cause: unknown,
  ) {
    super(`No answer after ${attempts} attempts: ${String(cause)}`, { cause });
  }
}
