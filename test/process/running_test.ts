/** What an operator sees of a process: its logs as the settings have them, and its connections. */
import assert from "node:assert/strict";
import { readExposition, sampleOf } from "../support/exposition.ts";
import { startProcess, withFolder } from "./process.ts";

Deno.test("a process tells of requests on its output, of itself on its error, and of its connections", () =>
  withFolder(async (cwd) => {
    const env = { ALLOT_ACCESS_LOG: "stdout", LOG_FORMAT: "logfmt", LOG_LEVEL: "debug" };
    await using engine = await startProcess({ cwd, env });
    const asked = await engine.ask("/v1/orders", { headers: { "x-request-id": "asked-here" } });
    assert.equal(asked.status, 200);
    const page = await engine.ask("/sign-in", { headers: { "x-request-id": "page-1" } });
    assert.equal(page.headers.get("x-request-id"), "page-1");
    const families = readExposition((await engine.ask("/metrics")).text);
    assert.ok(sampleOf(families, "allot_http_connections") >= 1);
    engine.signal("SIGTERM");
    assert.equal(await engine.ended, 0);
    const { out, error } = engine.printed();
    const told = out.split("\n").filter((line) => line.startsWith("{"))
      .map((line): Record<string, unknown> => JSON.parse(line));
    const [line] = told.filter(({ requestId }) => requestId === "asked-here");
    assert.equal(line?.["path"], "/v1/orders");
    assert.equal(line?.["client"], "127.0.0.1");
    assert.match(String(line?.["key"]), /^key_/);
    assert.ok(told.some(({ path, requestId }) => path === "/sign-in" && requestId === "page-1"));
    assert.match(error, /^timestamp=\S+ level=DEBUG .*requestId=asked-here/m);
  }));
