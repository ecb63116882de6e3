/** Bugs of what is told of events, each with the test that must find it; the first is for simulations. */
import type { Canary } from "./canary.ts";

const feed = (name: string): Required<Canary>["test"] => ({
  file: "test/actors/event_feed_test.ts",
  name,
});

export const eventCanaries: readonly Canary[] = [
  {
    name: "events are counted from the beginning of their record",
    file: "src/subject/event.ts",
    find: "events.push(...eventsOfRecord(position, record, events.length, kinds));",
    replace: "events.push(...eventsOfRecord(position, record, 0, kinds));",
  },
  {
    name: "the rest of an entry in which a page ended is forgotten",
    file: "actors/status/event-feed.ts",
    find: "    take(page, known ?? toldOf(entry));",
    replace: "    page.pass(position);",
    test: feed("pages of any size and filter are the log"),
  },
  {
    name: "the feed looks at the whole log for one page",
    file: "src/status/feed.ts",
    find: "return this.isFull || this.#lookedAt >= this.bounds.lookedAt;",
    replace: "return this.isFull;",
    test: feed("a page looks at so many events and no more"),
  },
  {
    name: "everybody hears what becomes of keys",
    file: "api/event/filter.ts",
    find: 'confidential: role === "admin"',
    replace: "confidential: role.length > 0",
    test: {
      file: "test/api/events_test.ts",
      name: "every key sees of the feed what its role and scope let it see of the log",
    },
  },
  {
    name: "an event says more than its type has",
    file: "src/order/record-kind.ts",
    find: "        complete: event.complete,",
    replace: "        complete: event.complete, filled: event.filled,",
    test: { file: "test/laws/laws_test.ts", name: "the laws hold of every order" },
  },
];
