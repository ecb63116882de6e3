/** Bugs of lots and serials, each with the test that must find it. */
import type { Canary } from "./canary.ts";

const lots = (name: string): Required<Canary>["test"] => ({ file: "test/lot/lots_test.ts", name });
const api = (name: string): Required<Canary>["test"] => ({ file: "test/api/lots_test.ts", name });

export const lotCanaries: readonly Canary[] = [
  {
    name: "lots are picked in the order in which they came",
    file: "src/lot/fefo.ts",
    find: "of lots.toSorted(byExpiry)) {",
    replace: "of lots) {",
    test: lots("what expires first is chosen first, and nothing that is due"),
  },
  {
    name: "lots without a date are picked before those with one",
    file: "src/lot/lot.ts",
    find: 'const noExpiry = "~";',
    replace: 'const noExpiry = " ";',
    test: lots("a lot's row names it, whatever the SKU looks like, and rows come by expiry"),
  },
  {
    name: "a lot may be picked after its date",
    file: "src/lot/lot.ts",
    find: "dueMsOf(lot) <= epochMsOf(now);",
    replace: "dueMsOf(lot) < 0;",
    test: api("a pick names other lots, and an expired one is refused"),
  },
  {
    name: "a pick forgets the lots' rows",
    file: "src/order/lots.ts",
    find: "return event.lines.some(({ lots }) => lots !== undefined);",
    replace: "return false;",
    test: api("a pick names other lots, and an expired one is refused"),
  },
  {
    name: "units leave and their lots stay",
    file: "src/order/lots.ts",
    find: "return event.shipment.lines.some(({ lots }) => lots !== undefined);",
    replace: "return false;",
    test: api("a pick takes what expires first, and what has no date last"),
  },
  {
    name: "units that are put back stay picked of their lot",
    file: "src/order/lots.ts",
    find: '    case "fulfillment_order.rejected":\n',
    replace: "",
    test: api("a pick that is given up gives the lots back"),
  },
  {
    name: "a serial is received twice, where two do it at once",
    file: "src/lot/balance.ts",
    find: "there >= 0 && gone >= 0 && there + gone <= 1,",
    replace: "there >= 0 && gone >= 0,",
    test: api("of two who receive a serial at once one gets it"),
  },
  {
    name: "a serial that is with a customer is received again",
    file: "src/lot/change.ts",
    find: "gone > 0 && this.more ?",
    replace: "gone > 1 && this.more ?",
    test: api("a serial is in one place at a time, and is found where it is"),
  },
  {
    name: "units of no known lot are taken twice, where two do it at once",
    file: "actors/stock/stock-changes.ts",
    find: "const expected = [...counted, ...lotsExpected];",
    replace: "const expected = [...counted, ...lotsExpected.slice(1)];",
    test: api("of two who take the last units of no known lot one gets them"),
  },
  {
    name: "promised units of a lot are set aside when it is due",
    file: "actors/stock/expiry.ts",
    find: "Math.min(due.units, unpromised({ row, held }))",
    replace: "due.units",
    test: {
      file: "test/actors/lot_expiry_test.ts",
      name: "units of a lot that is due are set aside, but for those that are promised",
    },
  },
  {
    name: "lots are good to their last day, whatever their item asks",
    file: "actors/stock/expiry.ts",
    find: "dueMsOf(lot, item.minRemainingDays) > nowMs",
    replace: "dueMsOf(lot) > nowMs",
    test: {
      file: "test/actors/lot_expiry_test.ts",
      name: "units of a lot that is due are set aside, but for those that are promised",
    },
  },
];
