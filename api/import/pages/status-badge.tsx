/** Statuses of imports, and what became of rows, in their colors. */
import { Badge, type Tones } from "../../dashboard/parts.tsx";

const tones: Tones = {
  running: "busy",
  completed: "good",
  interrupted: "bad",
  created: "good",
  rejected: "bad",
};

export const StatusBadge = ({ status }: { readonly status: string }) => (
  <Badge status={status} tones={tones} />
);
