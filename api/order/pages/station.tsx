/**
 * The station at which a fulfillment order is picked by scanner: the next item on top, every line with its count,
 * and a field that takes scans wherever the focus is (`scan.js`). It is a form for those without scripts.
 */
import type { PropsWithChildren } from "hono/jsx";
import type { PageContext } from "../../dashboard/visit.ts";
import { path, type Visit } from "../../dashboard/visit.ts";
import { Field, FormSecrets, words } from "../../dashboard/parts.tsx";
import { operation, type Reply } from "../../http/in-process.ts";
import { fulfillmentActions } from "../fulfillment-actions.ts";
import { heldDetail } from "./holds.tsx";
import { itemNames } from "../../catalog/pages/names.tsx";
import type { KitComponent } from "../../../src/catalog/kit.ts";
import { KitGoods } from "./kit-goods.tsx";
import type { FulfillmentOrderView } from "./operations.ts";

/** As much of a fulfillment order as the station's script must know. */
export interface ScanState {
  readonly version: number;
  readonly held: boolean;
  readonly canPick: boolean;
  /** Why nothing can be picked now; empty when it can. */
  readonly why: string;
  readonly lines: readonly {
    readonly lineId: string;
    readonly sku: string;
    readonly quantity: number;
    readonly picked: number;
    /** Of a kit: what each unit is made of. */
    readonly components?: readonly KitComponent[];
  }[];
}

const whyNot = (each: FulfillmentOrderView, visit: Visit): string => {
  if (each.held) return heldDetail(each.holds);
  if (!visit.calls.may(operation(fulfillmentActions.pick))) return "Your key may not pick.";
  if (each.supportedActions.includes("pick")) return "";
  return each.status === "open" ? "Accept it before you pick." : `It is ${words(each.status)}.`;
};

export const scanStateOf = (each: FulfillmentOrderView, visit: Visit): ScanState => {
  const why = whyNot(each, visit);
  return {
    ...{ version: each.version, held: each.held, canPick: why === "", why },
    lines: each.lines.map(({ lineId, sku, quantity, picked, components }) => ({
      ...{ lineId, sku, quantity, picked },
      ...(components === undefined ? {} : { components }),
    })),
  };
};

/** In the part of the page that is kept up to date. */
export const ScanStateData = ({ state }: { readonly state: ScanState }) => (
  <div id="work-state" hidden data-state={JSON.stringify(state)}></div>
);

interface StationOptions {
  readonly visit: Visit;
  readonly state: ScanState;
  readonly label: string;
  /** Where `scan.js` sends batches of scans, and the form one. */
  readonly url: string;
  readonly action: string;
  readonly nextLabel: string;
  readonly fieldLabel: string;
  readonly button: string;
  /** What becomes of a unit, and of what it is one, where it is not picked for an order. */
  readonly done?: string;
  readonly what?: string;
  /** Only what changed is asked for: the station changes by itself. */
  readonly isLive: boolean;
}

