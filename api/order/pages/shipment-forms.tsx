/** The forms of the actions on a shipment, for its page and for the list of exceptions. */
import { trackingStatuses } from "../../../src/order/order.ts";
import { type Instant, instantOf } from "../../../src/kernel/instant.ts";
import { OfferedAction } from "../../dashboard/action-form.tsx";
import { localText, typedInstant } from "../../dashboard/local-time.ts";
import { Field, Select, words } from "../../dashboard/parts.tsx";
import { field, type FormFields, path, type Visit } from "../../dashboard/visit.ts";
import { operation } from "../../http/in-process.ts";
import { reason } from "../actions.ts";
import { descriptionField, shipmentActions } from "../shipment-actions.ts";
import type { ShipmentView } from "./operations.ts";
import { typedNumbers } from "./tracking-numbers.ts";

interface FormProps {
  readonly shipment: ShipmentView;
  readonly visit: Visit;
  /** The page to come back to, where that is not the shipment's own. */
  readonly back?: string;
}

type ActionName = keyof typeof shipmentActions;

export const mayDo = (visit: Visit, name: ActionName): boolean =>
  visit.calls.may(operation(shipmentActions[name]));

const to = ({ id }: ShipmentView, name: string): string => path("shipments", id, name);

const Back = ({ back }: { readonly back: string | undefined }) =>
  back === undefined ? null : <input type="hidden" name="back" value={back} />;

/** Names of fields that one page may have several of. */
const purposeOf = (name: string, { id }: ShipmentView): string => `${name}-${id}`;

const When = ({ id, visit, at }: {
  readonly id: string;
  readonly visit: Visit;
  readonly at?: Instant;
}) => (
  <Field
    label={at === undefined ? "When, if not now" : "When"}
    name="occurredAt"
    id={id}
    type="datetime-local"
    step={1}
    value={at === undefined ? undefined : localText(at, visit)}
  />
);

const Status = ({ id, value }: { readonly id: string; readonly value: string }) => (
  <Select
    label="Status"
    name="status"
    id={id}
    value={value}
    choices={trackingStatuses.map((status) => ({ value: status, text: words(status) }))}
  />
);

export const ReportForm = ({ shipment, visit, back }: FormProps) => {
  const purpose = purposeOf("report", shipment);
  return mayDo(visit, "tracking")
    ? (
      <OfferedAction
        visit={visit}
        name={purpose}
        action={shipmentActions.tracking}
        to={to(shipment, "tracking")}
      >
        <Back back={back} />
        <Status id={`${purpose}-status`} value="in_transit" />
        <When id={`${purpose}-when`} visit={visit} />
      </OfferedAction>
    )
    : null;
};

/** The dashboard's own form of the same action: one press. */
export const delivered = {
  says: { button: "Delivered", done: "The shipment is delivered." },
} as const;

export const DeliveredForm = ({ shipment, visit, back }: FormProps) =>
  mayDo(visit, "tracking") && shipment.deliveredAt === undefined
    ? (
      <OfferedAction
        visit={visit}
        name={purposeOf("delivered", shipment)}
        action={delivered}
        to={to(shipment, "delivered")}
      >
        <Back back={back} />
      </OfferedAction>
    )
    : null;

export const NoteForm = ({ shipment, visit, back }: FormProps) =>
  mayDo(visit, "note")
    ? (
      <OfferedAction
        visit={visit}
        name={purposeOf("note", shipment)}
        action={shipmentActions.note}
        to={to(shipment, "note")}
      >
        <Back back={back} />
      </OfferedAction>
    )
    : null;

export const ReshipForm = ({ shipment, visit, back }: FormProps) =>
  mayDo(visit, "reship") && shipment.status !== "delivered" && shipment.status !== "replaced"
    ? (
      <OfferedAction
        visit={visit}
        name={purposeOf("reship", shipment)}
        action={shipmentActions.reship}
        to={to(shipment, "reship")}
      >
        <Back back={back} />
      </OfferedAction>
    )
    : null;

export const NumbersForm = ({ shipment, visit }: FormProps) =>
  mayDo(visit, "set-tracking-numbers")
    ? (
      <OfferedAction
        visit={visit}
        name="numbers"
        action={shipmentActions["set-tracking-numbers"]}
        to={to(shipment, "set-tracking-numbers")}
      >
        <Field
          label="All of them, with commas"
          name="trackingNumbers"
          id="numbers-trackingNumbers"
          maxLength={5_000}
          value={shipment.trackingNumbers.join(", ")}
        />
      </OfferedAction>
    )
    : null;

type Report = ShipmentView["tracking"][number];

/** The dashboard's own words for taking a report back. */
export const withdrawn = {
  says: {
    opens: "Withdraw…",
    button: "Take it back",
    fields: [reason],
    done: "The report is taken back.",
  },
};

/** Which report is meant: as it is, in hidden fields. */
const Was = ({ report }: { readonly report: Report }) => (
  <>
    <input type="hidden" name="was-status" value={report.status} />
    <input type="hidden" name="was-occurredAt" value={report.occurredAt} />
    {report.description === undefined
      ? null
      : <input type="hidden" name="was-description" value={report.description} />}
  </>
);

export const CorrectForms = ({ shipment, report, n, visit }: FormProps & {
  readonly report: Report;
  readonly n: number;
}) => {
  if (!mayDo(visit, "correct-tracking")) return null;
  const { says } = shipmentActions["correct-tracking"];
  const [correct, withdraw] = [`correct-${n}`, `withdraw-${n}`];
  return (
    <div class="actions">
      <OfferedAction
        visit={visit}
        name={correct}
        action={{ says: { ...says, fields: [reason] } }}
        to={to(shipment, "correct-tracking")}
      >
        <Was report={report} />
        <Status id={`${correct}-status`} value={report.status} />
        <When id={`${correct}-when`} visit={visit} at={report.occurredAt} />
        <Field
          label={descriptionField.label}
          name={descriptionField.name}
          id={`${correct}-description`}
          maxLength={descriptionField.maxLength}
          value={report.description}
        />
      </OfferedAction>
      <OfferedAction
        visit={visit}
        name={withdraw}
        action={withdrawn}
        to={to(shipment, "withdraw-tracking")}
      >
        <Was report={report} />
      </OfferedAction>
    </div>
  );
};

const described = (fields: FormFields, name: string) => {
  const description = field(fields, name);
  return description === "" ? {} : { description };
};

/** The report that a form makes; of now where it does not say when. */
export const reportIn = (fields: FormFields, visit: Visit) => ({
  status: field(fields, "status"),
  occurredAt: typedInstant(fields, "occurredAt", visit) ?? instantOf(visit.nowMs),
  ...described(fields, "description"),
});

/** The report that a form corrects, in its fields' words. */
export const wasIn = (fields: FormFields) => ({
  status: field(fields, "was-status"),
  occurredAt: field(fields, "was-occurredAt"),
  // White space at its ends belongs to a text that is to be found again.
  ...(fields.has("was-description") ? { description: fields.get("was-description") } : {}),
});

export const correctionIn = (fields: FormFields, visit: Visit) => {
  const was = wasIn(fields);
  return {
    was,
    becomes: {
      status: field(fields, "status"),
      occurredAt: typedInstant(fields, "occurredAt", visit, was.occurredAt) ?? was.occurredAt,
      ...described(fields, "description"),
    },
    reason: field(fields, "reason"),
  };
};

export const numbersIn = (fields: FormFields) => ({
  trackingNumbers: typedNumbers(field(fields, "trackingNumbers")),
  ...(field(fields, "carrier") === "" ? {} : { carrier: field(fields, "carrier") }),
});
