import assert from "node:assert/strict";
import fc from "fast-check";
import { pegsFor, type SupplyOffer } from "../../src/supply/peg.ts";

const offersOf = (most: number) =>
  fc.array(
    fc.record({
      availableMs: fc.integer({ min: 0, max: 6 }),
      free: fc.integer({ min: -1, max: 4 }),
    }),
    { maxLength: most },
  ).map((offers) =>
    offers.map((offer, n): SupplyOffer => ({
      ...offer,
      supplyId: `s${n}`,
      locationId: `l${n % 2}`,
    }))
  );

const dates = fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined });

/** Unit by unit, as the rule is said. */
const unitByUnit = (
  quantity: number,
  neededAtMs: number | undefined,
  offers: readonly SupplyOffer[],
): ReadonlyMap<string, number> => {
  const left = new Map(offers.map(({ supplyId, free }) => [supplyId, free]));
  const taken = new Map<string, number>();
  for (let unit = 0; unit < quantity; unit++) {
    let best: SupplyOffer | undefined;
    const isBetter = (offer: SupplyOffer, than: SupplyOffer): boolean => {
      const isOnTime = (each: SupplyOffer) =>
        neededAtMs !== undefined && each.availableMs <= neededAtMs;
      if (isOnTime(offer) !== isOnTime(than)) return isOnTime(offer);
      if (offer.availableMs === than.availableMs) {
        return isOnTime(offer) ? offer.supplyId > than.supplyId : offer.supplyId < than.supplyId;
      }
      return isOnTime(offer) === offer.availableMs > than.availableMs;
    };
    for (const offer of offers) {
      if ((left.get(offer.supplyId) ?? 0) <= 0) continue;
      if (best === undefined || isBetter(offer, best)) best = offer;
    }
    if (best === undefined) break;
    left.set(best.supplyId, (left.get(best.supplyId) ?? 0) - 1);
    taken.set(best.supplyId, (taken.get(best.supplyId) ?? 0) + 1);
  }
  return taken;
};

Deno.test("pegs are what the rule says unit by unit, and all units are accounted for", () => {
  fc.assert(fc.property(
    fc.integer({ min: 0, max: 12 }),
    dates,
    offersOf(6),
    (quantity, neededAtMs, offers) => {
      const { pegs, unpegged } = pegsFor({ quantity, neededAtMs, offers });
      const taken = new Map(pegs.map((peg) => [peg.supplyId, peg.quantity]));
      assert.deepEqual(
        [...taken].sort(),
        [...unitByUnit(quantity, neededAtMs, offers)].sort(),
      );
      assert.equal(pegs.length, taken.size);
      assert.equal(pegs.reduce((sum, peg) => sum + peg.quantity, unpegged), quantity);
      for (const peg of pegs) {
        const offer = offers.find(({ supplyId }) => supplyId === peg.supplyId);
        assert.equal(peg.locationId, offer?.locationId);
        assert.ok(peg.quantity > 0 && peg.quantity <= (offer?.free ?? 0));
      }
    },
  ));
});

Deno.test("pegs do not depend on the order in which supplies are told", () => {
  fc.assert(fc.property(
    fc.integer({ min: 0, max: 12 }),
    dates,
    offersOf(6),
    fc.gen(),
    (quantity, neededAtMs, offers, generate) => {
      const shuffled = generate(fc.shuffledSubarray, [...offers], {
        minLength: offers.length,
        maxLength: offers.length,
      });
      assert.deepEqual(
        pegsFor({ quantity, neededAtMs, offers: shuffled }),
        pegsFor({ quantity, neededAtMs, offers }),
      );
    },
  ));
});

const dated = fc.array(
  fc.record({
    quantity: fc.integer({ min: 1, max: 3 }),
    neededAtMs: fc.integer({ min: 0, max: 6 }),
  }),
  { minLength: 1, maxLength: 5 },
);

Deno.test("when everybody can be served on time, everybody is, whoever comes first", () => {
  fc.assert(fc.property(dated, offersOf(8), (lines, offers) => {
    const supplied = (until: number) =>
      offers.reduce(
        (sum, { availableMs, free }) => availableMs <= until ? sum + Math.max(0, free) : sum,
        0,
      );
    const needed = (until: number) =>
      lines.reduce((sum, line) => line.neededAtMs <= until ? sum + line.quantity : sum, 0);
    fc.pre(lines.every(({ neededAtMs }) => needed(neededAtMs) <= supplied(neededAtMs)));
    const availableMs = new Map(offers.map((offer) => [offer.supplyId, offer.availableMs]));
    let left: readonly SupplyOffer[] = offers;
    for (const line of lines) {
      const { pegs, unpegged } = pegsFor({ ...line, offers: left });
      assert.equal(unpegged, 0);
      for (const { supplyId, quantity } of pegs) {
        assert.ok((availableMs.get(supplyId) ?? Infinity) <= line.neededAtMs);
        left = left.map((offer) =>
          offer.supplyId === supplyId ? { ...offer, free: offer.free - quantity } : offer
        );
      }
    }
  }));
});

Deno.test("the one who can wait leaves the early supply to the one who comes later and can not", () => {
  const offers = [
    { supplyId: "early", locationId: "north", availableMs: 1, free: 5 },
    { supplyId: "late", locationId: "north", availableMs: 5, free: 5 },
    { supplyId: "later", locationId: "north", availableMs: 9, free: 5 },
  ];
  assert.deepEqual(pegsFor({ quantity: 7, neededAtMs: 6, offers }), {
    pegs: [
      { supplyId: "late", locationId: "north", quantity: 5 },
      { supplyId: "early", locationId: "north", quantity: 2 },
    ],
    unpegged: 0,
  });
  assert.deepEqual(pegsFor({ quantity: 12, offers }).pegs.map(({ supplyId }) => supplyId), [
    "early",
    "late",
    "later",
  ]);
  assert.deepEqual(pegsFor({ quantity: 1, neededAtMs: 0, offers }).pegs[0]?.supplyId, "early");
  assert.equal(pegsFor({ quantity: 20, neededAtMs: 6, offers }).unpegged, 5);
});
