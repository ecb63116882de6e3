/**
 * What an order is worth, modeled apart from the engine: by the rules that its users are told, in integers of
 * any size, and once more in exact fractions. Nothing here is shared with `src`.
 */
import type { Order, OrderCommand, OrderEvent } from "../../src/order/order.ts";
import type { CreditRequest, PaymentCommand } from "../../src/order/payment.ts";

/** Every number of units of a storm divides it, so that fractions are integers of so many parts. */
export const parts = 2n ** 6n * 3n ** 3n * 5n ** 2n * 7n * 11n * 13n * 17n * 19n;

const digits: Readonly<Record<string, number>> = { JPY: 0, EUR: 2, KWD: 3 };

interface Amount {
  readonly amount: string;
  readonly currency: string;
}

/** Minor units of an amount as a request says it. */
export const minorUnits = ({ amount, currency }: Amount): bigint => {
  const [whole = "", decimals = ""] = amount.split(".");
  if (decimals.length !== digits[currency]) throw new Error(`${amount} is no ${currency}`);
  return BigInt(whole + decimals);
};

const maybe = (amount: Amount | undefined): bigint =>
  amount === undefined ? 0n : minorUnits(amount);

/** The first `k` of `units` units have so much of an amount: half up. */
const first = (amount: bigint, units: bigint, k: bigint): bigint =>
  (2n * amount * k + units) / (2n * units);

/** Largest remainder: rounded down, then one each to those that lost most, the first of equals first. */
export const spreadOver = (amount: bigint, weights: readonly bigint[]): readonly bigint[] => {
  const all = weights.reduce((sum, weight) => sum + weight, 0n);
  if (all === 0n) return weights.map(() => 0n);
  const shares = weights.map((weight) => amount * weight / all);
  let left = amount - shares.reduce((sum, share) => sum + share, 0n);
  const losses = weights.map((weight, n) => ({ n, loss: amount * weight % all }))
    .sort((one, other) =>
      one.loss === other.loss ? one.n - other.n : one.loss > other.loss ? -1 : 1
    );
  for (const { n } of losses) {
    if (left === 0n) break;
    shares[n] = (shares[n] ?? 0n) + 1n;
    left--;
  }
  return shares;
};

interface ModelLine {
  unitPrice: bigint;
  readonly units: bigint;
  discount: bigint;
  /** Its share of the order's own discount, which nothing changes. */
  readonly orderShare: bigint;
  tax: bigint;
  cancelled: bigint;
  shipped: bigint;
  /** Of those that came back, those that the seller stands for. */
  accepted: bigint;
  credited: bigint;
  readonly given: { readonly amount: bigint; readonly from: bigint; readonly to: bigint }[];
}

/** What a model of an order begins with. */
export interface ModelSetup {
  readonly included: boolean;
  readonly lines: readonly {
    readonly unitPrice: bigint;
    readonly units: bigint;
    readonly discount: bigint;
    readonly tax: bigint;
  }[];
  readonly orderDiscount: bigint;
  readonly shipping: bigint;
  readonly fee: bigint;
  readonly feeTax: bigint;
}

/** A line as an edit or an exchange asks for it. */
interface AddedLine {
  readonly basedOn?: string | undefined;
  readonly quantity: number;
  readonly unitPrice?: Amount | undefined;
  readonly discount?: Amount | undefined;
  readonly tax?: Amount | undefined;
}

interface ModelReturn {
  readonly lines: readonly { readonly lineId: string; readonly quantity: number }[];
  readonly goodsBack: boolean;
  /** What was added in exchange. */
  readonly added: readonly ModelLine[];
}

/** A sum in whole minor units, the same in parts of them, and how many shares of it were rounded. */
export interface Sum {
  readonly whole: bigint;
  readonly exact: bigint;
  readonly rounded: bigint;
}

class Summing {
  whole = 0n;
  exact = 0n;
  rounded = 0n;

  add(amount: bigint): void {
    this.whole += amount;
    this.exact += amount * parts;
  }