/** A place of work by scanner: what is next, all lines with their counts, and the field for scans. */
export const ScanStation = async (
  { visit, state, isLive, children, ...words }: PropsWithChildren<StationOptions>,
) => {
  if (isLive) return <section id="station" hx-morph-skip></section>;
  const { label, url, action, nextLabel, fieldLabel, button, done, what } = words;
  const { canPick, lines } = state;
  const { number } = visit.format;
  const names = await itemNames(visit.calls, lines.map(({ sku }) => sku));
  const next = lines.find(({ quantity, picked }) => picked < quantity);
  const sum = (field: "picked" | "quantity") =>
    lines.reduce((units, line) => units + line[field], 0);
  return (
    <section
      id="station"
      class="card station"
      aria-label={label}
      hx-morph-skip
      data-url={url}
      data-csrf={visit.csrf}
      data-names={JSON.stringify([...names])}
      data-done={done}
      data-what={what}
    >
      <div id="scan-next" class="next" hidden={!canPick || next === undefined}>
        <p>{nextLabel}</p>
        <p class="what" data-next="what">
          {next === undefined ? "" : (
            `${number(next.quantity - next.picked)} × ${names.get(next.sku) ?? next.sku}`
          )}
        </p>
        <p class="row spread">
          <span class="code" data-next="sku">{next?.sku}</span>
          <b class="number" data-next="count">
            {next === undefined ? "" : `${number(next.picked)} / ${number(next.quantity)}`}
          </b>
        </p>
      </div>
      <ul class="lines">
        {lines.map(({ lineId, sku, quantity, picked, components }) => (
          <li data-row={lineId} class={picked >= quantity ? "done" : undefined}>
            <span>
              {names.get(sku) ?? sku} {names.has(sku) ? <span class="code">{sku}</span> : null}
              <KitGoods of={{ sku, components }} visit={visit} />
            </span>
            <b class="number" data-picked={sku} data-count={picked}>
              {`${number(picked)} / ${number(quantity)}`}
            </b>
          </li>
        ))}
      </ul>
      <p class="muted">
        <span data-progress>{`${number(sum("picked"))} of ${number(sum("quantity"))} units`}</span>
        <span data-unsent></span>
      </p>
      <p id="scan-said" role="status" class="message">Ready to scan</p>
      <button type="button" id="scan-offer" hidden>Use it as a tracking number</button>
      <form method="post" action={action} class="action">
        <FormSecrets visit={visit} />
        {children}
        <Field
          label={fieldLabel}
          name="code"
          id="scan"
          required
          focus
          scan
        />
        <button type="submit">{button}</button>
      </form>
    </section>
  );
};

export const Station = ({ each, visit, isLive }: {
  readonly each: FulfillmentOrderView;
  readonly visit: Visit;
  readonly isLive: boolean;
}) => (
  <ScanStation
    visit={visit}
    state={scanStateOf(each, visit)}
    label="Picking"
    url={path("fulfillment-orders", each.id, "scans")}
    action={path("fulfillment-orders", each.id, "scan")}
    nextLabel="Scan next"
    fieldLabel="Scan or type a SKU to pick one unit"
    button="Pick one"
    isLive={isLive}
  />
);

/** The line of which one more unit is picked by a code, whatever the case of its letters. */
export const scannedLine = ({ lines }: FulfillmentOrderView, code: string) => {
  const fold = (text: string) => text.normalize("NFC").toLowerCase();
  const exact = lines.filter(({ sku }) => sku === code);
  const found = exact.length > 0 ? exact : lines.filter(({ sku }) => fold(sku) === fold(code));
  return {
    isHere: found.length > 0,
    line: found.find(({ quantity, picked }) => picked < quantity),
  };
};

/** Refusals after which the same batch is sent again. */
const again: ReadonlySet<string> = new Set([
  "overloaded",
  "unavailable",
  "store-full",
  "idempotency-in-flight",
  "internal-error",
]);

/** The answer to a batch of scans, with the state after it; of a refusal, as it is now. */
export const scansAnswerOf = async <View,>(
  c: PageContext,
  told: Reply<View>,
  look: () => Promise<Reply<View>>,
  stateOf: (each: View) => ScanState,
): Promise<Response> => {
  if (told.ok) return c.json({ state: stateOf(told.value) });
  const { problem, status } = told;
  const refused = problem.detail;
  if (again.has(problem.type.name)) return c.json({ refused, again: true }, status as 503);
  const now = await look();
  return c.json(
    { refused, ...(now.ok ? { state: stateOf(now.value) } : {}) },
    status as 409,
  );
};

/** Of scans that pick. */
export const scansAnswer = (
  c: PageContext,
  told: Reply<FulfillmentOrderView>,
  look: () => Promise<Reply<FulfillmentOrderView>>,
): Promise<Response> => scansAnswerOf(c, told, look, (each) => scanStateOf(each, c.get("visit")));
