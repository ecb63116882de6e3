/** The page of one return: what is asked, the desk that takes it in, and what may be done with it now. */
import { dispositions, type ReturnAction, returnActions } from "../../../src/order/return.ts";
import {
  bodyIn,
  doneWords,
  OfferedAction,
  onPost,
  saidDone,
} from "../../dashboard/action-form.tsx";
import { show } from "../../dashboard/layout.tsx";
import {
  Card,
  Field,
  Live,
  Refusal,
  Said,
  Select,
  Table,
  When,
  words,
} from "../../dashboard/parts.tsx";
import {
  type Dashboard,
  field,
  type FormFields,
  type Notice,
  type PageContext,
  path,
  type Visit,
  withQuery,
} from "../../dashboard/visit.ts";
import { operation } from "../../http/in-process.ts";
import { returnActionTable } from "../return-actions.ts";
import type { ReturnView } from "../return-schemas.ts";
import { conflict } from "./holds.tsx";
import { getReturn } from "./operations.ts";
import {
  Desk,
  deskAnswer,
  deskBody,
  deskState,
  type DeskWork,
  deskWork,
  isWork,
  scannedUnits,
} from "./return-desk.tsx";
import { returnsPath } from "./returns.tsx";
import { ScanStateData } from "./station.tsx";
import { StatusBadge } from "./status-badge.tsx";
import { stationScripts, stationStyles } from "./assets.ts";
import { typedLines } from "./typed-lines.ts";

const done = {
  ...doneWords(returnActionTable),
  "requested": "The return is asked for.",
  "receive-scan": "One unit received.",
  "inspect-scan": "One unit inspected.",
};

interface ReturnProps {
  readonly each: ReturnView;
  readonly visit: Visit;
}

/** Units of lines, for some of which a form asks. */
const UnitFields = ({ each, purpose, left }: {
  readonly each: ReturnView;
  readonly purpose: string;
  readonly left: (line: ReturnView["lines"][number]) => number;
}) => (
  <>
    {each.lines.filter((line) => left(line) > 0).map((line) => (
      <Field
        label={`Units of ${line.sku} (line ${line.lineId})`}
        name={`line:${line.lineId}`}
        id={`${purpose}-line-${line.lineId}`}
        type="number"
        minimum={0}
        value={String(left(line))}
      />
    ))}
  </>
);

/** The dashboard's own form of the same action, for other units than are still to come. */
const receiveSome = {
  says: {
    ...returnActionTable.receive.says,
    opens: "Receive others…",
    button: "These have come",
  },
};
const { tone: _main, ...someWords } = receiveSome.says;

const Receive = ({ each, visit }: ReturnProps) => (
  <>
    <OfferedAction
      visit={visit}
      name="receive"
      action={returnActionTable.receive}
      to={path("returns", each.id, "receive")}
    />
    <OfferedAction
      visit={visit}
      name="receive-some"
      action={{ says: someWords }}
      to={path("returns", each.id, "receive")}
    >
      <UnitFields
        each={each}
        purpose="receive"
        left={({ quantity, received }) => Math.max(0, quantity - received)}
      />
      <Field label="SKU that nobody expected" name="unexpected" id="receive-unexpected" />
    </OfferedAction>
  </>
);

const Inspect = ({ each, visit }: ReturnProps) => (
  <OfferedAction
    visit={visit}
    name="inspect"
    action={returnActionTable.inspect}
    to={path("returns", each.id, "inspect")}
  >
    <UnitFields
      each={each}
      purpose="inspect"
      left={({ awaitingInspection }) => awaitingInspection}
    />
    <Select
      label="Disposition"
      name="disposition"
      id="inspect-disposition"
      value="restock"
      choices={dispositions.map((value) => ({ value, text: words(value) }))}
    />
    <Select
      label="May be credited"
      name="accepted"
      id="inspect-accepted"
      value="yes"
      choices={[{ value: "yes", text: "Yes" }, { value: "no", text: "No" }]}
    />
  </OfferedAction>
);

