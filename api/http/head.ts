/**
 * HEAD as GET whose body nobody gets (RFC 9110 section 9.3.2): the handler answers as to GET, so that no header
 * is another one, and the length is that of the body that GET would send, or is not told.
 */
import { markHead, markOf } from "./marks.ts";

type Fetch<Rest extends readonly unknown[]> = (
  request: Request,
  ...rest: Rest
) => Response | Promise<Response>;

const asGet = ({ url, headers }: Request): Request => markHead(new Request(url, { headers }));

/** A body without an end that is known has no length: none is told, and nothing of it is made. */
const nothing = (): ReadableStream =>
  new ReadableStream({ start: (controller) => controller.close() });

/** Statuses whose answers have no body, and so no length. */
const isBodiless = (status: number): boolean => status === 204 || status === 304;

const headOf = async (answer: Response): Promise<Response> => {
  const { status, headers, body } = answer;
  if (isBodiless(status)) return answer;
  if (body !== null && markOf(answer) === "unfinished") {
    await body.cancel();
    return new Response(nothing(), { status, headers });
  }
  const { byteLength } = await answer.arrayBuffer();
  const length = new Headers(headers);
  length.set("content-length", String(byteLength));
  return new Response(null, { status, headers: length });
};

/** Answers HEAD by what `fetch` answers to GET. */
export const answerHead = async <Rest extends readonly unknown[]>(
  fetch: Fetch<Rest>,
  request: Request,
  ...rest: Rest
): Promise<Response> => headOf(await fetch(asGet(request), ...rest));
