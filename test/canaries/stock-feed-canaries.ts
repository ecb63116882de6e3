/** Bugs of stock feeds and of lanes that tell how things are, each with the test that must find it. */
import type { Canary } from "./canary.ts";

const feed = (name: string): Required<Canary>["test"] => ({
  file: "test/actors/stock-feed/feed_lane_test.ts",
  name,
});

const latest = (name: string): Required<Canary>["test"] => ({
  file: "test/outbound/latest_test.ts",
  name,
});

const levels = (name: string): Required<Canary>["test"] => ({
  file: "test/stock-feed/levels_test.ts",
  name,
});

export const stockFeedCanaries: readonly Canary[] = [
  {
    name: "what stood behind another when the clock was set back waits for the time it was given",
    file: "src/outbound/lines.ts",
    find: "behind.nextAtMs = Math.min(behind.nextAtMs, nowMs);",
    replace: "behind.nextAtMs = Math.max(behind.nextAtMs, nowMs);",
    test: {
      file: "test/outbound/latest_test.ts",
      name: "what stood behind another of its key",
    },
  },
  {
    name: "the cursor passes an entry whose key is still marked",
    file: "src/outbound/lines.ts",
    find: "  source,\n});\n\n/** An attempt to send it begins. */",
    replace: '  source: body === "" ? null : source,\n});\n\n/** An attempt to send it begins. */',
    test: latest("the cursor stays before the oldest key that is marked"),
  },
  {
    name: "a key is clean though it was marked while it was told of",
    file: "src/outbound/lines.ts",
    find: "const waiting = line?.find(({ sentAtMs }) => sentAtMs === null);",
    replace: "const waiting = line?.[0];",
    test: feed("a change while a request is on its way is told by another one, after it"),
  },
  {
    name: "a feed is told of locations that are not of its choice",
    file: "src/stock-feed/marks.ts",
    find: "if (taken === 0 || !locationIds.includes(delta.locationId)) continue;",
    replace: "if (taken === 0 || locationIds.length === 0) continue;",
    test: levels("changes at other locations mark nothing"),
  },
  {
    name: "what one location has promised too much hides what another has",
    file: "src/stock/available-for.ts",
    find: "units + Math.max(0, each)",
    replace: "units + each",
    test: levels("each location counts for itself"),
  },
  {
    name: "levels are named by what the log had after they were read",
    file: "actors/stock-feed/levels-reader.ts",
    find: 'tail.position().padStart(positionDigits, "0")',
    replace: '"".padStart(positionDigits, "f")',
    test: feed(
      "what comes late is known to be older",
    ),
  },
  {
    name: "a value that was never taken is given up",
    file: "src/outbound/lane.ts",
    find: "if (isSpent && !this.#isLatest)",
    replace: "if (isSpent)",
    test: latest("what is not taken is tried until it is, alone in the end"),
  },
  {
    name: "a changed feed is not told of everything anew",
    file: "actors/outbound/lane-hold.ts",
    find: "if (this.#isChangeSwept && !isDue) return;",
    replace: "if (!isDue) return;",
    test: feed("a feed is told of all there is when it is saved, and of what changes from then on"),
  },
];
