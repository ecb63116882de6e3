/**
 * An order and its log records side by side. A document names the log positions that made it, and the log
 * never changes: so this holds at every moment, however busy the store is. Pure.
 */
import { orderKeys } from "../order/keys.ts";
import { stockKey } from "../stock/keys.ts";
import { evolve } from "../order/evolve.ts";
import type { Order, OrderEvent } from "../order/order.ts";
import { hasEnded } from "../order/quantities.ts";
import type { OrderDocument } from "../order/document.ts";
import { keys } from "../store/keys.ts";
import { type OrderRecord, shipmentChanges } from "../order/record.ts";
import { type Position } from "../store/log.ts";
import { findPersonalData, type PersonalData, personalDataOf } from "./personal-data.ts";
import type { Findings, Invariant } from "./report.ts";
import { differences, sameJson } from "./same.ts";

interface RowUnits {
  reserved: number;
  onHand: number;
}

type UnitsByRow = Map<string, RowUnits>;

const addUnits = (
  units: UnitsByRow,
  locationId: string,
  sku: string,
  reserved: number,
  onHand: number,
): void => {
  const row = JSON.stringify([locationId, sku]);
  const known = units.get(row);
  if (known === undefined) units.set(row, { reserved, onHand });
  else {
    known.reserved += reserved;
    known.onHand += onHand;
  }
};

/** What the order's document says that it reserves and has taken off the shelf. */
const unitsOfOrder = (order: Order): UnitsByRow => {
  const units: UnitsByRow = new Map();
  for (const fulfillmentOrder of order.fulfillmentOrders) {
    const { locationId, lines } = fulfillmentOrder;
    if (locationId === null) continue;
    const open = !hasEnded(fulfillmentOrder);
    for (const { sku, quantity, shipped } of lines) {
      addUnits(units, locationId, sku, open ? quantity - shipped : 0, -shipped);
    }
  }
  return units;
};

/** Units that the events say have left for the customer. */
const unitsLeaving = (before: Order | null, event: OrderEvent): number => {
  if (event.type === "shipment.created") {
    return event.shipment.lines.reduce((sum, { quantity }) => sum + quantity, 0);
  }
  if (
    event.type !== "fulfillment_order.collected" && event.type !== "fulfillment_order.delivered"
  ) return 0;
  const found = before?.fulfillmentOrders.find(({ id }) => id === event.fulfillmentOrderId);
  return found?.lines.reduce((sum, { quantity, shipped }) => sum + quantity - shipped, 0) ?? 0;
};

const shippedIn = (order: Order): number =>
  order.fulfillmentOrders.reduce(
    (sum, { lines }) => lines.reduce((units, { shipped }) => units + shipped, sum),
    0,
  );

export class OrderReplay {
  readonly orderId: string;
  /** The document's own versionstamp: its last log position. */
  readonly last: Position;
  readonly #document: OrderDocument;
  readonly #positions: readonly Position[];
  readonly #personal: PersonalData;
  readonly #units: UnitsByRow = new Map();
  #next = 0;
  #folded: Order | null = null;
  #shipped = 0;
  #broken = false;

  constructor(
    document: OrderDocument,
    versionstamp: Position,
    private readonly findings: Findings,
  ) {
    this.orderId = document.order.id;
    this.last = versionstamp;
    this.#document = document;
    this.#positions = [...document.history, versionstamp];
    this.#personal = personalDataOf(document.contact, document.order);
  }

  /** The log positions that the document names, its own last. */
  get positions(): readonly Position[] {
    return this.#positions;
  }

