/** Returns of any content, for tests of how they are stored. */
import fc from "fast-check";
import { shipTimes } from "../../src/order/exchange.ts";
import { returnIdOf } from "../../src/order/ids.ts";
import { instantOf } from "../../src/kernel/instant.ts";
import {
  dispositions,
  type Return,
  returnReasons,
  returnStatuses,
} from "../../src/order/return.ts";
import type { ReturnChange } from "../../src/order/return-record.ts";

const text = fc.string({ minLength: 1, maxLength: 12 });
const units = fc.nat(50);
const moment = fc.nat(2_000_000_000).map((ms) => instantOf(1_700_000_000_000 + ms));

const inspected = fc.uniqueArray(
  fc.record({ disposition: fc.constantFrom(...dispositions), quantity: fc.integer({ min: 1 }) }),
  { selector: ({ disposition }) => disposition, maxLength: 5 },
);

/** The n-th return of an order with these lines. */
export const anyReturn = (
  orderId: string,
  n: number,
  lines: readonly { readonly id: string; readonly sku: string }[],
): fc.Arbitrary<Return> =>
  fc.tuple(
    fc.record({
      id: fc.constant(returnIdOf(orderId, n + 1)),
      status: fc.constantFrom(...returnStatuses),
      goodsBack: fc.boolean(),
      lines: fc.tuple(...lines.map((each) =>
        fc.record({
          lineId: fc.constant(each.id),
          sku: fc.constant(each.sku),
          quantity: units,
          reason: fc.constantFrom(...returnReasons),
          received: units,
          inspected,
          accepted: units,
        })
      )),
      unexpected: fc.array(fc.record({ sku: text, quantity: units }), { maxLength: 2 }),
      createdAt: moment,
      updatedAt: moment,
    }),
    fc.record({
      locationId: text,
      note: text,
      overrideReason: text,
      carrier: text,
      trackingNumber: text,
      endReason: text,
      expiresAfterDays: fc.nat(30),
      exchange: fc.record({
        shipWhen: fc.constantFrom(...shipTimes),
        added: fc.array(fc.integer({ min: 1, max: 9 }).map(String), { maxLength: 3 }),
      }),
    }, { requiredKeys: [] }),
  ).map(([all, more]) => ({ ...all, ...more }));

/** What a record says of a return. */
export const anyReturnChange = (orderId: string): fc.Arbitrary<ReturnChange> =>
  fc.record({
    id: fc.integer({ min: 1, max: 200 }).map((n) => returnIdOf(orderId, n)),
    from: fc.option(fc.constantFrom(...returnStatuses)),
    to: fc.constantFrom(...returnStatuses),
    locationId: fc.option(text),
    fromLocationId: fc.option(text),
  });
