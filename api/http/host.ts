/** Whether a request names its host: without that, the text before the path could change the path. */

/** A name, or an address of either kind, and perhaps a port. */
const wellFormed = /^(?:[\w.-]{1,253}|\[[\da-f:.]{2,45}\])(?::\d{1,5})?$/i;

/** The last that was found well-formed: a process has few names, and one of them in nearly every request. */
let known = "";

/**
 * HTTP/1.1 has the header `Host`; HTTP/2 has its `:authority` in the address alone. `standIn` is how the
 * server's addresses begin when the request says nothing.
 */
export const isAddressed = ({ headers, url }: Request, standIn: string): boolean => {
  const host = headers.get("host");
  if (host === null) return !url.startsWith(standIn);
  if (host === known) return true;
  if (!wellFormed.test(host)) return false;
  known = host;
  return true;
};
