/**
 * Checks the files of `api/deploy` by the tools that will read them: promtool, nginx, caddy, systemd and docker,
 * as far as they are there. Whatever is left out is named.
 *
 *     deno task check:deploy
 */
import { startServer } from "../support/server.ts";
import { orderFor, stockOver } from "../support/server.ts";
import { dashboardExpressions, deployFile, root } from "./files.ts";

const folder = await Deno.makeTempDir({ prefix: "allot-deploy-" });

const write = async (name: string, text: string): Promise<string> => {
  const path = `${folder}/${name}`;
  await Deno.writeTextFile(path, text);
  return path;
};

interface Outcome {
  readonly ok: boolean;
  readonly said: string;
}

/** Null when there is no such tool. */
const run = async (
  tool: string,
  args: readonly string[],
  input?: string,
): Promise<Outcome | null> => {
  try {
    const child = new Deno.Command(tool, {
      args: [...args],
      stdin: input === undefined ? "null" : "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    if (input !== undefined) {
      const writer = child.stdin.getWriter();
      await writer.write(new TextEncoder().encode(input));
      await writer.close();
    }
    const { success, stdout, stderr } = await child.output();
    const said = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("").trim();
    return { ok: success, said };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
};

/** `/metrics` of an engine that has done some work. */
const metrics = async (): Promise<string> => {
  await using server = await startServer();
  await stockOver(server, { ams: { mug: 3 } });
  for (const n of [1, 2, 3, 4]) {
    await server.ask("/v1/orders", { json: orderFor(`${n}`, { mug: 1 }) });
  }
  await server.ask("/v1/orders", { key: "wrong" });
  await server.ask("/v1/nothing");
  return (await server.ask("/metrics", { key: null })).text;
};

/** The dashboard's expressions as rules, which is what promtool reads. */
const asRules = (): string =>
  JSON.stringify({
    groups: [{
      name: "dashboard",
      rules: dashboardExpressions().map((expr, n) => ({
        record: `dashboard:expression${n}`,
        expr,
      })),
    }],
  });

/** The server block as a whole configuration, with a certificate that is there. */
const wholeNginx = async (): Promise<string | null> => {
  const [key, certificate] = [`${folder}/key.pem`, `${folder}/certificate.pem`];
  const made = await run("openssl", [
    ..."req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=allot.example".split(" "),
    ...["-keyout", key, "-out", certificate],
  ]);
  if (made?.ok !== true) return null;
  const server = deployFile("nginx.conf")
    .replace(/ssl_certificate .*;/, `ssl_certificate ${certificate};`)
    .replace(/ssl_certificate_key .*;/, `ssl_certificate_key ${key};`);
  return await write(
    "nginx.conf",
    `pid ${folder}/nginx.pid;\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n${
      ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map((name) => `${name}_temp_path ${folder}/${name};\n`).join("")
    }${server}\n}\n`,
  );
};

/** The unit with programs that are there: systemd looks for them. */
const unit = (): Promise<string> =>
  write(
    "allot.service",
    deployFile("allot.service").replaceAll("/usr/local/bin/deno", Deno.execPath()),
  );

interface Check {
  readonly name: string;
  readonly run: () => Promise<Outcome | null>;
}

const deploy = `${root}api/deploy`;

const checks: readonly Check[] = [
  {
    name: "promtool check metrics",
    run: async () => await run("promtool", ["check", "metrics"], await metrics()),
  },
  {
    name: "promtool check rules alerts.yml",
    run: () => run("promtool", ["check", "rules", `${deploy}/alerts.yml`]),
  },
  {
    name: "promtool check rules of the dashboard's expressions",
    run: async () =>
      await run("promtool", ["check", "rules", await write("rules.json", asRules())]),
  },
  {
    name: "promtool check config prometheus.yml",
    run: () => run("promtool", ["check", "config", `${deploy}/prometheus.yml`]),
  },
  {
    name: "nginx -t",
    run: async () => {
      const path = await wholeNginx();
      return path === null ? null : await run("nginx", ["-t", "-c", path, "-p", folder]);
    },
  },
  {
    name: "caddy validate",
    run: () =>
      run("caddy", ["validate", "--adapter", "caddyfile", "--config", `${deploy}/Caddyfile`]),
  },
  {
    name: "systemd-analyze verify",
    run: async () => await run("systemd-analyze", ["verify", await unit()]),
  },
  {
    name: "docker build",
    run: async () => {
      const daemon = await run("docker", ["info"]);
      return daemon?.ok === true
        ? await run("docker", ["build", "-f", `${deploy}/Dockerfile`, "-t", "allot:check", root])
        : null;
    },
  },
];

let failed = 0;
for (const { name, run } of checks) {
  const outcome = await run();
  if (outcome === null) console.log(`left out  ${name}: it is not here`);
  else {
    console.log(`${outcome.ok ? "good    " : "WRONG   "}  ${name}`);
    if (!outcome.ok) {
      failed++;
      console.log(outcome.said.replace(/^/gm, "    "));
    }
  }
}
await Deno.remove(folder, { recursive: true });
Deno.exit(failed === 0 ? 0 : 1);
