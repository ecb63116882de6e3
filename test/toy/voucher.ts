/**
 * A toy subject, whole: vouchers of a series, each worth some units, that expire. It has a balance, an
 * aggregate with a unique code, a timer, a list and an action, a reference document, an outbox, and one with a
 * lane for each document. No file of the engine knows of it: the example of `src/subject/README.md`.
 */
import { Result, Schema } from "effect";
import { aggregateRoutes } from "../../api/http/aggregate.ts";
import { saveRoute } from "../../api/http/reference.ts";
import type { ApiSubject } from "../../api/subjects.ts";
import { idKind } from "../../src/kernel/ids.ts";
import { epochMsOf, type Instant, instantOf } from "../../src/kernel/instant.ts";
import { Identifier } from "../../src/kernel/vocabulary.ts";
import { aggregate } from "../../src/subject/aggregate.ts";
import { inBalance } from "../../src/subject/balance.ts";
import { noDetails } from "../../src/subject/event-type.ts";
import { countedBalance } from "../../src/subject/counted-balance.ts";
import { timer, uniqueKey } from "../../src/subject/link.ts";
import { reference, savedFields } from "../../src/subject/reference.ts";
import type { AggregateRecord } from "../../src/subject/aggregate-record.ts";
import { isOfPattern } from "../../src/subject/event.ts";
import { documentOutbox, type Outbox } from "../../src/subject/reactor.ts";
import type { Subject } from "../../src/subject/subject.ts";

const SeriesView = Schema.Struct({ id: Schema.String, name: Schema.String, ...savedFields });

export const series = reference<typeof SeriesView.Type>({
  ...{ name: "voucher_series", plural: "voucher_series", schema: SeriesView },
  ...{ idOf: ({ id }) => id, limit: 20, memory: { type: "all" } },
});

/** Of each voucher of a series, how many units it was given, and how many are redeemed. */
export const units = countedBalance({
  name: "voucher_units",
  partitionPrefix: "vouchers:",
  family: "voucher_units",
  fields: { given: 1, redeemed: -1 },
  isSound: ({ given, redeemed }) => redeemed >= 0 && redeemed <= given,
});

const statuses = ["issued", "used", "expired"] as const;

export interface Voucher {
  readonly id: string;
  readonly status: (typeof statuses)[number];
  readonly version: number;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  readonly series: string;
  readonly code: string;
  readonly given: number;
  readonly redeemed: number;
  readonly expiresAt: Instant;
  readonly expired: boolean;
}

export type VoucherCommand =
  | { readonly type: "issue" }
  | { readonly type: "redeem"; readonly units: number }
  | { readonly type: "expire" };

export type VoucherEvent =
  | { readonly type: "voucher.issued"; readonly voucher: Voucher }
  | { readonly type: "voucher.redeemed"; readonly units: number }
  | { readonly type: "voucher.expired" };

type Facts = { readonly now: Instant; readonly isSeries: boolean; readonly available: number };

const refuse = (tag: string, detail: string) => Result.fail({ _tag: tag, detail });
const done = (event: VoucherEvent) => Result.succeed<readonly VoucherEvent[]>([event]);

const decide = (voucher: Voucher, command: VoucherCommand, facts: Facts) => {
  if (command.type === "issue") {
    return facts.isSeries
      ? done({ type: "voucher.issued", voucher })
      : refuse("UnknownSeries", `There is no series ${voucher.series}.`);
  }
  if (
    voucher.status !== "issued" || (command.type === "redeem" && facts.now >= voucher.expiresAt)
  ) {
    return refuse("NotValid", `The voucher ${voucher.code} is ${voucher.status}.`);
  }
  if (command.type === "expire") return done({ type: "voucher.expired" });
  return command.units > facts.available
    ? refuse("TooFewUnits", `The voucher ${voucher.code} has fewer units than that.`)
    : done({ type: "voucher.redeemed", units: command.units });
};

const statusOf = ({ expired, redeemed, given }: Voucher): Voucher["status"] =>
  expired ? "expired" : redeemed === given ? "used" : "issued";

const evolve = (voucher: Voucher | null, event: VoucherEvent, at: Instant): Voucher => {
  if (event.type === "voucher.issued") return event.voucher;
  if (voucher === null) throw new TypeError(`A voucher cannot begin with ${event.type}.`);
  const next = event.type === "voucher.expired"
    ? { ...voucher, expired: true }
    : { ...voucher, redeemed: voucher.redeemed + event.units };
  return { ...next, status: statusOf(next), updatedAt: at };
};

const claim = ({ series, code }: Voucher, given: number, redeemed: number) =>
  inBalance(units, [units.delta(series, code, { given, redeemed })]);

const voucher = Schema.Record(Schema.String, Schema.Unknown);