  #wrong(invariant: Invariant, detail: string, position?: Position): void {
    this.findings.add(
      invariant,
      position === undefined
        ? [orderKeys.order(this.orderId)]
        : [orderKeys.order(this.orderId), keys.log(position)],
      `Order ${this.orderId}: ${detail}`,
    );
  }

  /** The order's records at its positions must come in the order of the log. */
  add(position: Position, record: OrderRecord): void {
    const leak = findPersonalData(record, this.#personal);
    if (leak !== null) {
      this.#wrong(
        "log-without-personal-data",
        `its record has personal data at ${leak}.`,
        position,
      );
    }
    this.#skipTo(position);
    this.#fold(position, record);
    for (const { locationId, sku, reserved, onHand } of record.stock) {
      addUnits(this.#units, locationId, sku, reserved, onHand);
    }
  }

  #skipTo(position: Position): void {
    while ((this.#positions[this.#next] ?? "~") < position) {
      this.#missing(this.#positions[this.#next] ?? "");
    }
    if (this.#positions[this.#next] === position) this.#next++;
  }

  #missing(position: Position): void {
    this.#wrong("order-is-its-log", "its history names a position without its record.", position);
    this.#broken = true;
    this.#next++;
  }

  #fold(position: Position, record: OrderRecord): void {
    if (record.from !== (this.#folded?.status ?? null)) {
      this.#wrong("order-is-its-log", `a record begins at status ${record.from}.`, position);
    }
    if (record.version !== (this.#folded?.version ?? 0) + 1) {
      this.#wrong("order-is-its-log", `a record has version ${record.version}.`, position);
    }
    const before = this.#folded;
    for (const event of record.events) {
      if (this.#folded === null && event.type !== "order.placed") {
        this.#wrong("order-is-its-log", `it begins with ${event.type}.`, position);
        this.#broken = true;
        return;
      }
      this.#shipped += unitsLeaving(this.#folded, event);
      this.#folded = evolve(this.#folded, event, record.at);
    }
    if (this.#folded === null) return;
    this.#folded = { ...this.#folded, version: record.version };
    if (record.to !== this.#folded.status) {
      this.#wrong("order-is-its-log", `a record ends at status ${record.to}.`, position);
    }
    // Records of earlier versions do not say what became of shipments.
    if (
      record.shipments !== undefined &&
      !sameJson(record.shipments, shipmentChanges(before, this.#folded))
    ) {
      this.#wrong("order-is-its-log", "a record tells other changes of shipments.", position);
    }
  }

  /** To be called when the log was read up to the document's own position. */
  finish(): void {
    while (this.#next < this.#positions.length) this.#missing(this.#positions[this.#next] ?? "");
    // What is missing would be reported again as each of the differences that it makes.
    if (this.#broken) return;
    const { order } = this.#document;
    if (this.#folded !== null && !sameJson(this.#folded, order)) {
      const names = differences(this.#folded, order).join(", ");
      this.#wrong("order-is-its-log", `its log makes something else of it: ${names}.`, this.last);
    }
    const shipped = shippedIn(order);
    if (shipped !== this.#shipped) {
      this.#wrong("units-conserved", `${shipped} units left, by its log ${this.#shipped}.`);
    }
    this.#compareUnits(unitsOfOrder(order));
  }

  #compareUnits(expected: UnitsByRow): void {
    for (const row of new Set([...expected.keys(), ...this.#units.keys()])) {
      const [locationId, sku] = JSON.parse(row) as [string, string];
      const wanted = expected.get(row) ?? { reserved: 0, onHand: 0 };
      const had = this.#units.get(row) ?? { reserved: 0, onHand: 0 };
      const report = (invariant: Invariant, detail: string) =>
        this.findings.add(
          invariant,
          [orderKeys.order(this.orderId), stockKey(locationId, sku)],
          `Order ${this.orderId}: ${detail} of ${sku} at ${locationId}.`,
        );
      if (wanted.reserved !== had.reserved) {
        report(
          "reserved-is-allocated",
          `${wanted.reserved} units are allocated, ${had.reserved} reserved`,
        );
      }
      if (wanted.onHand !== had.onHand) {
        report("units-conserved", `${-wanted.onHand} units left, ${-had.onHand} were taken`);
      }
    }
  }
}
