/**
 * A toy subject, whole: vouchers of a series, each worth some units, that expire. It has a balance, an
 * aggregate with a unique code, a timer, a list and an action, and a reference document. No other file knows
 * of it: the example of `src/subject/README.md`.
 */
import { Result, Schema } from "effect";
import { aggregateRoutes } from "../../api/http/aggregate.ts";
import { saveRoute } from "../../api/http/reference.ts";
import type { ApiSubject } from "../../api/subjects.ts";
import { idKind } from "../../src/kernel/ids.ts";
import { epochMsOf, type Instant } from "../../src/kernel/instant.ts";
import { Identifier } from "../../src/kernel/vocabulary.ts";
import { aggregate } from "../../src/subject/aggregate.ts";
import { inBalance } from "../../src/subject/balance.ts";
import { countedBalance } from "../../src/subject/counted-balance.ts";
import { timer, uniqueKey } from "../../src/subject/link.ts";
import { reference, type Saved, savedFields } from "../../src/subject/reference.ts";
import type { Subject } from "../../src/subject/subject.ts";

export interface Series extends Saved {
  readonly id: string;
  readonly name: string;
}

const SeriesView = Schema.Struct({ id: Schema.String, name: Schema.String, ...savedFields });

export const series = reference<Series>({
  name: "voucher_series",
  plural: "voucher_series",
  idOf: ({ id }) => id,
  schema: SeriesView,
  limit: 100,
  memory: { type: "all" },
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

interface Facts {
  readonly now: Instant;
  readonly series: Series | null;
  readonly available: number;
}

const refuse = (tag: string, detail: string) => Result.fail({ _tag: tag, detail });

const decide = (voucher: Voucher, command: VoucherCommand, facts: Facts) => {
  switch (command.type) {
    case "issue":
      return facts.series === null
        ? refuse("UnknownSeries", `There is no series ${voucher.series}.`)
        : Result.succeed<readonly VoucherEvent[]>([{ type: "voucher.issued", voucher }]);
    case "redeem":
      if (voucher.status !== "issued" || facts.now >= voucher.expiresAt) {
        return refuse("NotValid", `The voucher ${voucher.code} is ${voucher.status}.`);
      }
      return command.units > facts.available
        ? refuse("TooFewUnits", `The voucher ${voucher.code} has fewer units than that.`)
        : Result.succeed<readonly VoucherEvent[]>([{
          type: "voucher.redeemed",
          units: command.units,
        }]);
    case "expire":
      return voucher.status === "issued"
        ? Result.succeed<readonly VoucherEvent[]>([{ type: "voucher.expired" }])
        : refuse("NotValid", `The voucher ${voucher.code} is ${voucher.status}.`);
  }
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
  inBalance(units, units.merge([units.delta(series, code, { given, redeemed })]));

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
  facts: (look, voucher): Facts => ({
    now: look.now,
    series: look.reference(series, voucher.series),
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
  effectsOf: (before, event) =>
    event.type === "voucher.issued"
      ? claim(event.voucher, event.voucher.given, 0)
      : event.type === "voucher.redeemed"
      ? claim(before, 0, event.units)
      : claim(before, before.redeemed - before.given, 0),
  claimsOf: (voucher) =>
    claim(voucher, voucher.expired ? voucher.redeemed : voucher.given, voucher.redeemed),
});

export const voucherSubject: Subject = {
  name: "voucher",
  aggregates: [vouchers],
  balances: [units],
  references: [series],
};

const count = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000 }));
const IssueRequest = Schema.Struct({ series: Identifier, code: Identifier, units: count });

/** A voucher before it is issued. */
export const draft = (id: string, now: Instant, of: typeof IssueRequest.Type): Voucher => ({
  ...{ id, status: "issued", version: 0, createdAt: now, updatedAt: now, expired: false },
  ...{ series: of.series, code: of.code, given: of.units, redeemed: 0 },
  expiresAt: new Date(epochMsOf(now) + 3_600_000).toISOString(),
});

export const issuing = (request: typeof IssueRequest.Type) => ({
  reference: request.code,
  make: (id: string, now: Instant) =>
    Result.succeed({ state: draft(id, now, request), personal: null }),
  opening: { type: "issue" } as const,
});

const tag = { name: "Vouchers", description: "Units that somebody may redeem" };
const seriesApi = {
  path: "/v1/voucher-series",
  ...{ parameter: "seriesId", id: Identifier, schema: SeriesView },
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
