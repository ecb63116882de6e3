/** Lots on pages of others: a table of those of a SKU, fields that name some, and how they are read. */
import type { ListedLot } from "../../../actors/lot/lists.ts";
import { textLimits } from "../../../src/kernel/limits.ts";
import type { Tracking } from "../../../src/lot/lot.ts";
import { Card, Field, Table, When, words } from "../../dashboard/parts.tsx";
import { field, type FormFields, type Visit } from "../../dashboard/visit.ts";

/** In the place of a lot that nobody knows, where lots are typed. */
const unknown = "?";

/** The lots of a SKU at a location, by their expiry; nothing where it has none. */
export const LotsCard = (
  { visit, lots }: { readonly visit: Visit; readonly lots: readonly ListedLot[] },
) =>
  lots.length === 0 ? null : (
    <Card title="Lots">
      <Table
        label="Lots, what expires first first"
        head={[
          { text: "Lot" },
          { text: "Expires" },
          { text: "On hand", number: true },
          { text: "Picked", number: true },
          { text: "Set aside", number: true },
        ]}
      >
        {lots.map(({ lotId, expiresAt, onHand, picked, setAside, state }) => (
          <tr class={state === "good" ? undefined : "bad"}>
            <td>{lotId === "" ? "Not known" : <span class="code">{lotId}</span>}</td>
            <td>
              {expiresAt === undefined ? "–" : <When at={expiresAt} visit={visit} />}
              {state === "good" ? null : ` (${words(state)})`}
            </td>
            <td class="number" data-lot={lotId}>{visit.format.number(onHand)}</td>
            <td class="number">{visit.format.number(picked)}</td>
            <td class="number">{visit.format.number(setAside)}</td>
          </tr>
        ))}
      </Table>
    </Card>
  );

/** Fields of a change of stock, for items whose units are told apart. */
export const LotFields = ({ tracking }: { readonly tracking: Tracking | undefined }) =>
  tracking === undefined ? null : tracking === "serial"
    ? (
      <Field
        label="Serials, with commas"
        name="serials"
        hint="One for each unit; empty: nobody knows them"
      />
    )
    : (
      <>
        <Field
          label="Lot"
          name="lotId"
          maxLength={textLimits.id}
          hint="Empty: nobody knows it"
        />
        <Field label="Expires on" name="expiresOn" type="date" />
      </>
    );

const typed = (text: string): readonly string[] =>
  text.split(",").map((part) => part.trim()).filter((part) => part !== "");

/** What was typed of lots into a form of a change of stock. A lot is good to the end of its last day, UTC. */
export const lotsIn = (fields: FormFields) => {
  const serials = typed(field(fields, "serials"));
  const lotId = field(fields, "lotId");
  const date = field(fields, "expiresOn");
  return {
    ...(serials.length === 0 ? {} : { serials }),
    ...(lotId === "" ? {} : { lotId }),
    ...(lotId === "" || date === "" ? {} : { expiresAt: `${date}T23:59:59.999Z` }),
  };
};

/** The lots of a line that are suggested. */
export interface SuggestedLots {
  readonly lineId: string;
  readonly tracking: Tracking;
  readonly lots: readonly { readonly lotId: string; readonly quantity: number }[];
}

/** Lots as they are typed: each with its units behind it, or serials by themselves. */
export const lotsText = ({ tracking, lots }: SuggestedLots): string =>
  tracking === "serial"
    ? lots.filter(({ lotId }) => lotId !== "").map(({ lotId }) => lotId).join(", ")
    : lots.map(({ lotId, quantity }) => `${lotId === "" ? unknown : lotId} ${quantity}`).join(", ");

/** A field for the lots of each line of a pick, with those that are suggested. */
export const PickedLotFields = ({ suggested, skuOf }: {
  readonly suggested: readonly SuggestedLots[];
  readonly skuOf: (lineId: string) => string;
}) => (
  <>
    {suggested.map((each) => (
      <Field
        label={`${each.tracking === "serial" ? "Serials" : "Lots"} of ${skuOf(each.lineId)}`}
        name={`${each.tracking === "serial" ? "serials" : "lots"}:${each.lineId}`}
        value={lotsText(each)}
        maxLength={5_000}
        hint={each.tracking === "serial"
          ? "With commas. Empty: any"
          : "Each with its units, with commas. Empty: what expires first"}
      />
    ))}
  </>
);

const typedLot = (text: string) => {
  const [, lotId = text, quantity = "1"] = /^(.*?)\s+(\d+)$/.exec(text) ?? [];
  return { ...(lotId === unknown ? {} : { lotId }), quantity: Number(quantity) };
};

/** The lots or serials that were typed for a line. */
export const pickedLotsIn = (fields: FormFields, lineId: string) => {
  const lots = typed(field(fields, `lots:${lineId}`)).map(typedLot);
  const serials = typed(field(fields, `serials:${lineId}`));
  return {
    ...(lots.length === 0 ? {} : { lots }),
    ...(serials.length === 0 ? {} : { serials }),
  };
};
