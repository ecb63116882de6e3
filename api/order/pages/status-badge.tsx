/** Statuses of orders, fulfillment orders and shipments, in their colors. */
import { Badge, type Tones } from "../../dashboard/parts.tsx";

const tones: Tones = {
  held: "bad",
  backordered: "warn",
  partially_allocated: "warn",
  allocating: "busy",
  allocated: "busy",
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
  rejected: "bad",
};

export const StatusBadge = ({ status }: { readonly status: string }) => (
  <Badge status={status} tones={tones} />
);
