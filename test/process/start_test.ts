import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { assertSound, type Output, runToEnd, startProcess, withFolder } from "./process.ts";

const assertOneClearLine = ({ code, out, error }: Output, about: RegExp): void => {
  assert.equal(code, 1, error);
  assert.equal(out, "");
  assert.match(error, about);
  assert.equal(error.trimEnd().split("\n").length, 1, error);
  assert.doesNotMatch(error, /\.ts:\d+|\bat \S+ \(/, "no stack trace");
};

Deno.test("the admin key is shown at the first start alone, and the store has only its hash", () =>
  withFolder(async (cwd) => {
    const env = { ALLOT_ADMIN_KEY: "" };
    let key: string;
    {
      await using first = await startProcess({ cwd, env });
      key = first.key;
      assert.match(key, /^allot_\S{43}$/);
      assert.equal((await first.ask("/v1/orders")).status, 200);
      first.signal("SIGTERM");
      assert.equal(await first.ended, 0);
      assert.equal(first.printed().out.split(key).length, 3, "shown by itself, and in a link");
    }
    {
      await using second = await startProcess({ cwd, env });
      assert.doesNotMatch(second.printed().out, /admin key|allot_/);
      const known = await second.ask("/v1/orders", {
        headers: { authorization: `Bearer ${key}` },
      });
      assert.equal(known.status, 200);
      assert.equal((await second.ask("/v1/orders")).status, 401, "there is no other key");
    }
    const files = readdirSync(cwd);
    assert.ok(files.includes("allot.sqlite3"), "the store is in the working folder");
    for (const file of files) {
      const bytes = readFileSync(`${cwd}/${file}`);
      assert.ok(!bytes.includes(key), `${file} has the key`);
      assert.ok(!bytes.includes(key.slice("allot_".length)), `${file} has the key`);
    }
  }));

Deno.test("a store that cannot be opened is one clear line and exit code 1", () =>
  withFolder(async (cwd) => {
    Deno.writeTextFileSync(`${cwd}/text`, "This is no database.\n".repeat(200));
    Deno.mkdirSync(`${cwd}/folder`);
    const cases: readonly (readonly [path: string, about: RegExp])[] = [
      [`${cwd}/text`, /text\): file is not a database$/m],
      [`${cwd}/text/store.sqlite3`, /store\.sqlite3\): Not a directory/],
      [`${cwd}/folder`, /folder\): unable to open database file/],
      [`${cwd}/nowhere/store.sqlite3`, /store\.sqlite3\): unable to open database file/],
    ];
    for (const [path, about] of cases) {
      const output = await runToEnd("api/main.ts", { cwd, env: { ALLOT_KV: path } });
      assertOneClearLine(output, about);
      assert.match(output.error, /^The store cannot be opened/);
    }
  }));

Deno.test("a folder that may not be written is one clear line and exit code 1", () =>
  withFolder(async (cwd) => {
    Deno.mkdirSync(`${cwd}/locked`);
    Deno.chmodSync(`${cwd}/locked`, 0o555);
    // Nothing is closed to root but by Deno itself.
    const flags = Deno.uid() === 0
      ? ["--allow-net", "--allow-read", "--allow-env", "--allow-sys", "--allow-ffi"]
      : undefined;
    const output = await runToEnd("api/main.ts", {
      cwd: `${cwd}/locked`,
      ...(flags === undefined ? {} : { flags }),
    });
    assertOneClearLine(output, /^The store cannot be opened \(allot\.sqlite3\): /);
    assert.deepEqual(readdirSync(`${cwd}/locked`), []);
  }));

Deno.test("settings that are not as they must be are one line each, without their values", () =>
  withFolder(async (cwd) => {
    const one = await runToEnd("api/main.ts", { cwd, env: { ALLOT_SHELVES: "0" } });
    assertOneClearLine(one, /^ALLOT_SHELVES must be a value between 1 and 1024$/m);
    const secret = "my secret";
    const { code, error } = await runToEnd("api/main.ts", {
      cwd,
      env: { PORT: "99999", LOG_LEVEL: "loud", ALLOT_ADMIN_KEY: secret },
    });
    assert.equal(code, 1);
    assert.deepEqual(error.trimEnd().split("\n").map((line) => line.split(" ")[0]).sort(), [
      "ALLOT_ADMIN_KEY",
      "LOG_LEVEL",
      "PORT",
    ]);
    assert.ok(!error.includes(secret));
    assert.deepEqual(readdirSync(cwd), [], "nothing was made");
  }));

Deno.test("a port that is taken is one clear line and exit code 1", () =>
  withFolder(async (cwd) => {
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = taken.addr as Deno.NetAddr;
    const output = await runToEnd("api/main.ts", {
      cwd,
      env: { PORT: String(port), ALLOT_KV: ":memory:" },
    });
    assertOneClearLine(output, new RegExp(`^Cannot listen on 127\\.0\\.0\\.1:${port}: `));
  }));

Deno.test("as on Deno Deploy: started and stopped with nothing to write but its store", () =>
  withFolder(async (cwd) => {
    Deno.mkdirSync(`${cwd}/app`);
    Deno.chmodSync(`${cwd}/app`, 0o555);
    Deno.mkdirSync(`${cwd}/data`);
    const path = `${cwd}/data/store.sqlite3`;
    {
      await using engine = await startProcess({
        cwd: `${cwd}/app`,
        env: { DENO_DEPLOYMENT_ID: "deployment", ALLOT_KV: path },
        flags: [
          "--allow-net",
          "--allow-read",
          `--allow-write=${cwd}/data`,
          "--allow-env",
          "--allow-sys",
          "--allow-ffi",
        ],
      });
      assert.equal((await engine.ask("/readyz")).status, 200);
      engine.signal("SIGINT");
      assert.equal(await engine.ended, 0);
      assert.equal(engine.printed().error, "");
    }
    assert.deepEqual(readdirSync(`${cwd}/app`), []);
    await assertSound(path, cwd);
  }));
