import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { eventually, startProcess, withFolder } from "./process.ts";

Deno.test("the demo has orders on their way, ends with 0 and leaves nothing behind", () =>
  withFolder(async (cwd) => {
    // Temporary files go where TMPDIR says.
    await using demo = await startProcess({
      cwd,
      script: "bench/demo/main.ts",
      env: { TMPDIR: cwd },
    });
    await eventually("orders, some of them being fulfilled", async () => {
      const { body } = await demo.ask("/v1/status");
      const { total, byStatus } = body["orders"] ?? {};
      return Number(total) >= 5 && Number(byStatus?.["fulfilling"]) >= 1 || null;
    });
    const proof = await demo.ask("/v1/admin/verify", { json: {} });
    assert.equal(proof.body["ok"], true);
    assert.equal(readdirSync(cwd).length, 1);
    demo.signal("SIGINT");
    assert.equal(await demo.ended, 0);
    assert.equal(demo.printed().error, "");
    assert.deepEqual(readdirSync(cwd), []);
  }));
