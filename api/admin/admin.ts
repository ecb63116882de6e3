/** Routes for operators of a running engine: the proof that its store is sound, and a second try. */
import { Effect, Option, Schema, Semaphore } from "effect";
import type { Retried } from "../../actors/log/follower.ts";
import { LogTail } from "../../actors/log/log-tail.ts";
import { Overloaded } from "../../actors/ledger/unit.ts";
import { requestLimits } from "../../src/kernel/limits.ts";
import type { VerifyReport } from "../../src/verify/report.ts";
import { verify } from "../../src/verify/verify.ts";
import { command, json, kept } from "../http/answer.ts";
import { emptyBody, route } from "../http/registry.ts";
import { count } from "../http/schemas.ts";
import { adminTag } from "../http/system.ts";

const Verification = Schema.Struct({
  ok: Schema.Boolean,
  position: Schema.String.annotate({ description: "The log position that was compared with" }),
  counts: Schema.Record(Schema.String, Schema.Int),
  violationsFound: count,
  violations: Schema.Array(Schema.Struct({
    invariant: Schema.String.annotate({ description: "The name of what always holds" }),
    keys: Schema.Array(Schema.Array(Schema.Union([Schema.String, Schema.Finite]))),
    detail: Schema.String,
  })).annotate({ description: "The first of those found" }),
  unsettled: count.annotate({
    description: "Keys that changed each time they were looked at, so that nothing can be said",
  }),
}).annotate({ identifier: "Verification" });

/** It reads the whole store: one at a time. */
const reading = Semaphore.makeUnsafe(1);

const verifyOnce = Effect.flatMap(
  reading.withPermitsIfAvailable(1)(verify()),
  Option.match({
    onNone: () =>
      Effect.fail(
        new Overloaded({
          what: "verifications",
          retryAfterSeconds: requestLimits.retryAfterSeconds,
        }),
      ),
    onSome: Effect.succeed,
  }),
);

const RetriedBody = Schema.Struct({
  handled: count.annotate({ description: "Entries that are handled now" }),
  left: count.annotate({ description: "Entries that still cannot be handled" }),
}).annotate({ identifier: "Retried" });

const retried = Effect.flatMap(LogTail, ({ retrySetAside }) => retrySetAside);

const retrySetAside = route({
  method: "POST",
  path: "/v1/admin/set-aside/retry",
  operationId: "retrySetAside",
  summary: "Let consumers try the log entries again that they could not handle",
  description: "`GET /v1/status` shows them under `setAside`. What failed is in the log of the " +
    "process; a start of the process, such as with other code, tries them again too.",
  tags: [adminTag],
  permission: "admin:consumers",
  scopes: { channel: "refused", location: "refused" },
  body: emptyBody(),
  responses: { 200: { description: "What became of them", schema: RetriedBody } },
  handler: (request) =>
    command(
      request,
      (context) => Effect.flatMap(retried, (report) => kept(report, context)),
      (report: Retried) => json(200, report),
    ),
});

export const verifyStore = route({
  method: "POST",
  path: "/v1/admin/verify",
  operationId: "verifyStore",
  summary: "Prove the invariants by reading the whole store",
  tags: [adminTag],
  permission: "admin:verify",
  scopes: { channel: "refused", location: "refused" },
  body: emptyBody(),
  responses: { 200: { description: "What was found", schema: Verification } },
  handler: (request) =>
    command(
      request,
      (context) => Effect.flatMap(verifyOnce, (report) => kept(report, context)),
      (report: VerifyReport) => json(200, report),
    ),
});

export const adminRoutes = [
  retrySetAside,
  verifyStore,
];
