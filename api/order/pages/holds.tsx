/** The holds of an order: as a mark where it is worked on, and as a list of which each can be released. */
import { codesOf } from "../../../src/order/hold-codes.ts";
import type { HoldCode } from "../../../src/order/order.ts";
import { OfferedAction } from "../../dashboard/action-form.tsx";
import { Card, Select, Table, When, words } from "../../dashboard/parts.tsx";
import { path, type Visit } from "../../dashboard/visit.ts";
import type { Action } from "../../http/actions.ts";
import { operation, type RefusedReply } from "../../http/in-process.ts";
import { problem } from "../../http/problems.ts";
import { codeField, orderActions, reason } from "../actions.ts";
import type { OrderView } from "./operations.ts";

/** Nothing where nothing is held. */
export const HeldMark = ({ codes }: { readonly codes: readonly HoldCode[] }) =>
  codes.length === 0
    ? null
    : <span class="badge bad" data-held>Held: {codes.map(words).join(", ")}</span>;

/** The reason for which nothing is printed, picked or shipped now. */
export const heldDetail = (codes: readonly HoldCode[]): string =>
  `The order is held for ${codes.join(", ")}. It goes on when that is released.`;

/** A refusal of the page itself, as the API would tell it. */
export const conflict = (title: string, detail: string): RefusedReply => ({
  ok: false,
  status: 409,
  title,
  problem: problem("conflict", detail),
});

export const codesIn = ({ holds }: OrderView): readonly HoldCode[] => holds.map(({ code }) => code);

const blocked = { all: "Everything", fulfillment: "Fulfillment" } as const;

const choicesOf = (codes: readonly HoldCode[]) =>
  codes.map((code) => ({ value: code, text: words(code) }));

/** The codes that stand and that the key may release. */
const releasable = (order: OrderView, visit: Visit): readonly HoldCode[] => {
  if (!visit.calls.may(operation(orderActions.release))) return [];
  const allowed = codesOf(visit.by.role, "releasedBy");
  return codesIn(order).filter((code) => allowed.includes(code));
};

/** The dashboard's own form of the same action: one press for one hold. */
export const releaseOne = {
  says: { button: "Release", fields: [codeField], done: "Released." },
} as const;

export const HoldList = ({ order, visit }: {
  readonly order: OrderView;
  readonly visit: Visit;
}) => {
  if (order.holds.length === 0) return null;
  const codes = releasable(order, visit);
  return (
    <Card title="Holds" id="holds">
      <Table
        label="Holds"
        head={[
          { text: "Held for" },
          { text: "Reason" },
          { text: "Blocks", wide: true },
          { text: "Since", wide: true },
          { text: "Release" },
        ]}
      >
        {order.holds.map(({ code, reason, blocks, at }) => (
          <tr data-hold={code}>
            <td>{words(code)}</td>
            <td>{reason}</td>
            <td class="wide">{blocked[blocks]}</td>
            <td class="wide">
              <When at={at} visit={visit} />
            </td>
            <td>
              {codes.includes(code)
                ? (
                  <OfferedAction
                    visit={visit}
                    name={`release-${code}`}
                    action={{ says: { ...releaseOne.says, fields: [] } }}
                    to={path("orders", order.id, "release-one")}
                  >
                    <input type="hidden" name={codeField.name} value={code} />
                  </OfferedAction>
                )
                : "–"}
            </td>
          </tr>
        ))}
      </Table>
    </Card>
  );
};

const withReason = ({ says }: Pick<Action, "says">) => ({ says: { ...says, fields: [reason] } });

/** Releases with a reason: one code, or all that the key may release. */
export const ReleaseForm = ({ order, visit }: {
  readonly order: OrderView;
  readonly visit: Visit;
}) => {
  const codes = releasable(order, visit);
  return codes.length === 0 ? null : (
    <OfferedAction
      visit={visit}
      name="release"
      action={withReason(orderActions.release)}
      to={path("orders", order.id, "release")}
    >
      <Select
        label={codeField.label}
        name={codeField.name}
        id="release-code"
        all={codes.length < order.holds.length ? "All that you may release" : "All of it"}
        choices={choicesOf(codes)}
      />
    </OfferedAction>
  );
};

/** Offers the codes that the key's role may place. */
export const HoldForm = ({ order, visit }: {
  readonly order: OrderView;
  readonly visit: Visit;
}) => (
  <OfferedAction
    visit={visit}
    name="hold"
    action={withReason(orderActions.hold)}
    to={path("orders", order.id, "hold")}
  >
    <Select
      label={codeField.label}
      name={codeField.name}
      id="hold-code"
      value="manual"
      choices={choicesOf(codesOf(visit.by.role, "placedBy"))}
    />
  </OfferedAction>
);
