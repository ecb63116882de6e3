import { orderKeys } from "../../src/order/keys.ts";
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { Effect } from "effect";
import { Store } from "../../src/store/store.ts";
import { encodeJson } from "../../src/store/values.ts";
import { withFile } from "../actors/services.ts";
import { engine, sampleStore } from "./engine.ts";

const main = fileURLToPath(new URL("../../src/verify/main.ts", import.meta.url));

const verifyFile = (path: string) =>
  Effect.promise(async () => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", "--allow-all", main],
      env: { ALLOT_KV: path, NO_COLOR: "1" },
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, out: text(stdout), error: text(stderr) };
  });

Deno.test("the command says what it counted and ends with 0, 1 on a violation, 2 without a store", () =>
  withFile((path) =>
    Effect.gen(function* () {
      const missing = yield* verifyFile(path);
      assert.equal(missing.code, 2);
      assert.match(missing.error, /There is no store/);

      yield* Effect.gen(function* () {
        yield* sampleStore;
        // The engine has the file open meanwhile.
        const sound = yield* verifyFile(path);
        assert.equal(sound.code, 0, sound.error);
        assert.match(sound.out, /^orders: 6$/m);
        assert.match(sound.out, /^sound: no violation$/m);
        const store = yield* Store;
        const key = orderKeys.reference("shop", "nobody");
        const value = encodeJson({ orderId: "ord_nobody", fingerprint: "" });
        yield* store.commit({ checks: [], mutations: [{ type: "set", key, value }] });
      }).pipe(Effect.provide(engine(path)));

      const wrong = yield* verifyFile(path);
      assert.equal(wrong.code, 1);
      assert.match(
        wrong.out,
        /VIOLATION one-order-per-reference: .*\["reference","shop","nobody"\]/,
      );
      assert.match(wrong.out, /NOT SOUND: 1 violations/);
    })
  ));