  /** What the units `from` to `to` of `units` have of an amount. */
  share(sign: 1n | -1n, amount: bigint, units: bigint, from: bigint, to: bigint): void {
    this.whole += sign * (first(amount, units, to) - first(amount, units, from));
    this.exact += sign * amount * (to - from) * (parts / units);
    if (amount > 0n && to > from && to - from < units) this.rounded++;
  }
}

export class MoneyModel {
  readonly lines: ModelLine[];
  #shipping: { amount: bigint; discount: bigint; tax: bigint };
  #isShippingCredited = false;
  #kept = 0n;
  readonly #fees: bigint;
  readonly #included: boolean;
  readonly #returns = new Map<string, ModelReturn>();

  constructor(setup: ModelSetup) {
    const { included, lines, orderDiscount, shipping, fee, feeTax } = setup;
    this.#included = included;
    this.#shipping = { amount: shipping, discount: 0n, tax: 0n };
    this.#fees = fee + (included ? 0n : feeTax);
    const shares = spreadOver(
      orderDiscount,
      lines.map(({ unitPrice, units, discount }) => unitPrice * units - discount),
    );
    this.lines = lines.map((each, n) => newLine(each, shares[n] ?? 0n));
  }

  line(lineId: string): ModelLine {
    const line = this.lines[Number(lineId) - 1];
    if (line === undefined) throw new Error(`no line ${lineId}`);
    return line;
  }

  /** What is owed for all that is neither cancelled nor credited. */
  get owed(): Sum {
    const isAny = this.lines.some(({ units, cancelled }) => cancelled < units);
    return this.#sum(({ units, cancelled }) => units - cancelled, isAny);
  }

  /** What is owed for what has left. */
  get owedForShipped(): Sum {
    return this.#sum(({ shipped }) => shipped, this.lines.some(({ shipped }) => shipped > 0n));
  }

  #sum(unitsOf: (line: ModelLine) => bigint, withCharges: boolean): Sum {
    const sum = new Summing();
    for (const line of this.lines) this.#addUnits(sum, line, line.credited, unitsOf(line));
    if (withCharges) {
      sum.add(this.#fees + this.#kept);
      if (!this.#isShippingCredited) sum.add(this.#shippingCost);
    }
    return sum;
  }

  get #shippingCost(): bigint {
    const { amount, discount, tax } = this.#shipping;
    return amount - discount + (this.#included ? 0n : tax);
  }

  #addUnits(sum: Summing, line: ModelLine, credited: bigint, to: bigint): void {
    const { unitPrice, units, discount, tax, given } = line;
    const from = credited < to ? credited : to;
    sum.add(unitPrice * (to - from));
    sum.share(-1n, discount, units, from, to);
    if (!this.#included) sum.share(1n, tax, units, from, to);
    for (const each of given) {
      const within = (unit: bigint) =>
        (unit < each.from ? each.from : unit > each.to ? each.to : unit) - each.from;
      sum.share(-1n, each.amount, each.to - each.from, within(from), within(to));
    }
  }

  /** What a line's units that are left are worth now. */
  #worth(line: ModelLine): bigint {
    const sum = new Summing();
    this.#addUnits(sum, line, line.credited, line.units - line.cancelled);
    return sum.whole > 0n ? sum.whole : 0n;
  }

