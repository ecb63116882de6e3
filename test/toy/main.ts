/** The engine with the toy, as a process of its own. */
import { Result } from "effect";
import { listen } from "../../api/http/listener.ts";
import { startApplication } from "../../api/server.ts";
import { readSettings } from "../../api/settings.ts";
import { KvStore } from "../../src/store/kv.ts";
import { partsWithVouchers } from "./api.ts";

const settings = Result.getOrThrow(readSettings(Deno.env.toObject()));
const application = await startApplication(
  settings,
  KvStore.layer({ path: settings.kvPath }),
  partsWithVouchers(() => undefined),
);
const { addr } = listen({ port: settings.port, hostname: settings.host }, application.fetch);
console.log(`Allot listens on http://${addr.hostname}:${addr.port}`);
