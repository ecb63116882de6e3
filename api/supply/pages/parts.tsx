/** Parts that the pages of purchase orders and of transfers share. */
import type { Instant } from "../../../src/kernel/instant.ts";
import { supplyLimits } from "../../../src/supply/limits.ts";
import { titleOf } from "../../../src/subject/event-type.ts";
import type { EventEnvelope } from "../../../src/subject/event.ts";
import {
  ActionForm,
  Badge,
  Card,
  Empty,
  Field,
  Table,
  type Tones,
  When,
} from "../../dashboard/parts.tsx";
import type { RefusedReply } from "../../http/in-process.ts";
import { field, type FormFields, type Visit } from "../../dashboard/visit.ts";

const tones: Tones = {
  open: "warn",
  requested: "warn",
  changing: "busy",
  partially_shipped: "busy",
  in_transit: "busy",
  partially_received: "busy",
  received: "good",
  cancelled: "bad",
};

export const SupplyStatus = ({ status }: { readonly status: string }) => (
  <Badge status={status} tones={tones} />
);

/** When units are to be there, and whether they should be by now. */
export const Due = (
  { at, isOpen, visit }: {
    readonly at: Instant;
    readonly isOpen: boolean;
    readonly visit: Visit;
  },
) => (
  <>
    <When at={at} visit={visit} />
    {isOpen && Date.parse(at) < visit.nowMs ? <span class="badge bad">Late</span> : null}
  </>
);

/** What happened, the oldest first. */
export const History = (
  { events, visit }: { readonly events: readonly EventEnvelope[]; readonly visit: Visit },
) => (
  <Card title="History">
    <Table label="History" head={[{ text: "What" }, { text: "When" }, { text: "By", wide: true }]}>
      {events.map(({ type, at, by }) => (
        <tr>
          <td>{titleOf(type)}</td>
          <td>
            <When at={at} visit={visit} />
          </td>
          <td class="wide code">{by}</td>
        </tr>
      ))}
    </Table>
  </Card>
);

/** Deliveries, or shipments. */
export const Steps = ({ title, steps, visit }: {
  readonly title: string;
  readonly steps: readonly {
    readonly id: string;
    readonly reference?: string;
    readonly at: Instant;
    readonly by: string;
  }[];
  readonly visit: Visit;
}) => (
  <Card title={title}>
    {steps.length === 0 ? <Empty>None yet.</Empty> : (
      <Table
        label={title}
        head={[{ text: "Reference" }, { text: "When" }, { text: "By", wide: true }]}
      >
        {steps.map(({ id, reference, at, by }) => (
          <tr>
            <td class="code">{reference ?? id}</td>
            <td>
              <When at={at} visit={visit} />
            </td>
            <td class="wide code">{by}</td>
          </tr>
        ))}
      </Table>
    )}
  </Card>
);

/** A line of which units are still to come. */
export interface ComingLine {
  readonly lineId: string;
  readonly sku: string;
  readonly left: number;
}

/** The further counts of a line, by the beginning of their fields' names. */
export interface FurtherCount {
  readonly prefix: string;
  readonly label: string;
}

/**
 * The desk at which a delivery is counted: scans count up the lines, whatever has the focus, and only the button
 * sends what is counted.
 */
export const ReceivingDesk = ({ id, lines, further, action, visit }: {
  readonly id: string;
  readonly lines: readonly ComingLine[];
  readonly further: readonly FurtherCount[];
  readonly action: string;
  readonly visit: Visit;
}) => (
  <section
    id="receiving"
    class="card"
    aria-label="Receiving"
    data-id={id}
    data-lines={JSON.stringify(lines)}
  >
    <header>
      <h2>Receive</h2>
    </header>
    <p id="scan-said" role="status" class="message">Ready to scan</p>
    <form method="get" class="action">
      <Field label="Scan or type a SKU: one unit is counted" name="code" id="scan" scan />
    </form>
    <ActionForm visit={visit} action={action} label="Receive what is counted" tone="main">
      <Field label="Reference, such as a delivery note's number" name="reference" />
      {lines.map(({ lineId, sku, left }) => (
        <fieldset>
          <legend>
            <span class="code">{sku}</span>, {visit.format.number(left)} to come
          </legend>
          <Field
            label={`Units of ${sku} that came`}
            name={`line:${lineId}`}
            id={`line-${lineId}`}
            type="number"
            minimum={0}
            maximum={supplyLimits.unitsPerLine}
            value="0"
          />
          {further.map(({ prefix, label }) => (
            <Field
              label={`${label} (${sku})`}
              name={`${prefix}:${lineId}`}
              id={`${prefix}-${lineId}`}
              type="number"
              minimum={0}
              maximum={supplyLimits.unitsPerLine}
              value="0"
            />
          ))}
        </fieldset>
      ))}
    </ActionForm>
  </section>
);

/** The counts of a form by line: lines of which nothing is counted are left out. */
export const countedLines = (fields: FormFields, further: readonly FurtherCount[]) => {
  const prefixes = ["line", ...further.map(({ prefix }) => prefix)];
  const lines = new Map<string, Record<string, number>>();
  for (const [name, text] of fields) {
    const [prefix = "", lineId = ""] = name.split(":");
    const units = Number(text);
    if (!prefixes.includes(prefix) || units === 0) continue;
    lines.set(lineId, { ...lines.get(lineId), [prefix === "line" ? "quantity" : prefix]: units });
  }
  return [...lines].map(([lineId, counts]) => ({ lineId, ...counts }));
};

/** The body of a receipt that a form has counted. */
export const countedReceipt = (fields: FormFields, further: readonly FurtherCount[]) => {
  const reference = field(fields, "reference");
  return {
    ...(reference === "" ? {} : { reference }),
    lines: countedLines(fields, further),
  };
};

/** Without any line the API receives all that is to come: nobody who has counted nothing means that. */
export const nothingCounted: RefusedReply = {
  ok: false,
  status: 422,
  title: "Nothing is counted",
  problem: {
    type: { name: "invalid-request", status: 422, title: "Nothing is counted" },
    detail: "Scan what has come, or type how many units of each line.",
  },
};