/** The actions that the API says are supported, the next one first. None of them has the focus by itself. */
const Actions = ({ each, visit }: ReturnProps) => {
  const can = (name: ReturnAction) =>
    each.supportedActions.includes(name) && visit.calls.may(operation(returnActionTable[name]));
  const offered = (name: ReturnAction) =>
    can(name)
      ? (
        <OfferedAction
          visit={visit}
          name={name}
          action={returnActionTable[name]}
          to={path("returns", each.id, name)}
        />
      )
      : null;
  return (
    <div class="actions" id="actions">
      {offered("authorize")}
      {can("receive") ? <Receive each={each} visit={visit} /> : null}
      {can("inspect") ? <Inspect each={each} visit={visit} /> : null}
      {offered("ship")}
      {offered("close")}
      {offered("decline")}
      {offered("cancel")}
    </div>
  );
};

const Lines = ({ each, visit }: ReturnProps) => (
  <Card title="Lines">
    <Table
      label="Lines"
      stacked
      head={[
        { text: "SKU" },
        { text: "Came" },
        { text: "Reason", wide: true },
        { text: "Dispositions" },
      ]}
    >
      {each.lines.map((line) => (
        <tr role="row">
          <td role="cell">{line.sku}</td>
          <td role="cell">
            {`${visit.format.number(line.received)} of ${visit.format.number(line.quantity)}`}
          </td>
          <td role="cell" class="wide">{words(line.reason)}</td>
          <td role="cell">
            {line.inspected.map(({ disposition, quantity }) =>
              `${visit.format.number(quantity)} ${words(disposition).toLowerCase()}`
            ).join(", ") || "–"}
          </td>
        </tr>
      ))}
    </Table>
  </Card>
);

const factsOf = (each: ReturnView): readonly (readonly [name: string, text: string])[] => [
  ["To", each.locationId ?? (each.goodsBack ? "–" : "nothing comes back")],
  ["Carrier", [each.carrier, each.trackingNumber].filter(Boolean).join(" ")],
  ["Note", each.note ?? ""],
  ["Taken although the policy forbids it", each.overrideReason ?? ""],
  ["Ended", each.endReason ?? ""],
  [
    "In exchange",
    (each.exchange?.lines ?? []).map(({ lineId, sku, quantity, cancelled }) =>
      `${quantity - cancelled} × ${sku} (line ${lineId})`
    ).join(", "),
  ],
  [
    "The new goods leave",
    each.exchange === undefined
      ? ""
      : each.exchange.shipWhen === "now"
      ? "ahead, once it is authorized"
      : "when it has come",
  ],
  [
    "Nobody expected",
    each.unexpected.map(({ sku, quantity }) => `${quantity} × ${sku}`).join(", "),
  ],
];

const Facts = ({ each, visit }: ReturnProps) => (
  <Card title="Return">
    <dl class="facts">
      <dt>Id</dt>
      <dd>
        <code>{each.id}</code>
      </dd>
      {factsOf(each).filter(([, text]) => text !== "").map(([name, text]) => (
        <>
          <dt>{name}</dt>
          <dd>{text}</dd>
        </>
      ))}
      <dt>Asked for</dt>
      <dd>
        <When at={each.createdAt} visit={visit} />
      </dd>
      {each.expiresAt === undefined ? null : (
        <>
          <dt>Ends by itself</dt>
          <dd>
            <When at={each.expiresAt} visit={visit} />
          </dd>
        </>
      )}
    </dl>
  </Card>
);

/** To the other work of the desk, where both may be done. */
const OtherWork = ({ each, work }: { readonly each: ReturnView; readonly work: DeskWork }) => {
  const other = work === "receive" ? "inspect" : "receive";
  return each.supportedActions.includes(other)
    ? (
      <a href={withQuery(path("returns", each.id), { desk: other })} class="button" id="other-work">
        {other === "inspect" ? "Inspect by scanner" : "Receive by scanner"}
      </a>
    )
    : null;
};

const returnPage = async (c: PageContext, returnId: string, message: Notice) => {
  const visit = c.get("visit");
  const asked = c.req.query("desk");
  const told = await visit.calls.ask(getReturn, { params: { returnId } });
  const page = { title: "Return", section: "Returns" };
  if (!told.ok) return show(c, page, <Refusal refused={told} />, told.status);
  const each = told.value;
  const isLive = c.req.header("hx-request") === "true";
  // The desk goes on with the work that it was opened for, until it is opened again.
  const work = isLive && isWork(asked) ? asked : deskWork(each, asked);
  const deskIsThere = each.goodsBack &&
    each.supportedActions.some((name) => name === "receive" || name === "inspect");
  return show(
    c,
    {
      ...page,
      title: `Return of ${each.externalId}`,
      live: { orderId: each.orderId },
      scripts: stationScripts,
      styles: stationStyles,
    },
    <>
      <Said message={message} />
      <Live id="work" url={withQuery(path("returns", returnId), { desk: work })}>
        <div class="row">
          <span id="return-status">
            <StatusBadge status={each.status} />
          </span>
          <a href={path("orders", each.orderId)}>Order</a>
          <a href={returnsPath} class="back">Returns</a>
          <OtherWork each={each} work={work} />
        </div>
        <ScanStateData state={deskState(each, work, visit)} />
        {deskIsThere || isLive
          ? <Desk each={each} work={work} visit={visit} isLive={isLive} />
          : null}
        <Actions each={each} visit={visit} />
        <Lines each={each} visit={visit} />
        <Facts each={each} visit={visit} />
      </Live>
    </>,
    message.refused?.status ?? 200,
  );
};

