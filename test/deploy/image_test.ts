/**
 * The container's image, without a container: the Dockerfile's own steps are carried out in an empty folder,
 * and what is there then is started, looked after and stopped as the Dockerfile says.
 */
import assert from "node:assert/strict";
import { eventually, withFolder } from "../process/process.ts";
import { deployFile, instructionsOf, root, wordsOf } from "./files.ts";

const instructions = instructionsOf(deployFile("Dockerfile"));

const textsOf = (name: string): readonly string[] =>
  instructions.filter((each) => each.name === name).map(({ text }) => text);

const copy = async (from: string, to: string): Promise<void> => {
  const { isDirectory } = await Deno.stat(from);
  if (!isDirectory) return await Deno.copyFile(from, to);
  await Deno.mkdir(to, { recursive: true });
  for await (const { name } of Deno.readDir(from)) await copy(`${from}/${name}`, `${to}/${name}`);
};

/** `COPY a b ./`, into the folder that stands for the image's. */
const copyAsTold = async (text: string, folder: string): Promise<void> => {
  const words = text.split(/\s+/);
  const to = words.at(-1) ?? "";
  for (const name of words.slice(0, -1)) {
    await copy(`${root}${name}`, to.endsWith("/") ? `${folder}/${to}${name}` : `${folder}/${to}`);
  }
};

const deno = (args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}) =>
  new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1", ...env },
    stdout: "piped",
    stderr: "piped",
  });

const addressIn = async (out: ReadableStream<Uint8Array>, heard: { text: string }) => {
  for await (const text of out.pipeThrough(new TextDecoderStream())) heard.text += text;
};

Deno.test("what the Dockerfile copies and caches is all that the engine needs, and a signal ends it", () =>
  withFolder(async (folder) => {
    for (const text of textsOf("COPY")) await copyAsTold(text, folder);
    const [run = ""] = textsOf("RUN");
    const [cache = ""] = run.split("&&").map((step) => step.trim());
    assert.match(cache, /^deno cache --frozen /);
    const cached = await deno(cache.split(" ").slice(1), folder).output();
    assert.ok(cached.success, new TextDecoder().decode(cached.stderr));

    const env = {
      ALLOT_KV: `${folder}/allot.sqlite3`,
      ALLOT_ADMIN_KEY: "admin-key-of-the-image-test",
      HOST: "127.0.0.1",
      PORT: "0",
    };
    const engine = deno(wordsOf(instructions, "CMD"), folder, env).spawn();
    const heard = { text: "" };
    const error = { text: "" };
    const hearing = Promise.all([
      addressIn(engine.stdout, heard),
      addressIn(engine.stderr, error),
    ]);
    let hasEnded = false;
    const ended = engine.status.then((status) => {
      hasEnded = true;
      return status;
    });
    try {
      const address = await eventually("listening", () => {
        assert.ok(!hasEnded, error.text);
        return /^Allot listens on (\S+)$/m.exec(heard.text)?.[1] ?? null;
      });
      const [, ...check] = wordsOf(instructions, "HEALTHCHECK");
      const { port } = new URL(address);
      const healthy = await deno(check, folder, { PORT: port }).output();
      assert.equal(healthy.code, 0, new TextDecoder().decode(healthy.stderr));
      engine.kill(STOP);
      assert.equal((await ended).code, 0, error.text);
      await hearing;
      const dead = await deno(check, folder, { PORT: port }).output();
      assert.notEqual(dead.code, 0, "a process that is gone is not healthy");
    } finally {
      if (!hasEnded) engine.kill("SIGKILL");
      await ended;
      await hearing;
    }
  }));

const STOP = textsOf("STOPSIGNAL")[0] as Deno.Signal;

Deno.test("the image runs as nobody in particular, and keeps the store in its volume", () => {
  const names = instructions.map(({ name }) => name);
  const [user] = textsOf("USER");
  assert.ok(user !== undefined && user !== "root");
  assert.ok(names.indexOf("USER") < names.indexOf("CMD"));
  const [volume] = textsOf("VOLUME");
  assert.ok(textsOf("ENV").includes(`ALLOT_KV=${volume}/allot.sqlite3`));
  assert.match(textsOf("RUN").join("\n"), new RegExp(`chown -R ${user}:\\w+ ${volume}`));
  const ignored = deployFile("Dockerfile.dockerignore").split("\n");
  assert.ok(ignored.includes("*"), "nothing is sent but what is named");
  for (const text of textsOf("COPY")) {
    for (const name of text.split(/\s+/).slice(0, -1)) {
      assert.ok(ignored.includes(`!${name}`), name);
    }
  }
});
