/** One transfer: its lines, the desk that receives it, and what may be done with it at either end. */
import {
  bodyIn,
  doneWords,
  OfferedAction,
  onPost,
  saidDone,
} from "../../dashboard/action-form.tsx";
import { show } from "../../dashboard/layout.tsx";
import { dashboardLimits } from "../../dashboard/limits.ts";
import {
  Card,
  Field,
  FoldedForm,
  Live,
  Refusal,
  Said,
  Select,
  Table,
} from "../../dashboard/parts.tsx";
import {
  type Dashboard,
  field,
  type Notice,
  type PageContext,
  path,
  type Visit,
} from "../../dashboard/visit.ts";
import { operation } from "../../http/in-process.ts";
import { transferActions } from "../transfer-actions.ts";
import { receivingScripts } from "./assets.ts";
import {
  cancelTransfer,
  changeTransfer,
  getTransfer,
  listTransferEvents,
  receiveTransfer,
  type TransferShown,
} from "./operations.ts";
import {
  countedReceipt,
  Due,
  type FurtherCount,
  History,
  nothingCounted,
  ReceivingDesk,
  Steps,
  SupplyStatus,
} from "./parts.tsx";
import { openUnitsOf, transfersPath, transfersSection } from "./transfers.tsx";

const further: readonly FurtherCount[] = [
  { prefix: "damaged", label: "Of these, units that are damaged" },
  { prefix: "lost", label: "Units that will not come" },
];

const done = doneWords(transferActions);

interface TransferProps {
  readonly transfer: TransferShown;
  readonly visit: Visit;
}

const Facts = ({ transfer, visit }: TransferProps) => {
  const { leaving, coming } = openUnitsOf(transfer);
  return (
    <Card title="Transfer" more={<SupplyStatus status={transfer.status} />}>
      <dl class="facts">
        <dt>Id</dt>
        <dd class="code">{transfer.id}</dd>
        <dt>From</dt>
        <dd>{transfer.from}</dd>
        <dt>To</dt>
        <dd>{transfer.to}</dd>
        <dt>Due</dt>
        <dd>
          <Due at={transfer.expectedAt} isOpen={leaving + coming > 0} visit={visit} />
        </dd>
        {transfer.forOrderId === undefined ? null : (
          <>
            <dt>For the order</dt>
            <dd>
              <a href={path("orders", transfer.forOrderId)}>{transfer.forOrderId}</a>
            </dd>
          </>
        )}
      </dl>
    </Card>
  );
};

const Lines = ({ transfer, visit }: TransferProps) => {
  const { number } = visit.format;
  return (
    <Card title="Lines">
      <Table
        label="Lines"
        head={[
          { text: "SKU" },
          { text: "Requested", number: true },
          { text: "Shipped", number: true },
          { text: "Received", number: true },
          { text: "Damaged", number: true, wide: true },
          { text: "Lost", number: true, wide: true },
          { text: "Returned", number: true, wide: true },
          { text: "On their way", number: true },
        ]}
      >
        {transfer.lines.map((line) => (
          <tr>
            <td class="code">{line.sku}</td>
            <td class="number">{number(line.quantity)}</td>
            <td class="number">{number(line.shipped)}</td>
            <td class="number">{number(line.received)}</td>
            <td class="number wide">{number(line.damaged)}</td>
            <td class="number wide">{number(line.lost)}</td>
            <td class="number wide">{number(line.returned)}</td>
            <td class="number">{number(line.inTransit)}</td>
          </tr>
        ))}
      </Table>
    </Card>
  );
};

const hasEnded = ({ status }: TransferShown): boolean =>
  status === "closed" || status === "cancelled" || status === "received";

/** A key of a location sees what the other end does, and does only its own. */
const mayAt = ({ by }: Visit, locationId: string): boolean =>
  by.scope.locationId === undefined || by.scope.locationId === locationId;