  /** A command that was carried out, with the order after it. */
  take(command: OrderCommand, after: Order): void {
    switch (command.type) {
      case "ship":
        for (const { lineId, quantity } of command.lines ?? []) {
          this.line(lineId).shipped += BigInt(quantity);
        }
        return;
      case "cancel":
        for (const [n, line] of this.lines.entries()) {
          const chosen = command.lines?.find(({ lineId }) => lineId === String(n + 1));
          if (command.lines === undefined) line.cancelled = line.units;
          else line.cancelled += BigInt(chosen?.quantity ?? 0);
        }
        return;
      case "edit":
        return this.#edit(command);
      case "request-return":
        return this.#return(command, after);
      case "authorize-return": {
        const claimed = this.#returns.get(command.returnId);
        if (claimed?.goodsBack === false) this.#accept(claimed.lines);
        return;
      }
      case "decline-return":
      case "cancel-return":
        // What was sent ahead stays; the rest of the exchange ends with its return.
        for (const line of this.#returns.get(command.returnId)?.added ?? []) {
          line.cancelled = line.units - line.shipped;
        }
        return;
      case "inspect-return":
        return this.#accept(command.lines.filter(({ accepted }) => accepted));
      case "credit":
        return this.#credit(command);
      case "refund":
        return this.#refund(command);
      default:
        return;
    }
  }

  #accept(lines: readonly { readonly lineId: string; readonly quantity: number }[]): void {
    for (const { lineId, quantity } of lines) this.line(lineId).accepted += BigInt(quantity);
  }

  #return(
    command: Extract<OrderCommand, { type: "request-return" }>,
    after: Order,
  ): void {
    const { lines, goodsBack = true, received, exchange } = command;
    const id = after.returns?.at(-1)?.id ?? "";
    const added = (exchange?.lines ?? []).map((each) => this.#addedLine(each));
    this.lines.push(...added);
    this.#returns.set(id, { lines, goodsBack, added });
    this.#accept((received?.inspected ?? []).filter(({ accepted }) => accepted));
  }

  #addedLine({ basedOn, quantity, unitPrice, discount, tax }: AddedLine): ModelLine {
    const base = basedOn === undefined ? null : this.line(basedOn);
    return newLine({
      unitPrice: unitPrice === undefined ? base?.unitPrice ?? 0n : minorUnits(unitPrice),
      units: BigInt(quantity),
      discount: maybe(discount),
      tax: maybe(tax),
    }, 0n);
  }

  #edit({ changes }: Extract<OrderCommand, { type: "edit" }>): void {
    for (const change of changes) {
      switch (change.type) {
        case "set-quantity": {
          const line = this.line(change.lineId);
          const left = line.units - line.cancelled;
          const wanted = BigInt(change.quantity);
          if (wanted < left) line.cancelled += left - wanted;
          else if (wanted > left) {
            const { unitPrice } = line;
            const added = { unitPrice, units: wanted - left, discount: 0n, tax: 0n };
            this.lines.push(newLine(added, 0n));
          }
          break;
        }
        case "set-price": {
          const line = this.line(change.lineId);
          line.unitPrice = minorUnits(change.unitPrice);
          if (change.tax !== undefined) line.tax = minorUnits(change.tax);
          break;
        }
        case "set-discount": {
          const line = this.line(change.lineId);
          line.discount = line.orderShare + minorUnits(change.discount);
          if (change.tax !== undefined) line.tax = minorUnits(change.tax);
          break;
        }
        case "add-line": {
          this.lines.push(this.#addedLine(change));
          break;
        }
        case "set-shipping": {
          const { amount, discount, tax } = change;
          this.#shipping = {
            amount: amount === undefined ? this.#shipping.amount : minorUnits(amount),
            discount: discount === undefined ? this.#shipping.discount : minorUnits(discount),
            tax: tax === undefined ? this.#shipping.tax : minorUnits(tax),
          };
          break;
        }
        case "set-address":
          break;
      }
    }
  }

  #credit({ lines, shipping = false, fee }: CreditRequest): void {
    const chosen = lines ?? this.lines.map(({ accepted, credited }, n) => ({
      lineId: String(n + 1),
      quantity: Number(accepted - credited),
    }));
    for (const { lineId, quantity } of chosen) this.line(lineId).credited += BigInt(quantity);
    if (shipping) this.#isShippingCredited = true;
    this.#kept += maybe(fee);
  }

  #refund(command: Extract<PaymentCommand, { type: "refund" }>): void {
    const { credit, goodwill = false, amount, lineIds } = command;
    if (credit !== undefined) this.#credit(credit);
    if (!goodwill || amount === undefined) return;
    const lines = this.lines.filter((_, n) => lineIds?.includes(String(n + 1)) ?? true)
      .filter(({ units, cancelled, credited }) => units - cancelled > credited);
    const shares = spreadOver(minorUnits(amount), lines.map((line) => this.#worth(line)));
    for (const [n, { given, credited, units, cancelled }] of lines.entries()) {
      const share = shares[n] ?? 0n;
      if (share > 0n) given.push({ amount: share, from: credited, to: units - cancelled });
    }
  }
}

