/** Which orders take part as units of a supply arrive or are given up, against a model that goes unit by unit. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Result } from "effect";
import { movesNow } from "../../src/supply/moves.ts";
import { type PeggedOrder, planLine, type SupplyUnits } from "../../src/supply/settle-plan.ts";

interface Line {
  readonly arriving: number;
  readonly cutting: number;
  readonly row: SupplyUnits;
  /** Who is served first comes first. */
  readonly pegged: readonly PeggedOrder[];
}

const sum = (orders: readonly PeggedOrder[]): number =>
  orders.reduce((units, { quantity }) => units + quantity, 0);

/** Sound rows: what is promised and claimed is expected, and so is what is yet to be moved. */
const lines: fc.Arbitrary<Line> = fc.record({
  quantities: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 6 }),
  claimed: fc.integer({ min: 0, max: 4 }),
  free: fc.integer({ min: 0, max: 6 }),
  arrivingShare: fc.integer({ min: 0, max: 100 }),
  cuttingShare: fc.integer({ min: 0, max: 100 }),
}).map(({ quantities, claimed, free, arrivingShare, cuttingShare }) => {
  const pegged = quantities.map((quantity, n) => ({ orderId: `o${n}`, quantity }));
  const reserved = sum(pegged);
  const expected = reserved + claimed + free;
  // Claims are never in the way of what is to be moved: their own document moves them.
  const movable = expected - claimed;
  const arriving = Math.floor(movable * arrivingShare / 100);
  const cutting = Math.floor((movable - arriving) * cuttingShare / 100);
  return { arriving, cutting, row: { expected, reserved, claimed }, pegged };
});

const planOf = ({ arriving, cutting, row, pegged }: Line, room: number) =>
  planLine({ id: "pol_1", arriving, cutting }, row, {
    first: pegged,
    last: pegged.toReversed(),
  }, room);

const without = (
  pegged: readonly PeggedOrder[],
  taken: readonly PeggedOrder[],
): readonly PeggedOrder[] =>
  pegged.flatMap(({ orderId, quantity }) => {
    const less = taken.reduce(
      (units, each) => each.orderId === orderId ? units + each.quantity : units,
      0,
    );
    assert.ok(less <= quantity, "more is taken than was promised");
    return less === quantity ? [] : [{ orderId, quantity: quantity - less }];
  });

interface Done {
  readonly line: Line;
  readonly arrived: readonly PeggedOrder[];
  readonly lost: readonly PeggedOrder[];
  /** Units that arrived and are free for anybody. */
  readonly freed: number;
}

/** Applies one plan, as the document and the orders do, and says what became of the line. */
const apply = (line: Line, room: number): Done | null => {
  const { moved, arrive, unpeg } = planOf(line, room);
  assert.ok(
    arrive.length + unpeg.length <= room,
    "no more orders take part than there is room for",
  );
  assert.ok(moved >= 0 && moved <= line.arriving + line.cutting, "no more moves than there is");
  const cut = Math.min(line.cutting, moved);
  const arrived = moved - cut;
  assert.ok(sum(arrive) <= arrived, "nobody gets what is not there");
  const row = {
    expected: line.row.expected - moved,
    reserved: line.row.reserved - sum(arrive) - sum(unpeg),
    claimed: line.row.claimed,
  };
  assert.ok(row.reserved >= 0 && row.expected >= row.reserved + row.claimed, "the row is sound");
  const freed = arrived - sum(arrive);
  const pegged = without(without(line.pegged, arrive), unpeg);
  assert.equal(sum(pegged), row.reserved, "each promise is in the row");
  if (freed > 0) assert.equal(row.reserved, 0, "free units before all have theirs");
  if (moved === 0 && arrive.length + unpeg.length === 0) return null;
  return {
    line: { arriving: line.arriving - arrived, cutting: line.cutting - cut, row, pegged },
    ...{ arrived: arrive, lost: unpeg, freed },
  };
};

/** Unit by unit: what will not come is missed by who is served last, what comes goes to who is served first. */
const model = ({ arriving, cutting, row, pegged }: Line) => {
  const units = pegged.flatMap(({ orderId, quantity }) =>
    Array.from({ length: quantity }, () => orderId)
  );
  const covered = row.expected - cutting - row.claimed;
  const lost = units.slice(Math.max(0, covered));
  const kept = units.slice(0, Math.max(0, covered));
  return { lost, arrived: kept.slice(0, arriving), freed: Math.max(0, arriving - kept.length) };
};

const counts = (orderIds: readonly string[]): Readonly<Record<string, number>> => {
  const byOrder: Record<string, number> = {};
  for (const orderId of orderIds.toSorted()) byOrder[orderId] = (byOrder[orderId] ?? 0) + 1;
  return byOrder;
};

const unitsOf = (orders: readonly PeggedOrder[]): readonly string[] =>
  orders.flatMap(({ orderId, quantity }) => Array.from({ length: quantity }, () => orderId));

Deno.test("in as many commits as it takes, the last lose and the first are served, as unit by unit", () => {
  fc.assert(fc.property(lines, fc.integer({ min: 1, max: 7 }), (line, room) => {
    const arrived: PeggedOrder[] = [];
    const lost: PeggedOrder[] = [];
    let freed = 0;
    let at = line;
    for (let n = 0; at.arriving + at.cutting > 0; n++) {
      assert.ok(n < 30, "it comes to an end");
      const done = apply(at, room);
      if (done === null) assert.fail("it does not go on");
      arrived.push(...done.arrived);
      lost.push(...done.lost);
      freed += done.freed;
      at = done.line;
    }
    const wanted = model(line);
    assert.deepEqual(counts(unitsOf(lost)), counts(wanted.lost));
    assert.deepEqual(counts(unitsOf(arrived)), counts(wanted.arrived));
    assert.equal(freed, wanted.freed);
  }));
});

Deno.test("a commit without room for an order moves nothing that is promised", () => {
  fc.assert(fc.property(lines, (line) => {
    const { arrive, unpeg, moved } = planOf(line, 0);
    assert.deepEqual([arrive, unpeg], [[], []]);
    assert.ok(line.row.expected - moved >= line.row.reserved + line.row.claimed);
  }));
});

Deno.test("who is served first is served first, though the room ends in the middle", () => {
  const pegged = ["a", "b", "c"].map((orderId) => ({ orderId, quantity: 2 }));
  const row = { expected: 6, reserved: 6, claimed: 0 };
  assert.deepEqual(planOf({ arriving: 5, cutting: 0, row, pegged }, 2), {
    moved: 4,
    arrive: [{ orderId: "a", quantity: 2 }, { orderId: "b", quantity: 2 }],
    unpeg: [],
  });
});

Deno.test("who is served last loses first, though others are about to be served", () => {
  const pegged = ["a", "b", "c"].map((orderId) => ({ orderId, quantity: 2 }));
  const row = { expected: 6, reserved: 6, claimed: 0 };
  assert.deepEqual(planOf({ arriving: 2, cutting: 3, row, pegged }, 9), {
    moved: 3,
    arrive: [],
    unpeg: [{ orderId: "c", quantity: 2 }, { orderId: "b", quantity: 1 }],
  });
});

Deno.test("a line that is named with no units waits, and nothing is said of it", () => {
  const lines = ["a", "b"].map((id) => ({ id, arriving: 3, cutting: 0 }));
  const moved = movesNow(lines, [{ lineId: "a", quantity: 0 }], {
    free: () => 2,
    room: () => true,
  });
  assert.deepEqual(Result.getOrNull(moved), [{ lineId: "b", arrived: 2, cut: 0 }]);
});