export const vouchers = aggregate({
  name: "voucher",
  plural: "vouchers",
  ids: idKind("vch"),
  statuses,
  linkFamilies: ["voucher_code"],
  decide,
  evolve,
  statusOf,
  createdType: "voucher.issued",
  events: {
    "voucher.issued": { description: "A voucher was issued", details: Schema.Struct({ voucher }) },
    "voucher.redeemed": {
      description: "Units of a voucher were redeemed",
      details: Schema.Struct({ units: Schema.Int }),
    },
    "voucher.expired": { description: "A voucher has expired", details: noDetails },
  },
  facts: (look, voucher): Facts => ({
    now: look.now,
    isSeries: look.reference(series, voucher.series) !== null,
    available: look.available(units.name, voucher.series, voucher.code),
  }),
  isShort: (decided) => Result.isFailure(decided) && decided.failure._tag === "TooFewUnits",
  listsOf: (voucher) => [["voucher_status", voucher.status], ["voucher_series", voucher.series]],
  linksOf: (voucher) => [
    uniqueKey(["voucher_code", voucher.code], { voucherId: voucher.id }),
    ...(voucher.status === "issued"
      ? [timer("expire", epochMsOf(voucher.expiresAt), { type: "expire" })]
      : []),
  ],
  effectsOf: (before, event) => {
    if (event.type === "voucher.issued") return claim(event.voucher, before.given, 0);
    if (event.type === "voucher.redeemed") return claim(before, 0, event.units);
    return claim(before, before.redeemed - before.given, 0);
  },
  claimsOf: (voucher) =>
    claim(voucher, voucher.expired ? voucher.redeemed : voucher.given, voucher.redeemed),
});

/** Tells somebody outside of everything that happens to vouchers, of each in its order. */
export const voucherNews: Outbox = {
  type: "outbox",
  name: "voucher_news",
  messagesOf: (record) => {
    if (record.kind !== vouchers.name) return [];
    const { id, events } = record as AggregateRecord<VoucherEvent>;
    return events.map(({ type }) => ({ key: id, body: JSON.stringify({ voucher: id, type }) }));
  },
};

/** The same for whoever runs a series: each has a lane of its own, from when the series was saved. */
export const seriesNews = documentOutbox<typeof SeriesView.Type>({
  ...{ type: "document outbox", name: "series_news", reference: series },
  ...{ isOpen: () => true, startOf: () => 0, closed: () => null },
  messageOf: ({ id }, { event }) =>
    isOfPattern(event.type, "voucher.*")
      ? { key: event.subject, body: JSON.stringify({ series: id, id: event.id, type: event.type }) }
      : null,
});

export const voucherSubject: Subject = {
  ...{ name: "voucher", aggregates: [vouchers], balances: [units], references: [series] },
  reactors: [voucherNews, seriesNews],
};

export const count = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000 }));
const IssueRequest = Schema.Struct({ series: Identifier, code: Identifier, units: count });

export const issuing = ({ series, code, units }: typeof IssueRequest.Type) => ({
  reference: code,
  make: (id: string, now: Instant) => {
    const expiresAt = instantOf(epochMsOf(now) + 30_000);
    const state: Voucher = {
      ...{ id, status: "issued", version: 0, createdAt: now, updatedAt: now },
      ...{ series, code, given: units, redeemed: 0, expiresAt, expired: false },
    };
    return Result.succeed({ state, personal: null });
  },
  opening: { type: "issue" } as const,
});

export const tag = { name: "Vouchers", description: "Units that somebody may redeem" };
const seriesApi = {
  path: "/v1/voucher-series",
  parameter: "seriesId",
  id: Identifier,
  schema: SeriesView,
  read: "orders:read",
  write: "catalog:write",
  tags: [tag],
  body: Schema.Struct({ name: Identifier }),
  document: (id: string, { name }: { readonly name: string }) => ({ id, name }),
} as const;

export const voucherApi = {
  name: "voucher",
  routes: [
    saveRoute(series, seriesApi, { operationId: "saveVoucherSeries", summary: "Make a series" }),
    ...aggregateRoutes({
      ...{ definition: vouchers, tag, read: "orders:read", write: "orders:hold" },
      body: IssueRequest,
      makingOf: issuing,
      schema: Schema.Record(Schema.String, Schema.Unknown),
      view: ({ state }) => state,
      filters: { status: "voucher_status", series: "voucher_series" },
      actions: {
        redeem: {
          ...{ operationId: "redeemVoucher", summary: "Redeem units", permission: "orders:hold" },
          body: Schema.Struct({ units: count }),
          command: ({ units }): VoucherCommand => ({ type: "redeem", units }),
          says: { button: "Redeem", done: "Redeemed" },
        },
      },
    }),
  ],
} satisfies ApiSubject<unknown>;
