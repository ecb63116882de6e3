/** Statuses of orders, fulfillment orders, shipments and payments, in their colors. */
import { Badge, type Tones } from "../../dashboard/parts.tsx";

const tones: Tones = {
  held: "bad",
  backordered: "warn",
  partially_allocated: "warn",
  allocating: "busy",
  allocated: "busy",
  waiting: "busy",
  open: "warn",
  accepted: "busy",
  fulfilling: "busy",
  partially_picked: "busy",
  picked: "busy",
  packed: "busy",
  ready_for_pickup: "busy",
  partially_shipped: "busy",
  shipped: "good",
  in_transit: "good",
  out_for_delivery: "good",
  collected: "good",
  delivered: "good",
  completed: "good",
  exception: "bad",
  authorized: "busy",
  pending: "busy",
  paid: "good",
  captured: "good",
  partially_captured: "busy",
  partially_paid: "warn",
  unpaid: "warn",
  overpaid: "warn",
  expired: "bad",
  failed: "bad",
  rejected: "bad",
  requested: "warn",
  partially_received: "busy",
  received: "busy",
  declined: "bad",
};

export const StatusBadge = ({ status }: { readonly status: string }) => (
  <Badge status={status} tones={tones} />
);
