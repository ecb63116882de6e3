/** Marks of requests and answers that the listener must know. */

/**
 * `unfinished`: it is still being written when its handler is done, and its connection is not idle until then.
 * `last`: of its request there is more to come that nobody wants, so nothing can follow on the connection.
 */
type Mark = "unfinished" | "last";

const marks = new WeakMap<Response, Mark>();

const marked = (mark: Mark) => (response: Response): Response => {
  marks.set(response, mark);
  return response;
};

export const markUnfinished = marked("unfinished");

export const markLast = marked("last");

export const markOf = (response: Response): Mark | undefined => marks.get(response);

const heads = new WeakSet<Request>();

/** Marks a request for GET that stands for one for HEAD. */
export const markHead = (request: Request): Request => {
  heads.add(request);
  return request;
};

/** The method that the client has asked by. */
export const askedMethod = (request: Request): string =>
  heads.has(request) ? "HEAD" : request.method;

const read = new WeakSet<Request>();

/** Marks that nothing more of the body is to come. */
export const markRead = (request: Request): void => void read.add(request);

export const isRead = (request: Request): boolean => read.has(request);
