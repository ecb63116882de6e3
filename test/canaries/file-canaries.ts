/** Bugs of reading orders as other systems say them, each with the test that must find it. */
import type { Canary } from "./canary.ts";

export const fileCanaries: readonly Canary[] = [
  {
    name: "fingerprints of earlier versions are not looked at",
    file: "actors/order/orders.ts",
    find: "earlierForms.some(",
    replace: "earlierForms.every(",
    test: {
      file: "test/api/said_otherwise_test.ts",
      name: "an order that an earlier version placed with white space in its number is found by it",
    },
  },
  {
    name: "zero is another content than nothing",
    file: "src/order/fingerprint.ts",
    find: "money === undefined || isZero(money) ? undefined",
    replace: "money === undefined ? undefined",
    test: {
      file: "test/api/said_otherwise_test.ts",
      name: "the same order said otherwise is answered with the order that is there",
    },
  },
  {
    name: "quotation marks in files with tabs swallow rows",
    file: "src/import/ready-mappings.ts",
    find: 'quoting: "none"',
    replace: 'quoting: "double"',
    test: {
      file: "test/import/samples_test.ts",
      name: "amazon: five orders of five, whatever quotation marks are in their texts",
    },
  },
  {
    name: "a discount that lines have already is given twice",
    file: "src/import/worth.ts",
    find: "const left = told - ofLines;",
    replace: "const left = told;",
    test: {
      file: "test/import/samples_test.ts",
      name: "shopify: the discount and the tax of an order are spread over its lines, to the cent",
    },
  },
  {
    name: "what a line total does not divide into is lost",
    file: "src/import/worth.ts",
    find: "unitPrice * quantity - total",
    replace: "0",
    test: {
      file: "test/import/mapping_test.ts",
      name: "a line total gives its price, to the last minor unit",
    },
  },
  {
    name: "digits of long numbers are rounded",
    file: "src/import/json-row.ts",
    find: "? JSON.parse(line.text, keepDigits)",
    replace: "? JSON.parse(line.text)",
    test: {
      file: "test/import/samples_test.ts",
      name: "numbers of JSON keep all their digits, and codes may be small",
    },
  },
  {
    name: "a row whose order has left the window makes a second one",
    file: "src/import/group.ts",
    find: "known === undefined && this.#through.has(externalId)",
    replace: 'known === undefined && this.#through.has("")',
    test: {
      file: "test/import/mapping_test.ts",
      name: "a row whose order has left the window is rejected, and so is every further one",
    },
  },
];
