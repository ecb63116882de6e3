/** Parts that the pages of webhook endpoints share. */
import type { WebhookView } from "../views.ts";
import { Badge, Count, type Tones } from "../../dashboard/parts.tsx";
import type { Visit } from "../../dashboard/visit.ts";

const tones: Tones = { active: "good", failing: "bad", paused: "bad", disabled: "warn" };

export const EndpointStatus = ({ status }: Pick<WebhookView, "status">) => (
  <Badge status={status} tones={tones} />
);

/** What the rows of endpoints, feeds and other lanes show of each. */
type Lane = Pick<WebhookView, "status" | "waiting" | "failed" | "secondsBehind"> & {
  readonly reason?: string | undefined;
};

export const StatusCell = ({ lane }: { readonly lane: Pick<Lane, "status" | "reason"> }) => (
  <td>
    <EndpointStatus status={lane.status} />
    {lane.reason === undefined ? null : <p class="hint">{lane.reason}</p>}
  </td>
);

export const BehindCell = ({ lane, visit }: {
  readonly lane: Pick<Lane, "secondsBehind">;
  readonly visit: Visit;
}) => <td class="number">{visit.format.number(Math.round(lane.secondsBehind))} s</td>;

/** How much waits, how much failed, and how far behind it is. */
export const LaneCells = ({ lane, visit }: {
  readonly lane: Pick<Lane, "waiting" | "failed" | "secondsBehind">;
  readonly visit: Visit;
}) => (
  <>
    <td class="number">
      <Count of={lane.waiting} visit={visit} />
    </td>
    <td class="number">
      <Count of={lane.failed} visit={visit} />
    </td>
    <BehindCell lane={lane} visit={visit} />
  </>
);

/** The secret that was made now: it is on this page and on no other. */
export const Secret = ({ secret }: { readonly secret: string | null }) => (
  <div class="message good" role="status" id="secret">
    {secret === null
      ? <p>The secret was shown when the form was sent first. Make another one if it is lost.</p>
      : (
        <>
          <p>Messages are signed with this secret. It is shown only now: keep it.</p>
          <p class="code">{secret}</p>
        </>
      )}
  </div>
);
