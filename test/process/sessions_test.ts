/** Sessions of the dashboard over processes on one store: what lasts, what ends everywhere, what nobody can make. */
import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { type EngineProcess, startProcess, withFolder } from "./process.ts";

const adminKey = "an-admin-key-of-the-session-tests";

const onFile = (cwd: string, env: Readonly<Record<string, string>> = {}) =>
  startProcess({ cwd, env: { ALLOT_ADMIN_KEY: adminKey, ...env } });

const signIn = async ({ address }: EngineProcess): Promise<string> => {
  const answer = await fetch(`${address}/sign-in`, {
    method: "POST",
    redirect: "manual",
    body: new URLSearchParams({ key: adminKey, next: "/" }),
  });
  await answer.body?.cancel();
  return (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
};

/** The page, or null where one has to sign in. */
const pageOf = async (
  { address }: EngineProcess,
  cookie: string,
  form?: Readonly<Record<string, string>>,
): Promise<string | null> => {
  const answer = await fetch(`${address}/${form === undefined ? "orders" : "sign-out"}`, {
    headers: { cookie },
    redirect: "manual",
    ...(form === undefined ? {} : { method: "POST", body: new URLSearchParams(form) }),
  });
  const text = await answer.text();
  return answer.status === 200 ? text : null;
};

Deno.test("a session is known to every process, lasts over a restart, and ends in all at once", () =>
  withFolder(async (cwd) => {
    let cookie: string;
    {
      await using first = await onFile(cwd);
      cookie = await signIn(first);
      assert.ok(await pageOf(first, cookie));
    }
    await using one = await onFile(cwd);
    await using other = await onFile(cwd);
    const page = await pageOf(one, cookie);
    assert.ok(page);
    assert.ok(await pageOf(other, cookie));
    const another = await signIn(other);
    const csrf = /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? "";
    await pageOf(one, cookie, { csrf });
    assert.equal(await pageOf(one, cookie), null);
    assert.equal(await pageOf(other, cookie), null);
    assert.ok(await pageOf(one, another), "another session of the same key goes on");
  }));

Deno.test("processes with the same secret in their settings know each other's sessions", () =>
  withFolder(async (cwd) => {
    const env = { ALLOT_SESSION_SECRET: "x".repeat(32) };
    await using one = await onFile(cwd, env);
    await using other = await onFile(cwd, env);
    await using stranger = await onFile(cwd, { ALLOT_SESSION_SECRET: "y".repeat(32) });
    const cookie = await signIn(one);
    assert.ok(await pageOf(other, cookie));
    assert.equal(await pageOf(stranger, cookie), null);
    assert.ok(!readdirSync(cwd).some((name) => name.endsWith("secret")));
  }));

Deno.test("whoever reads the store makes no session with what is in it", () =>
  withFolder(async (cwd) => {
    await using engine = await onFile(cwd);
    const own = await signIn(engine);
    const [, value = ""] = own.split("=");
    const [keyId = ""] = value.split(".");
    const hash = createHash("sha256").update(adminKey).digest("hex");
    const store = readdirSync(cwd).filter((name) =>
      name.includes(".sqlite3") && !name.endsWith("secret")
    );
    const bytes = store.map((name) => readFileSync(`${cwd}/${name}`));
    assert.ok(bytes.some((each) => each.includes(hash)), "the hash is in the store");
    for (const secret of bytes) {
      const kept = readFileSync(`${cwd}/allot.sqlite3.session-secret`, "utf8").trim();
      assert.ok(!secret.includes(kept), "the secret is not in the store");
    }
    const signed = `${keyId}.${(Date.now() + 3_600_000).toString(36)}.forged`;
    for (const secret of [hash, adminKey, "", `allot dashboard session\n${hash}`]) {
      for (const text of [signed, `allot dashboard session\n${hash}\n${signed}`]) {
        const signature = createHmac("sha256", secret).update(text).digest("base64url");
        assert.equal(await pageOf(engine, `allot_session=${signed}.${signature}`), null);
      }
    }
    assert.ok(await pageOf(engine, own));
  }));

Deno.test("the store's files and the secret are their owner's alone, those made before as well", () =>
  withFolder(async (cwd) => {
    const others = () =>
      readdirSync(cwd).filter((name) => (statSync(`${cwd}/${name}`).mode & 0o077) !== 0);
    {
      await using engine = await onFile(cwd);
      await signIn(engine);
      assert.deepEqual(others(), []);
      assert.ok(readdirSync(cwd).length >= 3, `${readdirSync(cwd)}`);
      engine.signal("SIGKILL");
      await engine.ended;
    }
    for (const name of readdirSync(cwd)) Deno.chmodSync(`${cwd}/${name}`, 0o644);
    await using engine = await onFile(cwd);
    await signIn(engine);
    assert.deepEqual(others(), []);
  }));
