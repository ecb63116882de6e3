/** A worker process of the suite: opens one contender, measures it as often as it is asked, closes it. */
import "../../src/store/plain-fibers.ts";
import { openCeiling } from "./ceiling.ts";
import { openDashboards } from "./dashboards.ts";
import { openEngine } from "./engine.ts";
import { openFeed } from "./feed.ts";
import { openHono } from "./hono.ts";
import { openHttp } from "./http.ts";
import { openNaive } from "./naive.ts";
import { openPlans } from "./plans.ts";
import { openPostgres } from "./postgres.ts";
import { type Command, type Contender, linesOf, type Reply, type Subject } from "./protocol.ts";
import { openReaders } from "./readers.ts";
import { openRedis } from "./redis.ts";
import { openSeed } from "./seed.ts";
import { openSink } from "./sink.ts";

/** In every external id of this worker, so that workers on one store do not meet. */
const run = `${Date.now().toString(36)}-${Deno.pid.toString(36)}`;

const open = (subject: Subject): Contender | Promise<Contender> => {
  switch (subject.kind) {
    case "engine":
      return openEngine(subject, run);
    case "http":
      return openHttp({ url: new URL(subject.url), key: subject.key }, subject.traffic, run);
    case "readers":
      return openReaders({ url: new URL(subject.url), key: subject.key }, subject.readers);
    case "dashboards":
      return openDashboards({ url: new URL(subject.url), key: subject.key });
    case "sink":
      return openSink(subject.answerMs);
    case "feed":
      return openFeed({ url: new URL(subject.url), key: subject.key });
    case "plans":
      return openPlans(subject.what);
    case "hono":
      return openHono();
    case "ceiling":
      return openCeiling(subject.folder, run);
    case "naive":
      return openNaive(subject.path, run);
    case "redis":
      return openRedis(subject.port, run);
    case "postgres":
      return openPostgres(subject, run);
    case "seed":
      return openSeed(subject.path, subject.orders, run, subject.history);
  }
};

let contender: Contender | undefined;

const opened = (): Contender => {
  if (contender === undefined) throw new Error("Nothing is open.");
  return contender;
};

const obey = async (command: Command): Promise<unknown> => {
  switch (command.type) {
    case "open":
      contender = await open(command.subject);
      return contender.opened ?? {};
    case "measure":
      return opened().measure(command.measure);
    case "audit":
      return opened().audit?.() ?? null;
    case "close":
      await contender?.close();
      return null;
  }
};

const encoder = new TextEncoder();

const reply = async (answer: Reply): Promise<void> => {
  const bytes = encoder.encode(`${JSON.stringify(answer)}\n`);
  for (let written = 0; written < bytes.length;) {
    written += await Deno.stdout.write(bytes.subarray(written));
  }
};

for await (const line of linesOf(Deno.stdin.readable)) {
  const command: Command = JSON.parse(line);
  try {
    await reply({ ok: true, value: await obey(command) });
  } catch (error) {
    const detail = error instanceof Error ? error.stack ?? error.message : Deno.inspect(error);
    await reply({ ok: false, detail });
  }
  if (command.type === "close") break;
}
Deno.exit(0);