const newLine = (
  line: Pick<ModelLine, "unitPrice" | "units" | "discount" | "tax">,
  orderShare: bigint,
): ModelLine => ({
  ...line,
  discount: line.discount + orderShare,
  orderShare,
  ...{ cancelled: 0n, shipped: 0n, accepted: 0n, credited: 0n },
  given: [],
});

/** Of one payment, as whoever moves the money sees it. */
interface Account {
  authorized: bigint;
  captured: bigint;
  capturing: bigint;
  refunded: bigint;
  refunding: bigint;
  /** Sales that were asked for. */
  selling: bigint;
  /** Somebody asked for its end, or it failed. */
  isOver: boolean;
}

interface Asked {
  readonly account: Account;
  readonly kind: string;
  readonly amount: bigint;
  isOpen: boolean;
}

/** What moved, and what is on its way: counted from what was asked for, and what became of it. */
export class MovedMoney {
  readonly accounts = new Map<string, Account>();
  readonly #asked = new Map<string, Asked>();

  add(paymentId: string, amount: bigint, reported: string): void {
    this.accounts.set(paymentId, {
      authorized: reported === "promised" ? 0n : amount,
      captured: reported === "captured" ? amount : 0n,
      ...{ capturing: 0n, refunded: 0n, refunding: 0n, selling: 0n, isOver: false },
    });
  }

  #account(paymentId: string): Account {
    const account = this.accounts.get(paymentId);
    if (account === undefined) throw new Error(`no payment ${paymentId}`);
    return account;
  }

  see(event: OrderEvent): void {
    switch (event.type) {
      case "payment.added":
        return this.add(event.paymentId, BigInt(event.amount), event.reported);
      case "payment.requested": {
        const { paymentId, transactionId, kind, final = false } = event;
        const account = this.#account(paymentId);
        const amount = BigInt(event.amount);
        this.#asked.set(transactionId, { account, kind, amount, isOpen: true });
        if (kind === "capture") account.capturing += amount;
        if (kind === "refund") account.refunding += amount;
        if (kind === "sale") account.selling += amount;
        if (kind === "void" || final) account.isOver = true;
        return;
      }
      case "payment.succeeded":
      case "payment.failed":
        return this.#settle(event.transactionId, event.type === "payment.succeeded");
      case "payment.observed":
        return move(this.#account(event.paymentId), event.kind, BigInt(event.amount));
      default:
        return;
    }
  }

  #settle(transactionId: string, isDone: boolean): void {
    const asked = this.#asked.get(transactionId);
    if (asked === undefined) throw new Error(`nobody asked for ${transactionId}`);
    const { account, kind, amount, isOpen } = asked;
    if (isOpen) {
      if (kind === "capture") account.capturing -= amount;
      if (kind === "refund") account.refunding -= amount;
      if (kind === "sale") account.selling -= amount;
    }
    asked.isOpen = false;
    if (isDone) move(account, kind, amount);
    else if (kind !== "refund") account.isOver = true;
  }

  sum(of: (account: Account) => bigint): bigint {
    let sum = 0n;
    for (const account of this.accounts.values()) sum += of(account);
    return sum;
  }
}

const move = (account: Account, kind: string, amount: bigint): void => {
  if (kind === "capture" || kind === "sale") account.captured += amount;
  if (kind === "authorize" || kind === "sale") account.authorized += amount;
  if (kind === "refund") account.refunded += amount;
};
