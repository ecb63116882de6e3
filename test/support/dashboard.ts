/** The dashboard asked as a browser without scripts would ask it: by addresses, cookies and forms. */
import assert from "node:assert/strict";
import { adminKey, type TestServer } from "./server.ts";

export const origin = "http://allot.test";

export const askPage = async (
  server: TestServer,
  path: string,
  options: {
    readonly cookie?: string;
    readonly form?: Readonly<Record<string, string>>;
    readonly headers?: Readonly<Record<string, string>>;
  } = {},
): Promise<Response> => {
  const { cookie, form, headers = {} } = options;
  return await server.fetch(
    new Request(origin + path, {
      method: form === undefined ? "GET" : "POST",
      headers: { ...headers, ...(cookie === undefined ? {} : { cookie }) },
      ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
    }),
  );
};

export const signInTo = async (server: TestServer, key = adminKey) => {
  const answer = await askPage(server, "/sign-in", { form: { key, next: "/" } });
  assert.equal(answer.status, 303);
  const cookie = (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const page = await (await askPage(server, "/orders", { cookie })).text();
  const csrf = /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? "";
  return { cookie, csrf };
};
