/** The engine on a KV server that it does not wait for as long as `api/main.ts` does. */
import "../../src/store/plain-fibers.ts";
import assert from "node:assert/strict";
import { Result } from "effect";
import { listen } from "../../api/http/listener.ts";
import { startApplication } from "../../api/server.ts";
import { readSettings } from "../../api/settings.ts";
import { KvStore } from "../../src/store/kv.ts";

const callMs = 2_000;

const read = readSettings(Deno.env.toObject());
assert.ok(Result.isSuccess(read));
const settings = read.success;
const application = await startApplication(
  settings,
  KvStore.layer({ path: settings.kvPath, callMs }),
);
const { addr } = listen({ port: settings.port, hostname: settings.host }, application.fetch);
console.log(`Allot listens on http://${addr.hostname}:${addr.port}`);
