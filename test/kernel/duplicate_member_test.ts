import assert from "node:assert/strict";
import fc from "fast-check";
import { duplicateMember } from "../../src/kernel/duplicate-member.ts";

const found = (json: string) => duplicateMember(json, JSON.parse(json));

const spaces = fc.constantFrom("", " ", "\t\n ", "\r\n");

Deno.test("JSON whose members have each their own name has none that comes twice", () => {
  fc.assert(fc.property(fc.jsonValue(), fc.constantFrom(0, 1, "\t"), (value, indent) => {
    assert.equal(found(JSON.stringify(value, null, indent)), null);
  }));
});

Deno.test("a name that comes twice in one object is found, however it is written, and where", () => {
  const path = fc.array(fc.oneof(fc.string(), fc.nat(3)), { maxLength: 4 });
  fc.assert(
    fc.property(
      path,
      fc.string(),
      fc.jsonValue(),
      spaces,
      fc.boolean(),
      (steps, name, value, space, escaped) => {
        const text = JSON.stringify(value);
        const quoted = JSON.stringify(name);
        const again = escaped
          ? `"${
            [...Array(name.length).keys()].map((n) =>
              `\\u${name.charCodeAt(n).toString(16).padStart(4, "0")}`
            ).join("")
          }"`
          : quoted;
        const object = `{${quoted}:${text},${space}"${name.length}x":{},${again}${space}:${text}}`;
        const json = steps.reduceRight<string>(
          (inner, step) =>
            typeof step === "number"
              ? `[${`{"a":1},`.repeat(step)}${inner}]`
              : `{${space}${JSON.stringify(step)}:${inner}}`,
          object,
        );
        const isSame = name === `${name.length}x`;
        assert.deepEqual(found(json), isSame ? found(json) : [...steps, name]);
        assert.notEqual(found(json), null);
      },
    ),
  );
});

Deno.test("the same name in two objects is no duplicate", () => {
  for (const json of ['{"a":{"a":1},"b":[{"a":1},{"a":1}]}', '[ {"a":1} , {"a":1} ]', '"{a,a}"']) {
    assert.equal(found(json), null);
  }
});

Deno.test("a text nested deeper than the stack is read too", () => {
  const deep = (innermost: string) => `${'{"a":'.repeat(50_000)}${innermost}${"}".repeat(50_000)}`;
  assert.equal(found(deep("[1]")), null);
  assert.equal(found(deep('{"b":1,"b":2}'))?.length, 50_001);
});
