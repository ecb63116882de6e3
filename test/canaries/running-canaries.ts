/** Bugs of what travels, is told and is measured of requests. */
import type { Canary } from "./canary.ts";

const inFile = (file: string, name: string) => ({ file, name });

export const runningCanaries: readonly Canary[] = [
  {
    name: "a compressed body may become as large as it likes",
    file: "api/http/decompress.ts",
    find:
      '    if (this.#became > this.maxBytes) throw new BodyRefused("too large", this.maxBytes);\n',
    replace: "",
    test: inFile("test/api/transfer_test.ts", "no more comes out"),
  },
  {
    name: "a request is taken for the cause of another one's change",
    file: "src/kernel/correlation.ts",
    find: "    before += records;",
    replace: "    before += 1;",
    test: inFile("test/kernel/correlation_test.ts", "each record of joined units"),
  },
  {
    name: "the log forgets requests when it is read from the store",
    file: "src/store/log-entry.ts",
    find:
      "  return { commitId, at, records, ...(correlations === undefined ? {} : { correlations }) };",
    replace: "  return { commitId, at, records, ...(correlations === undefined ? {} : {}) };",
    test: inFile("test/api/tracing_test.ts", "the log says which request"),
  },
  {
    name: "the access log tells queries",
    file: "api/http/access-log.ts",
    find: '  const end = url.indexOf("?", start);',
    replace: '  const end = url.indexOf("#", start);',
    test: inFile("test/api/access_log_test.ts", "each request is told once"),
  },
  {
    name: "any page may ask once one may",
    file: "api/http/cors.ts",
    find: '    return isOpen ? "*" : known.has(origin) ? origin : null;',
    replace: '    return isOpen ? "*" : known.size > 0 ? origin : null;',
    test: inFile("test/api/cors_test.ts", "a page of an origin that is set"),
  },
  {
    name: "a compressed thing has the tag of the other",
    file: "api/http/answers.ts",
    find: "    const tag = etag === undefined || !gzips ? etag : taggedGzip(etag);",
    replace: "    const tag = etag === undefined || !gzips ? etag : taggedGzip(etag) && etag;",
    test: inFile("test/api/transfer_test.ts", "a compressed thing has a tag"),
  },
];
