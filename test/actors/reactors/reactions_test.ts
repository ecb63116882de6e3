/** Commands that follow from what the log says, on a whole engine. */
import assert from "node:assert/strict";
import { Effect } from "effect";
import { LogTail } from "../../../actors/log/log-tail.ts";
import { Orders } from "../../../actors/order/orders.ts";
import { keys } from "../../../src/store/keys.ts";
import { isOrderRecord } from "../../../src/order/record.ts";
import { Store } from "../../../src/store/store.ts";
import type { Commands } from "../../../src/subject/reactor.ts";
import { SubjectList } from "../../../src/subject/subject.ts";
import { subjects } from "../../../src/subjects.ts";
import { bySystem, request, startEngine, stockUp } from "../../support/engine.ts";
import { withFile } from "../../support/files.ts";
import { eventually } from "../services.ts";

/** Holds each new order. */
const holding: Commands = {
  type: "commands",
  name: "holding",
  consequencesOf: (record) =>
    isOrderRecord(record) && record.from === null
      ? [{ id: record.orderId, command: { type: "hold", code: "fraud", reason: "look at it" } }]
      : [],
};

const list = new SubjectList([...subjects.subjects, { name: "test", reactors: [holding] }]);

const orderOf = (orderId: string) => Effect.flatMap(Orders, (orders) => orders.get(orderId));

const caughtUp = Effect.flatMap(LogTail, (tail) =>
  eventually(
    Effect.sync(() => tail.followers().get(holding.name) ?? ""),
    (position) => position >= tail.committedPosition(),
  ));

Deno.test("what follows from an entry is done once, though the log is read again", () =>
  withFile(async (path) => {
    const engine = startEngine({ path, subjects: list });
    const orderId = await engine.runPromise(Effect.gen(function* () {
      yield* stockUp({ ams: { mug: 5 } });
      const orders = yield* Orders;
      const { document } = yield* orders.place(request("one", { mug: 1 }), bySystem);
      const { id } = document.state;
      yield* eventually(orderOf(id), ({ state }) => state.status === "held");
      yield* orders.command(id, { type: "release" }, bySystem);
      yield* caughtUp;
      return id;
    }));
    await engine.dispose();
    const again = startEngine({ path, subjects: list });
    await again.runPromise(Effect.flatMap(Store, (store) =>
      store.commit({
        checks: [],
        mutations: [{ type: "delete", key: keys.cursor(holding.name) }],
      })));
    await again.dispose();
    const last = startEngine({ path, subjects: list });
    try {
      await last.runPromise(Effect.gen(function* () {
        yield* caughtUp;
        assert.equal((yield* orderOf(orderId)).state.status, "allocated");
        const orders = yield* Orders;
        const { document } = yield* orders.place(request("two", { mug: 1 }), bySystem);
        yield* eventually(orderOf(document.state.id), ({ state }) => state.status === "held");
      }));
    } finally {
      await last.dispose();
    }
  }));
