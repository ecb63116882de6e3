/** Every bound of webhook endpoints. */
export const webhookLimits = {
  /** Endpoints that one store may have. */
  endpoints: 50,
  /** Patterns of event types of one endpoint. */
  types: 100,
  /** Random bytes of a secret, as Standard Webhooks has it. */
  secretBytes: 32,
  /** How long an old secret signs beside the new one: by default, and at most. */
  keepOldHours: 24,
  mostKeepOldHours: 7 * 24,
  /** One body, in bytes: larger ones leave out what they can. */
  bodyBytes: 20 * 1024,
  /** How often it is looked at whether the keys that endpoints were made with are still there. */
  lookAtKeysMs: 60_000,
  /** Tries to change an endpoint that others change at the same time. */
  changeTries: 5,
  /** Requests to send again that may wait for one endpoint, and ids in one of them. */
  redeliveries: 20,
  redeliveredIds: 100,
  /** Deliveries that one request looks at, for those that it asks for. */
  lookedAt: 1_000,
} as const;
