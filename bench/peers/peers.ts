/**
 * What people would use instead, as Debian packages it: started here on free loopback ports with data in a
 * temporary folder and fsync on, and removed afterwards.
 */
import { existsSync } from "node:fs";
import type { Context } from "../suite/context.ts";

export interface PeerServers {
  readonly redisPort?: number;
  readonly postgresPort?: number;
}

interface Started {
  readonly port: number;
  readonly stop: () => Promise<void>;
}

/** Whom servers run as that refuse to run as root. */
interface User {
  readonly uid: number;
  readonly gid: number;
}

const startTries = 200;
const startPollMs = 50;

const freePort = (): number => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
};

const listens = async (port: number): Promise<boolean> => {
  try {
    const socket = await Deno.connect({ hostname: "127.0.0.1", port });
    socket.close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) return false;
    throw error;
  }
};

const untilItListens = async (name: string, port: number): Promise<void> => {
  for (let tries = 0; tries < startTries; tries++) {
    if (await listens(port)) return;
    await new Promise((resolve) => setTimeout(resolve, startPollMs));
  }
  throw new Error(`${name} does not listen on port ${port}.`);
};

/** Where a program is: in the path, else the newest of Debian's versions. */
export const findProgram = (name: string, folders: readonly string[]): string | undefined =>
  folders.map((folder) => `${folder}/${name}`).find((path) => existsSync(path));

const pathFolders = (): readonly string[] =>
  (Deno.env.get("PATH") ?? "").split(":").filter((folder) => folder !== "");

const debianPostgres = "/usr/lib/postgresql";

const postgresFolders = (): readonly string[] => {
  const versions = existsSync(debianPostgres)
    ? [...Deno.readDirSync(debianPostgres)].map(({ name }) => name)
      .sort((a, b) => Number(b) - Number(a))
    : [];
  return [...versions.map((version) => `${debianPostgres}/${version}/bin`), ...pathFolders()];
};

/** A user without privileges for PostgreSQL, which refuses to run as root; undefined when we are not root. */
const unprivilegedUser = (passwd: string): User | undefined => {
  const users = new Map(
    passwd.split("\n").map((line) => {
      const [name = "", , uid, gid] = line.split(":");
      return [name, { uid: Number(uid), gid: Number(gid) }];
    }),
  );
  return users.get("postgres") ?? users.get("nobody");
};

const run = async (program: string, args: readonly string[], user: User | undefined) => {
  const { success, stderr } = await new Deno.Command(program, {
    args: [...args],
    ...(user ?? {}),
    cwd: "/",
    stdin: "null",
    stdout: "null",
  }).output();
  if (!success) throw new Error(`${program}: ${new TextDecoder().decode(stderr).trim()}`);
};

const keepRunning = async (
  name: string,
  port: number,
  command: Deno.Command,
): Promise<Started> => {
  const process = command.spawn();
  let ended = false;
  process.status.finally(() => {
    ended = true;
  });
  const stop = async () => {
    // For both: end now, orderly.
    if (!ended) process.kill("SIGINT");
    await process.status;
  };
  try {
    await untilItListens(name, port);
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, stop };
};

const startPostgres = async (folder: string): Promise<Started | undefined> => {
  const folders = postgresFolders();
  const initdb = findProgram("initdb", folders);
  const postgres = findProgram("postgres", folders);
  if (initdb === undefined || postgres === undefined) return undefined;
  const user = Deno.uid() === 0
    ? unprivilegedUser(await Deno.readTextFile("/etc/passwd"))
    : undefined;
  const data = `${folder}/postgres`;
  await Deno.mkdir(data);
  if (user !== undefined) {
    // The folder above is ours alone; whoever runs the server must get through it.
    await Deno.chmod(folder, 0o711);
    await Deno.chown(data, user.uid, user.gid);
  }
  const settings = ["--auth=trust", "--username=bench", "--encoding=UTF8", "--no-locale"];
  await run(initdb, ["-D", data, ...settings], user);
  const port = freePort();
  return await keepRunning(
    "PostgreSQL",
    port,
    new Deno.Command(postgres, {
      args: [
        ...["-D", data, "-p", String(port)],
        ...["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="],
        ...["-c", "fsync=on", "-c", "synchronous_commit=on", "-c", "max_connections=200"],
      ],
      ...(user ?? {}),
      cwd: "/",
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }),
  );
};

const startRedis = async (folder: string): Promise<Started | undefined> => {
  const program = findProgram("redis-server", pathFolders());
  if (program === undefined) return undefined;
  const data = `${folder}/redis`;
  await Deno.mkdir(data);
  const port = freePort();
  return await keepRunning(
    "Redis",
    port,
    new Deno.Command(program, {
      args: [
        ...["--port", String(port), "--bind", "127.0.0.1", "--dir", data, "--daemonize", "no"],
        ...["--appendonly", "yes", "--appendfsync", "always", "--save", ""],
      ],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }),
  );
};

/** They end with the scenario. */
export const startPeers = async (context: Context): Promise<PeerServers> => {
  context.progress("starting PostgreSQL and Redis");
  const postgres = await startPostgres(context.folder);
  if (postgres === undefined) context.note("PostgreSQL is not installed here: not measured.");
  else context.onClose(postgres.stop);
  const redis = await startRedis(context.folder);
  if (redis === undefined) context.note("Redis is not installed here: not measured.");
  else context.onClose(redis.stop);
  return {
    ...(postgres === undefined ? {} : { postgresPort: postgres.port }),
    ...(redis === undefined ? {} : { redisPort: redis.port }),
  };
};
