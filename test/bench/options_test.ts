import assert from "node:assert/strict";
import { benchOptions, loadOptions, WrongUsage } from "../../bench/options.ts";
import { planOf, scenarioNames } from "../../bench/suite/plan.ts";

Deno.test("bench without options is the whole suite without peers", () => {
  const asked = benchOptions([]);
  assert.ok(asked !== "help");
  const plan = planOf(asked);
  assert.deepEqual(plan.scenarios, scenarioNames.filter((name) => name !== "dashboard"));
  assert.equal(plan.peers, false);
  assert.ok(plan.rounds >= 3, "ratios are of medians of at least three");
});

Deno.test("bench takes scenarios, seconds and switches in either form", () => {
  const asked = benchOptions(["--scenario=hot, growth", "--seconds", "2.5", "--quick", "--peers"]);
  assert.deepEqual(asked, { scenarios: ["hot", "growth"], seconds: 2.5, quick: true, peers: true });
  assert.ok(asked !== "help");
  assert.equal(planOf(asked).seconds, 2.5);
});

Deno.test("bench says what it does not understand", () => {
  for (
    const args of [
      ["--scenario", "tepid"],
      ["--seconds", "0"],
      ["--seconds", "long"],
      ["--seconds"],
      ["--loud"],
      ["hot"],
    ]
  ) assert.throws(() => benchOptions(args), WrongUsage, args.join(" "));
  assert.equal(benchOptions(["--help"]), "help");
});

const url = ["--url", "http://localhost:8000"];

Deno.test("load is a closed loop unless it has a rate", () => {
  const closed = loadOptions([...url, "--key", "k"], undefined);
  assert.ok(closed !== "help");
  assert.equal(closed.rate, undefined);
  assert.equal(closed.connections, 64);
  const open = loadOptions([...url, "--rate", "500", "--seconds", "3"], "from-environment");
  assert.ok(open !== "help");
  assert.equal(open.rate, 500);
  assert.equal(open.seconds, 3);
  assert.equal(open.key, "from-environment");
  assert.ok(open.connections > 64, "requests that are due must not wait for connections");
});

Deno.test("load says what is missing or wrong", () => {
  for (
    const args of [
      [],
      ["--url", "localhost", "--key", "k"],
      ["--url", "ftp://example.com", "--key", "k"],
      url,
      [...url, "--key", "k", "--scenario", "growth"],
      [...url, "--key", "k", "--connections", "1.5"],
      [...url, "--key", "k", "--rate", "-1"],
    ]
  ) assert.throws(() => loadOptions(args, undefined), WrongUsage, args.join(" "));
  assert.equal(loadOptions(["--help"], undefined), "help");
});
