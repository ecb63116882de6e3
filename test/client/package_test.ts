/** The client as a package: its types are the document's, and it is what its files say of it. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import engine from "../../deno.json" with { type: "json" };
import deno from "../../api/client/deno.json" with { type: "json" };
import npm from "../../api/client/package.json" with { type: "json" };
import { clientTypes, typesFile } from "./types.ts";

const folder = new URL("../../api/client/", import.meta.url);
const read = (url: URL): string => readFileSync(url, "utf8");

Deno.test("the client's types are those of the document", async () => {
  assert.ok(
    read(typesFile) === await clientTypes(),
    "the document has changed: `deno task client:types`",
  );
});

Deno.test("npm, Deno and the engine agree on the packages that the client needs", () => {
  const { dependencies } = npm;
  const asImports = Object.fromEntries(
    Object.entries(dependencies).map((
      [name, version],
    ) => [name, `npm:${name}@${version}`]),
  );
  assert.deepEqual(deno.imports, asImports);
  const ofEngine: Readonly<Record<string, string>> = engine.imports;
  for (const [name, specifier] of Object.entries(asImports)) {
    assert.equal(ofEngine[name], specifier);
  }
  assert.equal(
    ofEngine.typescript,
    `npm:typescript@${npm.devDependencies.typescript}`,
  );
});

Deno.test("npm and Deno have one package, of the engine's version and license", () => {
  assert.deepEqual(
    [deno.name, deno.version, deno.license],
    [npm.name, engine.version, engine.license],
  );
  assert.deepEqual([npm.version, npm.license], [
    engine.version,
    engine.license,
  ]);
  assert.equal(
    read(new URL("LICENSE", folder)),
    read(new URL("../../LICENSE", folder)),
  );
});

Deno.test("the client is made of itself and its packages, and of what every platform has", () => {
  const files = readdirSync(folder).filter((name) => name.endsWith(".ts"));
  const may = new Set([
    ...files.map((name) => `./${name}`),
    ...Object.keys(npm.dependencies),
  ]);
  assert.ok(files.length > 5);
  for (const file of files) {
    const code = read(new URL(file, folder)).replace(/\/\*[\s\S]*?\*\//g, "");
    const imports = [
      ...code.matchAll(/^[^"]*(?:\bfrom\s*|\bimport\s*\(?\s*)"([^"]+)"/gm),
    ];
    for (const [, name = ""] of imports) {
      assert.ok(may.has(name), `${file} imports ${name}`);
    }
    assert.doesNotMatch(
      code,
      /\b(?:Deno|process|Buffer|require|window|document)\b[.(]/,
      file,
    );
  }
});
