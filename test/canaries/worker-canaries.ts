/** Bugs of what workers and carriers do: scans, reports, parcels that are lost. */
import type { Canary } from "./canary.ts";

const order = (file: string, name: string): Required<Canary>["test"] => ({
  file: `test/order/${file}_test.ts`,
  name,
});

const api = (file: string, name: string): Required<Canary>["test"] => ({
  file: `test/api/${file}_test.ts`,
  name,
});

export const workerCanaries: readonly Canary[] = [
  {
    name: "a carrier may report from any time to come",
    file: "src/order/track.ts",
    find: "  if (isTooFarAhead(occurredAt, facts.now)) return",
    replace: "  if (isTooFarAhead(occurredAt, occurredAt)) return",
    test: order("track", "a report is taken up to a day ahead"),
  },
  {
    name: "a report from far ahead that is there hides what comes after it",
    file: "src/order/track.ts",
    find: "    if (!isTooFarAhead(event.occurredAt, event.recordedAt)) continue;",
    replace: '    if (shipment.id !== "") continue;',
    test: order("track", "a report of before that is dated far ahead"),
  },
  {
    name: "a delivery that is taken back leaves its fulfillment order delivered",
    file: "src/order/track.ts",
    find: '  return status === "delivered" && !arrived',
    replace: '  return status === "delivered" && !arrived && order.closed',
    test: order("track", "an order that was delivered by mistake"),
  },
  {
    name: "the units of a lost parcel count as shipped, though they are sent once more",
    file: "src/order/quantities.ts",
    find: "      for (const line of shipment.lines) shipped -= line.quantity;",
    replace: "",
    test: order("reship", "what a lost parcel had in it"),
  },
  {
    name: "a lost parcel is sent again as often as somebody asks",
    file: "src/order/reship.ts",
    find: '  if (shipment.status === "replaced") {',
    replace: '  if (shipment.status === "replaced" && order.closed) {',
    test: order("reship", "what is delivered, replaced, held or unknown"),
  },
  {
    name: "an exception stays in its list when it is over",
    file: "src/order/lists.ts",
    find: '    const change = to === "exception" ? add : remove;',
    replace: '    const change = to === "exception" || id !== "" ? add : remove;',
    test: api("shipments", "delivery exceptions are listed"),
  },
  {
    name: "a list that came later is filled from the first documents only",
    file: "actors/index/fill-lists.ts",
    find: "        isWhole = entries.length < indexLimits.documentsPerFill;",
    replace: "        isWhole = entries.length <= indexLimits.documentsPerFill;",
    test: {
      file: "test/actors/fill_lists_test.ts",
      name: "more documents than are read at once",
    },
  },
  {
    name: "the customer's phone number goes into a note, and so into the log",
    file: "api/order/personal.ts",
    find: "  return pointer === null\n",
    replace: '  return pointer === null || command.type === "note"\n',
    test: api("shipments", "what belongs to the customer"),
  },
  {
    name: "a batch of scans that is sent again is picked again",
    file: "api/order/pages/work.tsx",
    find: `      json: { lines: typedLines(fields) },
      idempotencyKey: field(fields, "once") || undefined,`,
    replace: "      json: { lines: typedLines(fields) },",
    test: api("scans", "a batch of scans is picked at once"),
  },
  {
    name: "a button has the focus when a page of work is there",
    file: "api/dashboard/parts.tsx",
    find: '      <button type="submit" class={tone}>{label}</button>\n      {preview',
    replace: '      <button type="submit" class={tone} autofocus>{label}</button>\n      {preview',
    test: api("scans", "nothing that can be pressed"),
  },
];
