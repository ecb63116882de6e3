/** Answers that are still being written when their handler is done: their connection is not idle until then. */

const unfinished = new WeakSet<Response>();

export const markUnfinished = (response: Response): Response => {
  unfinished.add(response);
  return response;
};

export const isUnfinished = (response: Response): boolean => unfinished.has(response);
