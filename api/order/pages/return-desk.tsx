/**
 * The desk at which a return is taken in by scanner: first each unit that comes is counted, then each is given its
 * disposition. Scans are queued by `scan.js`, as at the station; a form does it for those without scripts.
 */
import { type Disposition, dispositions } from "../../../src/order/return.ts";
import { words } from "../../dashboard/parts.tsx";
import type { FormFields, PageContext, Visit } from "../../dashboard/visit.ts";
import { path } from "../../dashboard/visit.ts";
import { operation, type Reply } from "../../http/in-process.ts";
import { returnActionTable } from "../return-actions.ts";
import type { ReturnView } from "../return-schemas.ts";
import { scansAnswerOf, type ScanState, ScanStation } from "./station.tsx";

/** What is done with a scan: it counts a unit that has come, or inspects one. */
export type DeskWork = "receive" | "inspect";

export const isWork = (text: string | undefined): text is DeskWork =>
  text === "receive" || text === "inspect";

/** The work of the desk now. What has come may be inspected while the rest is still to come. */
export const deskWork = (each: ReturnView, asked: string | undefined): DeskWork =>
  each.supportedActions.includes("inspect") &&
    (asked === "inspect" || !each.supportedActions.includes("receive"))
    ? "inspect"
    : "receive";

const whyNot = (each: ReturnView, work: DeskWork, visit: Visit): string => {
  if (!visit.calls.may(operation(returnActionTable[work]))) return `Your key may not ${work}.`;
  if (each.supportedActions.includes(work)) return "";
  return each.status === "requested"
    ? "Authorize it before you receive."
    : each.status === "received"
    ? "All of it has come: inspect it now."
    : `It is ${words(each.status)}.`;
};

/** Units to scan and units scanned, by what the desk does. */
export const deskState = (each: ReturnView, work: DeskWork, visit: Visit): ScanState => {
  const why = whyNot(each, work, visit);
  return {
    ...{ version: each.version, held: false, canPick: why === "", why },
    lines: each.lines.map(({ lineId, sku, quantity, received, awaitingInspection }) => ({
      ...{ lineId, sku },
      ...(work === "receive"
        ? { quantity: Math.max(quantity, received), picked: received }
        : { quantity: received, picked: received - awaitingInspection }),
    })),
  };
};

export const deskPath = (each: Pick<ReturnView, "id">, work: DeskWork): string =>
  path("returns", each.id, `${work}-scans`);

/** A code of a disposition may be scanned as well: a card beside the desk can have them all. */
const Modes = () => (
  <fieldset class="modes">
    <legend>Each scan is a unit to</legend>
    {dispositions.map((disposition) => (
      <label>
        <input
          type="radio"
          name="disposition"
          value={disposition}
          data-scan-mode
          checked={disposition === "restock"}
        />
        {words(disposition)}
      </label>
    ))}
  </fieldset>
);

export const Desk = ({ each, work, visit, isLive }: {
  readonly each: ReturnView;
  readonly work: DeskWork;
  readonly visit: Visit;
  readonly isLive: boolean;
}) => {
  const isReceiving = work === "receive";
  const done = isReceiving ? "received" : "inspected";
  return (
    <ScanStation
      visit={visit}
      state={deskState(each, work, visit)}
      label={isReceiving ? "Receiving" : "Inspecting"}
      url={deskPath(each, work)}
      action={path("returns", each.id, `${work}-scan`)}
      nextLabel={isReceiving ? "To come" : "Inspect next"}
      fieldLabel={`Scan or type a SKU: one unit is ${done}`}
      button={isReceiving ? "Receive one" : "Inspect one"}
      done={done}
      what="return"
      isLive={isLive}
    >
      {isReceiving ? null : <Modes />}
    </ScanStation>
  );
};

const isDisposition = (text: string): text is Disposition =>
  dispositions.some((each) => each === text);

/** The units that a batch of scans, or a form, says: by line, and by disposition where there is one. */
export const scannedUnits = (fields: FormFields) =>
  [...fields].flatMap(([name, text]) => {
    const [kind, lineId = "", mode = ""] = name.split(":");
    const quantity = Number(text);
    return kind === "line" && quantity !== 0 ? [{ lineId, quantity, mode }] : [];
  });

/** What is asked of the API for so many scanned units. */
export const deskBody = (work: DeskWork, units: ReturnType<typeof scannedUnits>) => ({
  lines: units.map(({ lineId, quantity, mode }) => ({
    ...{ lineId, quantity },
    // Without one the API says what is missing.
    ...(work === "inspect" ? { disposition: isDisposition(mode) ? mode : undefined } : {}),
  })),
});

export const deskAnswer = (
  c: PageContext,
  work: DeskWork,
  told: Reply<ReturnView>,
  look: () => Promise<Reply<ReturnView>>,
): Promise<Response> =>
  scansAnswerOf(c, told, look, (each) => deskState(each, work, c.get("visit")));
