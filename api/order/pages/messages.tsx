/** What an order's customer was told, on the order's page. */
import { operation } from "../../http/in-process.ts";
import { Badge, Card, Empty, Table, type Tones, When, words } from "../../dashboard/parts.tsx";
import { path, type Visit } from "../../dashboard/visit.ts";
import * as messages from "../../message/order-messages.ts";
import { orderIdOfFulfillmentOrder, orderIdOfShipment } from "../../../src/order/ids.ts";

export type MessagesView = messages.OrderMessagesView;

const listOrderMessages = operation<MessagesView>(messages.listOrderMessages);

const tones: Tones = {
  ...{ sent: "good", sending: "busy", waiting: "warn" },
  ...{ rejected: "bad", expired: "bad", ambiguous: "warn", failed: "bad" },
};

const notTold: Readonly<Record<NonNullable<MessagesView["notTold"]>, string>> = {
  history: "The order was placed long before it came here: its customer is told nothing.",
  silent: "The order says that its customer is to be told nothing.",
  channel: "Others tell the customers of this channel.",
  no_address: "There is no address to tell the customer at.",
  not_set_up: "No more messages are sent: there is no mail server.",
};

/** Null where whoever looks may not see them, and where there is nothing to say of them. */
export const messagesOf = async (
  { calls }: Visit,
  orderId: string,
): Promise<MessagesView | null> => {
  if (!calls.may(listOrderMessages)) return null;
  const told = await calls.ask(listOrderMessages, { params: { orderId } });
  if (!told.ok) return null;
  const { notTold, data } = told.value;
  return notTold === "not_set_up" && data.length === 0 ? null : told.value;
};

const About = ({ part }: { readonly part: string | null }) => {
  if (part === null) return <>The order</>;
  const section = orderIdOfShipment(part) !== null
    ? "shipments"
    : orderIdOfFulfillmentOrder(part) !== null
    ? "fulfillment-orders"
    : null;
  return section === null
    ? <>Some of its lines</>
    : <a href={path(section, part)} class="code">{part}</a>;
};

export const Messages = (
  { visit, told: { notTold: reason, data } }: {
    readonly visit: Visit;
    readonly told: MessagesView;
  },
) => (
  <Card title="Messages to the customer">
    {reason === null ? null : <p class="hint">{notTold[reason]}</p>}
    {data.length === 0 ? reason === null ? <Empty>None yet.</Empty> : null : (
      <Table
        label="Messages to the customer"
        head={[{ text: "Message" }, { text: "About", wide: true }, { text: "Outcome" }, {
          text: "When",
        }]}
      >
        {data.map(({ kind, part, outcome, at, attempts, language, reason }) => (
          <tr>
            <td>
              {words(kind)} {language === null ? null : <span class="muted">{language}</span>}
            </td>
            <td class="wide">
              <About part={part} />
            </td>
            <td>
              <Badge status={outcome} tones={tones} />
              {reason === null ? null : (
                <p class="hint">
                  {attempts > 1
                    ? `${reason} (tried ${visit.format.number(attempts)} times)`
                    : reason}
                </p>
              )}
            </td>
            <td>
              <When at={at} visit={visit} />
            </td>
          </tr>
        ))}
      </Table>
    )}
  </Card>
);
