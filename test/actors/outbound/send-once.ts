/** A process that sends one request to the URL that it is given, and prints the status of the answer. */
import { Effect, Result } from "effect";
import { OutboundHttp } from "../../../actors/outbound/http.ts";
import { readAllowList } from "../../../src/outbound/allow-list.ts";

const [url = ""] = Deno.args;
const allow = Result.getOrThrow(readAllowList("127.0.0.1"));

const { status } = await Effect.runPromise(
  Effect.flatMap(
    OutboundHttp,
    (http) => http.send({ url, method: "POST", headers: {}, body: "{}", deadlineMs: 15_000 }),
  ).pipe(Effect.provide(OutboundHttp.layer({ allow }))),
);
console.log(status);
