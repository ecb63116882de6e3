/** The client of Allot, an order management engine, for Node, Deno and browsers. */
import type { components } from "./openapi.ts";

export type { components, operations, paths, webhooks } from "./openapi.ts";
export type { AllotOptions, Answer } from "./call.ts";
export { type Allot, createAllot } from "./client.ts";
export type { AllotEvent, EventOptions, EventPage, ListPath, PageOf, RowOf } from "./pages.ts";
export { AllotProblem, AllotUnreachable, type Problem, type ProblemDetail } from "./problem.ts";
export type { RetryOptions } from "./retry.ts";
export {
  verifyWebhook,
  type WebhookBodies,
  type WebhookEvent,
  type WebhookHeaders,
  WebhookRefused,
} from "./webhook.ts";

/** The engine's schemas by name: `Schemas["Order"]`. */
export type Schemas = components["schemas"];
