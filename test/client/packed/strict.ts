/** What strict TypeScript takes of the client and what it refuses; and that it does so when it runs. */
import {
  type AllotEvent,
  AllotProblem,
  createAllot,
  type Schemas,
  verifyWebhook,
  type WebhookEvent,
  WebhookRefused,
} from "../../../api/client/mod.ts";

const allot = createAllot({ baseUrl: "http://localhost:8000", key: "allot_..." });

const body = {
  channel: "web",
  externalId: "1001",
  currency: "EUR",
  customer: { name: "Ada Example" },
  shippingAddress: { country: "NL" },
  lines: [{ sku: "mug", quantity: 2, unitPrice: { amount: "12.50", currency: "EUR" } }],
} as const;

const check = (what: string, holds: boolean): void => {
  if (!holds) throw new Error(`${what} does not hold`);
};

const { data } = await allot.POST("/v1/orders", { body });
const order: Schemas["Order"] = data;
check("the first program's order is there, and shipped", order.status === "shipped");

for await (const each of allot.list("/v1/orders", { params: { query: { limit: 1 } } })) {
  const status: Schemas["Order"]["status"] = each.status;
  check("a row has a status", status.length > 0);
}

const types: AllotEvent["type"][] = [];
for await (const event of allot.events({ orderId: order.id, follow: false })) {
  types.push(event.type);
  if (event.data.type === "order.placed") check("its id", event.data.orderId === order.id);
}
check("the events are the order's", types[0] === "allot.order.placed" && types.length >= 3);

const refused = await allot.GET("/v1/orders/{orderId}", { params: { path: { orderId: "ord_0" } } })
  .then(() => null, (error: unknown) => error);
check("there is no such order", refused instanceof AllotProblem && refused.is("not-found"));

const tell = (event: WebhookEvent): string =>
  event.type === "order.placed" ? event.data.orderId : event.type;
try {
  tell(verifyWebhook("{}", {}, `whsec_${"A".repeat(32)}`));
  check("a webhook without a signature is refused", false);
} catch (error) {
  if (!(error instanceof WebhookRefused)) throw error;
}

/** Compiled, and never called. */
export const wrong = [
  // @ts-expect-error: a member that is not known
  () => allot.POST("/v1/orders", { body: { ...body, onShortge: "hold" } }),
  // @ts-expect-error: a member of another type
  () => allot.POST("/v1/orders", { body: { ...body, channel: 1 } }),
  // @ts-expect-error: no body
  () => allot.POST("/v1/orders"),
  // @ts-expect-error: a parameter that is not known
  () => allot.GET("/v1/orders", { params: { query: { state: "held" } } }),
  // @ts-expect-error: a value that is not known
  () => allot.list("/v1/orders", { params: { query: { status: "lost" } } }),
  // @ts-expect-error: no parameter of the path
  () => allot.GET("/v1/orders/{orderId}"),
  // @ts-expect-error: no such path
  () => allot.GET("/v1/nothing"),
  // @ts-expect-error: no such method there
  () => allot.DELETE("/v1/orders"),
  // @ts-expect-error: not a list
  () => allot.list("/v1/status"),
  // @ts-expect-error: neither option of a call
  () => allot.GET("/v1/orders", { parameters: {} }),
];