const Actions = ({ transfer, visit }: TransferProps) => {
  if (hasEnded(transfer)) return null;
  const { from, to } = transfer;
  const { leaving, coming } = openUnitsOf(transfer);
  const target = (name: string) => transfersPath + path(transfer.id, name);
  const offered = (name: "ship" | "receipts" | "close", isOffered: boolean) =>
    isOffered && visit.calls.may(operation(transferActions[name]))
      ? (
        <OfferedAction
          visit={visit}
          name={name}
          action={transferActions[name]}
          to={target(name === "receipts" ? "all" : name)}
        />
      )
      : null;
  return (
    <div class="actions" id="actions">
      {offered("ship", leaving > 0 && mayAt(visit, from))}
      {offered("receipts", coming > 0 && mayAt(visit, to))}
      {visit.calls.may(changeTransfer)
        ? (
          <FoldedForm
            opens="Move the date…"
            id="act-date"
            visit={visit}
            action={target("date")}
            label="Move it"
          >
            <Field label="Expected on" name="day" id="date-day" type="date" required />
          </FoldedForm>
        )
        : null}
      {visit.calls.may(cancelTransfer) && mayAt(visit, from)
        ? (
          <OfferedAction
            visit={visit}
            name="cancel"
            action={transferActions.cancel}
            to={target("cancel")}
          >
            <Select
              label="What has left"
              name="rest"
              id="cancel-rest"
              value="return"
              choices={[{ value: "return", text: "Goes back" }, { value: "lost", text: "Is lost" }]}
            />
          </OfferedAction>
        )
        : null}
      {offered("close", mayAt(visit, to))}
    </div>
  );
};

const idOf = (c: PageContext): string => c.req.param("id") ?? "";
const own = (c: PageContext): string => transfersPath + path(idOf(c));

const transferPage = async (c: PageContext, message: Notice) => {
  const visit = c.get("visit");
  const params = { id: idOf(c) };
  const page = { title: "Transfer", section: transfersSection };
  const told = await visit.calls.ask(getTransfer, { params });
  if (!told.ok) return show(c, page, <Refusal refused={told} />, told.status);
  const transfer = told.value;
  const events = await visit.calls.ask(listTransferEvents, {
    params,
    query: { limit: String(dashboardLimits.historyEvents) },
  });
  const coming = transfer.lines.filter(({ inTransit }) => inTransit > 0)
    .map(({ id, sku, inTransit }) => ({ lineId: id, sku, left: inTransit }));
  const mayReceive = coming.length > 0 && visit.calls.may(receiveTransfer) &&
    mayAt(visit, transfer.to);
  return show(
    c,
    {
      ...page,
      title: `Transfer ${transfer.externalId ?? ""}`.trim(),
      live: {},
      scripts: receivingScripts,
    },
    <>
      <Said message={message} />
      <div class="row">
        <a href={transfersPath} class="back">Transfers</a>
      </div>
      {mayReceive
        ? (
          <ReceivingDesk
            id={transfer.id}
            lines={coming}
            further={further}
            action={`${own(c)}/receipts`}
            visit={visit}
          />
        )
        : null}
      <Live id="transfer" url={own(c)}>
        <Facts transfer={transfer} visit={visit} />
        <Lines transfer={transfer} visit={visit} />
        <Actions transfer={transfer} visit={visit} />
        <Steps title="Shipments" steps={transfer.shipments} visit={visit} />
        <Steps title="Receipts" steps={transfer.receipts} visit={visit} />
        {events.ok ? <History events={events.value.data} visit={visit} /> : null}
      </Live>
    </>,
    message.refused?.status ?? 200,
  );
};

export const transferPages = (app: Dashboard): void => {
  const target = `${transfersPath}/:id`;
  app.get(target, (c) => transferPage(c, { done: saidDone(c, done) }));

  const again = (c: PageContext, refused: Notice["refused"]) => transferPage(c, { refused });
  const form = { params: (c: PageContext) => ({ id: idOf(c) }), back: own, again };

  app.post(`${target}/receipts`, async (c, next) => {
    if (countedReceipt(c.get("fields"), further).lines.length === 0) {
      return await again(c, nothingCounted);
    }
    return await next();
  });
  onPost(app, {
    ...form,
    path: `${target}/receipts`,
    operation: receiveTransfer,
    body: (fields) => countedReceipt(fields, further),
    done: "receipts",
  });
  onPost(app, {
    ...form,
    path: `${target}/all`,
    operation: receiveTransfer,
    body: () => ({}),
    done: "receipts",
  });
  onPost(app, {
    ...form,
    path: `${target}/ship`,
    operation: operation(transferActions.ship),
    body: () => ({}),
    done: "ship",
  });
  onPost(app, {
    ...form,
    path: `${target}/date`,
    operation: changeTransfer,
    body: (fields) => ({ expectedAt: `${field(fields, "day")}T00:00:00Z` }),
    done: "change",
  });
  onPost(app, {
    ...form,
    path: `${target}/close`,
    operation: operation(transferActions.close),
    body: (fields) => bodyIn(transferActions.close, fields),
    done: "close",
  });
  onPost(app, {
    ...form,
    path: `${target}/cancel`,
    operation: cancelTransfer,
    body: (fields) => ({
      ...bodyIn(transferActions.cancel, fields),
      rest: field(fields, "rest") === "lost" ? "lost" : "return",
    }),
    done: "cancel",
  });
};