const bodyOf = (name: ReturnAction, fields: FormFields): object => {
  const body = bodyIn(returnActionTable[name], fields);
  const lines = typedLines(fields);
  if (name === "inspect") {
    const disposition = field(fields, "disposition");
    const accepted = field(fields, "accepted") !== "no";
    return { lines: lines.map((line) => ({ ...line, disposition, accepted })) };
  }
  if (name !== "receive") return body;
  const unexpected = field(fields, "unexpected");
  return {
    ...body,
    ...(lines.length === 0 ? {} : { lines }),
    ...(unexpected === "" ? {} : { unexpected: [{ sku: unexpected, quantity: 1 }] }),
  };
};

/** The line of which one more unit counts by a code, whatever the case of its letters. */
const scannedLine = (each: ReturnView, work: DeskWork, code: string, visit: Visit) => {
  const fold = (text: string) => text.normalize("NFC").toLowerCase();
  const { lines } = deskState(each, work, visit);
  const found = lines.filter(({ sku }) => fold(sku) === fold(code));
  return found.find(({ quantity, picked }) => picked < quantity) ?? found[0];
};

/** Without scripts: one unit a form. With them: a batch of scans, told as data. */
const onScans = (app: Dashboard, work: DeskWork): void => {
  const action = operation<ReturnView>(returnActionTable[work]);

  app.post(`/returns/:returnId/${work}-scan`, async (c) => {
    const returnId = c.req.param("returnId") ?? "";
    const visit = c.get("visit");
    const fields = c.get("fields");
    const params = { returnId };
    const told = await visit.calls.ask(getReturn, { params });
    if (!told.ok) return await returnPage(c, returnId, { refused: told });
    const code = field(fields, "code");
    const line = scannedLine(told.value, work, code, visit);
    if (line === undefined) {
      const refused = conflict("Not counted", `${code} does not belong to this return.`);
      return await returnPage(c, returnId, { refused });
    }
    const unit = { lineId: line.lineId, quantity: 1, mode: field(fields, "disposition") };
    const counted = await visit.calls.ask(action, {
      params,
      json: deskBody(work, [unit]),
      idempotencyKey: field(fields, "once") || undefined,
    });
    return counted.ok
      ? c.redirect(withQuery(path("returns", returnId), { done: `${work}-scan`, desk: work }), 303)
      : await returnPage(c, returnId, { refused: counted });
  });

  app.post(`/returns/:returnId/${work}-scans`, async (c) => {
    const { calls } = c.get("visit");
    const fields = c.get("fields");
    const params = { returnId: c.req.param("returnId") ?? "" };
    const told = await calls.ask(action, {
      params,
      json: deskBody(work, scannedUnits(fields)),
      idempotencyKey: field(fields, "once") || undefined,
    });
    return await deskAnswer(c, work, told, () => calls.ask(getReturn, { params }));
  });
};

export const returnPages = (app: Dashboard): void => {
  const idOf = (c: PageContext) => c.req.param("returnId") ?? "";

  app.get("/returns/:returnId", (c) => returnPage(c, idOf(c), { done: saidDone(c, done) }));

  for (const name of returnActions) {
    onPost(app, {
      path: `/returns/:returnId/${name}`,
      operation: operation(returnActionTable[name]),
      params: (c) => ({ returnId: idOf(c) }),
      body: (fields) => bodyOf(name, fields),
      back: (c) => path("returns", idOf(c)),
      done: name,
      again: (c, refused) => returnPage(c, idOf(c), { refused }),
    });
  }
  onScans(app, "receive");
  onScans(app, "inspect");
};
