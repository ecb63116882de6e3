/** What the status stream says about a log entry: one change for each event. Pure. */
import type { Instant } from "../kernel/instant.ts";
import type { Order, OrderEvent, OrderStatus } from "../order/order.ts";
import { type Money, moneyOf } from "../kernel/money.ts";
import type {
  FulfillmentChange,
  LogEntry,
  LogRecord,
  OrderRecord,
  Position,
} from "../store/log.ts";

export interface ChangeData {
  readonly type: string;
  readonly position: Position;
  readonly at: Instant;
  /** The id of an API key, or `system`. */
  readonly by: string;
  readonly orderId?: string;
  readonly channel?: string;
  /** Locations that the event's commit touched for this order. */
  readonly locationIds?: readonly string[];
  /** The order's status before and after all events of its commit. */
  readonly status?: { readonly from: OrderStatus | null; readonly to: OrderStatus };
  readonly fulfillmentOrders?: readonly FulfillmentChange[];
  readonly details: object;
}

export interface StatusChange {
  /** Counts the entry's changes from 0: with the position it names the change for good. */
  readonly index: number;
  readonly data: ChangeData;
  /** About keys: for administrators only. */
  readonly access: boolean;
}

/** Which changes somebody sees; what is absent does not matter. */
export interface ChangeFilter {
  readonly channel?: string | undefined;
  readonly locationId?: string | undefined;
  readonly orderId?: string | undefined;
  readonly type?: string | undefined;
  /** That there are changes is told, once for each log entry, and not what they are. */
  readonly brief?: boolean | undefined;
  /** Whether changes of keys are seen. */
  readonly access: boolean;
}

interface Placed {
  readonly externalId: string;
  readonly customerId?: string;
  readonly lines: number;
  readonly units: number;
  readonly total: Money;
}

const placed = (order: Order): Placed => ({
  externalId: order.externalId,
  ...(order.customerId === undefined ? {} : { customerId: order.customerId }),
  lines: order.lines.length,
  units: order.lines.reduce((sum, { quantity }) => sum + quantity, 0),
  total: moneyOf(order.totals.total, order.currency),
});

/** An event without what belongs to the order's own page: lines of a large order are no status. */
const detailsOf = (event: OrderEvent): object => {
  switch (event.type) {
    case "order.placed":
      return placed(event.order);
    case "order.allocated":
      return {
        complete: event.complete,
        units: event.fulfillmentOrders.reduce(
          (sum, { lines }) => lines.reduce((units, { quantity }) => units + quantity, sum),
          0,
        ),
      };
    case "shipment.created": {
      const { id, fulfillmentOrderId, carrier, trackingNumber, lines } = event.shipment;
      return {
        shipmentId: id,
        fulfillmentOrderId,
        carrier,
        trackingNumber,
        units: lines.reduce((sum, { quantity }) => sum + quantity, 0),
      };
    }
    default: {
      const { type: _type, ...details } = event;
      return details;
    }
  }
};

const locationsOf = (record: OrderRecord): readonly string[] => {
  const locations = new Set<string>();
  for (const { locationId } of record.fulfillment) {
    if (locationId !== null) locations.add(locationId);
  }
  for (const { locationId } of record.stock) locations.add(locationId);
  return [...locations];
};

const dataOf = (record: LogRecord, position: Position): readonly ChangeData[] => {
  const { at, by } = record;
  switch (record.kind) {
    case "order": {
      const { orderId, channel, from, to } = record;
      const shared = {
        position,
        at,
        by,
        orderId,
        channel,
        locationIds: locationsOf(record),
        status: { from, to },
        fulfillmentOrders: record.fulfillment,
      };
      return record.events.map((event) => ({
        type: event.type,
        ...shared,
        details: detailsOf(event),
      }));
    }
    case "stock": {
      const { type, locationId, reason, reference } = record;
      const changes = record.stock.map(({ locationId: _locationId, ...change }) => change);
      const details = { reason, reference, changes };
      return [{ type, position, at, by, locationIds: [locationId], details }];
    }
    case "catalog": {
      const { type, id } = record;
      const locationIds = type === "location.saved" ? { locationIds: [id] } : {};
      return [{ type, position, at, by, ...locationIds, details: { id } }];
    }
    case "access":
      return [{ type: record.type, position, at, by, details: { keyId: record.keyId } }];
  }
};

/** All changes of an entry, in order. */
export const statusChanges = (entry: LogEntry): readonly StatusChange[] =>
  entry.records
    .flatMap((record) =>
      dataOf(record, entry.position).map((data) => ({ data, access: record.kind === "access" }))
    )
    .map((change, index) => ({ index, ...change }));

export const isSeen = ({ data, access }: StatusChange, filter: ChangeFilter): boolean =>
  (filter.access || !access) &&
  (filter.type === undefined || data.type === filter.type) &&
  (filter.orderId === undefined || data.orderId === filter.orderId) &&
  (filter.channel === undefined || data.channel === filter.channel) &&
  (filter.locationId === undefined || (data.locationIds?.includes(filter.locationId) ?? false));

/** A reader's place in the log: everything up to that change has been seen. */
export interface StreamPosition {
  readonly position: Position;
  /** Null: the whole entry. */
  readonly index: number | null;
}

export const eventId = (position: Position, index: number): string => `${position}.${index}`;

/** What a stream's event id says; null when it is none of ours. */
export const parseEventId = (id: string): StreamPosition | null => {
  const found = /^([0-9a-f]{20})(?:\.(\d{1,7}))?$/.exec(id);
  const position = found?.[1];
  if (position === undefined) return null;
  return { position, index: found?.[2] === undefined ? null : Number(found[2]) };
};
