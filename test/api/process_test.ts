/** The process itself: how it starts, what it prints, how it ends. */
import assert from "node:assert/strict";
import { withFile } from "../support/files.ts";

const main = new URL("../../api/main.ts", import.meta.url).pathname;

const run = (environment: Readonly<Record<string, string>>, cwd?: string) =>
  new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", main],
    env: { PORT: "0", HOST: "127.0.0.1", LOG_LEVEL: "error", NO_COLOR: "1", ...environment },
    stdout: "piped",
    stderr: "piped",
    ...(cwd === undefined ? {} : { cwd }),
  }).spawn();

/** Starts it and reads what it prints until it listens. */
const started = async (environment: Readonly<Record<string, string>>) => {
  const child = run(environment);
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let printed = "";
  while (!/^ {2}store .*\n/m.test(printed)) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`it ended: ${printed}`);
    printed += value;
  }
  const address = /listens on (\S+)/.exec(printed)?.[1] ?? "";
  return {
    address,
    printed,
    stop: async (signal: Deno.Signal) => {
      child.kill(signal);
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        printed += value;
      }
      const errors = await new Response(child.stderr).text();
      return { ...await child.status, errors };
    },
  };
};

const keyIn = (printed: string): string | undefined => /admin key {2}(\S+)/.exec(printed)?.[1];

Deno.test("an empty store makes one admin key, prints it once and knows it ever after", async () => {
  await withFile(async (path) => {
    const first = await started({ ALLOT_KV: path });
    const key = keyIn(first.printed);
    assert.ok(key !== undefined, first.printed);
    const ask = async (address: string) => {
      const response = await fetch(`${address}/v1/admin/keys`, {
        headers: { authorization: `Bearer ${key}` },
      });
      await response.body?.cancel();
      return response.status;
    };
    assert.equal(await ask(first.address), 200);
    const ended = await first.stop("SIGINT");
    assert.equal(ended.code, 0, ended.errors);
    const second = await started({ ALLOT_KV: path });
    assert.equal(keyIn(second.printed), undefined);
    assert.equal(await ask(second.address), 200);
    assert.equal((await second.stop("SIGTERM")).code, 0);
  });
});

Deno.test("what was acknowledged before a SIGTERM is there after it, with a stream still open", async () => {
  await withFile(async (path) => {
    const environment = { ALLOT_KV: path, ALLOT_ADMIN_KEY: "given-key-of-the-process-test" };
    const headers = {
      authorization: "Bearer given-key-of-the-process-test",
      "content-type": "application/json",
    };
    const first = await started(environment);
    assert.equal(keyIn(first.printed), undefined, "a given key is not printed");
    const send = async (path: string, method: string, body: unknown) => {
      const response = await fetch(first.address + path, {
        method,
        headers,
        body: JSON.stringify(body),
      });
      await response.body?.cancel();
      return response.status;
    };
    await send("/v1/locations/ams", "PUT", {
      name: "Amsterdam",
      type: "warehouse",
      address: { country: "NL" },
    });
    const stream = await fetch(`${first.address}/v1/status/stream`, { headers });
    assert.equal(stream.status, 200);
    const acknowledged: Promise<boolean>[] = [];
    for (let n = 0; n < 200; n++) {
      acknowledged.push(
        send("/v1/inventory/adjustments", "POST", {
          locationId: "ams",
          reason: "received",
          changes: [{ sku: "mug", delta: 1 }],
        }).then((status) => status === 200, () => false),
      );
    }
    await acknowledged[0];
    const ended = await first.stop("SIGTERM");
    assert.equal(ended.code, 0, ended.errors);
    const received = (await Promise.all(acknowledged)).filter(Boolean).length;
    assert.ok(received > 0);
    await stream.body?.cancel().catch(() => undefined);
    const second = await started(environment);
    const response = await fetch(`${second.address}/v1/inventory?sku=mug`, { headers });
    const { data } = await response.json();
    assert.ok(data[0].onHand >= received && data[0].onHand <= 200);
    await second.stop("SIGTERM");
  });
});

const failing = async (environment: Readonly<Record<string, string>>) => {
  const { code, stdout, stderr } = await run(environment).output();
  const errors = new TextDecoder().decode(stderr).trim();
  assert.equal(code, 1, errors);
  assert.equal(new TextDecoder().decode(stdout), "");
  assert.equal(errors.split("\n").length, 1, errors);
  return errors;
};

Deno.test("a bad setting ends it with one clear line", async () => {
  assert.match(await failing({ PORT: "eighty", ALLOT_KV: ":memory:" }), /^PORT must be/);
});

Deno.test("a store that cannot be opened ends it with one clear line", async () => {
  assert.match(
    await failing({ ALLOT_KV: "/nowhere/at/all/store.sqlite3" }),
    /^The store cannot be opened \(\/nowhere\/at\/all\/store\.sqlite3\)/,
  );
});

Deno.test("a port that is taken ends it with one clear line", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const errors = await failing({ PORT: String(port), ALLOT_KV: ":memory:" });
  assert.match(errors, new RegExp(`^Cannot listen on 127\\.0\\.0\\.1:${port}`));
});
