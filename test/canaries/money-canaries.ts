/** Bugs of those that divide money, or add it up. */
import type { Canary } from "./canary.ts";

const inFile = (file: string, name: string) => ({ file, name });

export const moneyCanaries: readonly Canary[] = [
  {
    name: "a part of a line is rounded by itself, so that parts do not add up",
    file: "src/money/apportion.ts",
    find: "  const found = Number(upTo(magnitude, n, end) - upTo(magnitude, n, first));",
    replace: "  const found = Number(upTo(magnitude, n, end - first));",
    test: inFile("test/money/apportion_test.ts", "parts of any division"),
  },
  {
    name: "what a spread leaves over is left out",
    file: "src/money/apportion.ts",
    find: "  const favored = new Set(byLoss.slice(0, left));",
    replace: "  const favored = new Set(byLoss.slice(0, left - 1));",
    test: inFile("test/money/apportion_test.ts", "a spread adds up"),
  },
  {
    name: "tax within prices is worked out as if it came on top",
    file: "src/money/tax.ts",
    find: "  times(gross, rate, hundred + rate);",
    replace: "  times(gross, rate, hundred);",
    test: inFile("test/order/charges_test.ts", "prices with tax in them"),
  },
  {
    name: "the tax of shipping is not a part of the total",
    file: "src/order/charges.ts",
    find: "before + tax + charges.shippingTax + feeTax;",
    replace: "before + tax + feeTax;",
    test: inFile("test/order/charges_test.ts", "three mugs"),
  },
  {
    name: "a channel's total of nothing counts as none",
    file: "src/order/order-codec.ts",
    find: "    boxed(charges.channelTotal),",
    replace: "    charges.channelTotal ? boxed(charges.channelTotal) : null,",
    test: inFile("test/order/charges_test.ts", "whatever an order is charged with"),
  },
  {
    name: "the shares of the order's discounts are not kept",
    file: "src/order/capture-charges.ts",
    find: "      : { ...line, discount: line.discount + orderDiscount, orderDiscount };",
    replace: "      : { ...line, discount: line.discount + orderDiscount };",
    test: inFile("test/order/charges_test.ts", "three mugs"),
  },
];
