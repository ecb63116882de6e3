/** The engine as a process of its own, under requests that ended it, or let in whom they should not. */
import assert from "node:assert/strict";
import { connect, placeOf, statusesOf, type Wire } from "../attack/wire.ts";
import { adminKey, startProcess, withFolder } from "./process.ts";

const memory = { ALLOT_KV: ":memory:" };

const controls = [...Array.from({ length: 0x20 }, (_, code) => code), 0x7f, 0x80, 0xff]
  .map((code) => String.fromCharCode(code));

Deno.test("no character in the way back from the sign-in form ends the process", () =>
  withFolder(async (cwd) => {
    await using engine = await startProcess({ cwd, env: memory });
    for (const control of controls) {
      for (const next of [`/${control}`, `/orders?q=${control}x`, control]) {
        const answer = await fetch(`${engine.address}/sign-in`, {
          method: "POST",
          redirect: "manual",
          body: new URLSearchParams({ key: adminKey, next }),
        });
        await answer.body?.cancel();
        assert.equal(answer.status, 303, JSON.stringify(next));
        assert.equal(answer.headers.get("location"), "/", JSON.stringify(next));
      }
    }
    assert.equal((await engine.ask("/healthz")).status, 200);
    assert.equal(engine.printed().error, "");
  }));

Deno.test("no head, whatever it asks for, ends the process", () =>
  withFolder(async (cwd) => {
    await using engine = await startProcess({ cwd, env: memory });
    for (const control of controls) {
      const escaped = encodeURIComponent(control);
      for (
        const path of [
          `/${escaped}`,
          `/orders/${escaped}`,
          `/orders?q=${escaped}`,
          `/sign-in?next=/${escaped}`,
          `/v1/orders?cursor=${escaped}`,
          `/v1/items?limit=1&cursor=${escaped}`,
        ]
      ) {
        using wire = await connect(placeOf(engine.address));
        await wire.send(
          `GET ${path} HTTP/1.1\r\nhost: allot.test\r\nauthorization: Bearer ${adminKey}\r\n` +
            "connection: close\r\n\r\n",
        );
        const [status = 0] = statusesOf(await wire.hear());
        assert.ok(status >= 200 && status < 500, `${path} ${status}`);
      }
    }
    assert.equal((await engine.ask("/healthz")).status, 200);
    assert.equal(engine.printed().error, "");
  }));

/** Opens connections that say nothing, and asks for something on one more. */
const askAmong = async (address: string, path: string, silent: number): Promise<number> => {
  const wires: Wire[] = [];
  try {
    for (let n = 0; n < silent; n++) wires.push(await connect(placeOf(address)));
    using wire = await connect(placeOf(address));
    await wire.send(`GET ${path} HTTP/1.1\r\nhost: allot.test\r\nconnection: close\r\n\r\n`);
    return statusesOf(await wire.hear())[0] ?? 0;
  } finally {
    for (const wire of wires) wire[Symbol.dispose]();
  }
};

Deno.test("more connections than there may be files do not end the process", () =>
  withFolder(async (cwd) => {
    await using engine = await startProcess({ cwd, env: memory, openFiles: 256 });
    assert.equal(await askAmong(engine.address, "/readyz", 600), 200);
    assert.match(engine.printed().error, /could not be accepted.*Too many open files/);
  }));
