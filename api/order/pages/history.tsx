/** The events of an order in words. */
import { When, words } from "../../dashboard/parts.tsx";
import type { Visit } from "../../dashboard/visit.ts";
import type { EventView } from "./operations.ts";
import { StatusBadge } from "./status-badge.tsx";

export interface NamedEvent extends EventView {
  /** The name of the API key that did it. */
  readonly name: string;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const records = (value: unknown): readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) ? value.filter(isRecord) : [];

const quantitiesIn = (value: unknown): string =>
  records(value).map(({ quantity, sku, lineId }) => `${quantity} × ${sku ?? `line ${lineId}`}`)
    .join(", ");

const textsIn = (value: unknown): string =>
  Array.isArray(value) ? value.filter((text) => typeof text === "string").join(", ") : "";

/** What a carrier reported. */
const reportOf = (value: unknown): string =>
  isRecord(value)
    ? [value["status"], value["description"]].filter((text) => typeof text === "string").join(": ")
    : "";

/** The parts of an event that people ask for: what, where, why. */
const detailsOf = (event: EventView): readonly string[] => {
  const { reason, lines, carrier, fulfillmentOrderId } = event;
  const shipment = isRecord(event["shipment"]) ? event["shipment"] : {};
  const parts = [
    typeof reason === "string" ? reason : "",
    quantitiesIn(lines),
    // Of those that an event did not make, no lines are told.
    ...records(event["fulfillmentOrders"]).filter(({ lines }) => lines !== undefined).map((each) =>
      `${each["locationId"] ?? "digital"}: ${quantitiesIn(each["lines"])}`
    ),
    typeof fulfillmentOrderId === "string" ? fulfillmentOrderId : "",
    [
      carrier,
      shipment["carrier"],
      shipment["trackingNumber"],
      textsIn(shipment["moreTrackingNumbers"]),
      quantitiesIn(shipment["lines"]),
    ].filter((text) => typeof text === "string" && text !== "").join(" "),
    reportOf(event["tracking"]),
    event.type === "shipment.tracking_corrected"
      ? `${reportOf(event["was"])} → ${reportOf(event["becomes"]) || "nothing"}`
      : "",
    textsIn(event["trackingNumbers"]),
    typeof event["text"] === "string" ? event["text"] : "",
  ];
  return parts.filter((text) => text !== "");
};

export const EventItem = (
  { event, visit }: { readonly event: NamedEvent; readonly visit: Visit },
) => (
  <li>
    <span>
      <strong>{words(event.type)}</strong> by {event.name} {event.from === event.to ? null : (
        <>
          → <StatusBadge status={event.to} />
        </>
      )}
    </span>
    <When at={event.at} visit={visit} />
    <span class="why">{detailsOf(event).join(" · ")}</span>
  </li>
);
