/**
 * Rows of balances against the log alone. A row's versionstamp is the log position of the commit that wrote it,
 * so each row is compared with the log exactly up to where the row stands: right on a busy store too. Pure.
 */
import type { Key } from "../kernel/key.ts";
import type { Position } from "../store/log.ts";
import { type Balance, type BalanceDeltas, rowKey } from "../subject/balance.ts";
import type { SubjectList } from "../subject/subject.ts";
import type { Findings } from "./report.ts";

interface AuditedRow {
  /** Null when there is none in the store. */
  readonly row: unknown;
  /** The row shows every change up to here. */
  readonly upTo: Position;
  /** By the balance's fields. */
  readonly sums: number[];
  /** Of its counts by name; undefined without any. */
  named: Map<string, number> | undefined;
}

const rowName = (balance: string, space: string, row: string): string =>
  JSON.stringify([balance, space, row]);

export class BalanceAudit {
  readonly #rows = new Map<string, AuditedRow>();

  /** `readAfter` is a position of the log from before the first row was read. */
  constructor(
    private readonly subjects: SubjectList,
    private readonly readAfter: Position,
    private readonly findings: Findings,
  ) {}

  addRow(balance: Balance, space: string, id: string, row: unknown, versionstamp: Position): void {
    const key = rowKey(balance, space, id);
    this.findings.count(balance.rowsName);
    this.findings.countAll(balance.measuresOf(row));
    const malformed = balance.malformed(row, space, id);
    if (malformed !== null) this.findings.add("readable", [key], malformed);
    const values = balance.fields.map((field) => balance.field(row, field));
    if (!values.every(Number.isSafeInteger) || !isSoundTwice(balance, row)) {
      const shown = balance.fields.map((field, n) => `${field} ${values[n]}`).join(", ");
      this.findings.add("row-sound", [key], `${id} at ${space} cannot be: ${shown}.`);
    }
    this.#checkNamed(balance, key, row);
    const upTo = versionstamp > this.readAfter ? versionstamp : this.readAfter;
    const sums = balance.fields.map(() => 0);
    const name = rowName(balance.name, space, id);
    this.#rows.set(name, { row, upTo, sums, named: undefined });
  }

  /** Counts by name are parts of a field. */
  #checkNamed({ named, field }: Balance, key: Key, row: unknown): void {
    const counts = named?.of(row);
    if (named === undefined || counts === undefined) return;
    const units = Object.values(counts);
    const sum = units.reduce((all, each) => all + each, 0);
    const whole = field(row, named.within);
    if (sum <= whole && units.every((each) => each >= 0)) return;
    const shown = Object.entries(counts).map(([name, each]) => `${name} ${each}`).join(", ");
    this.findings.add(named.invariant, [key], `${shown} of ${named.within} ${whole}.`);
  }

  add(position: Position, changes: readonly BalanceDeltas[]): void {
    for (const { balance: name, deltas } of changes) {
      const balance = this.subjects.balance(name);
      for (const delta of deltas) this.#addDelta(position, balance, delta);
    }
  }

  #addDelta(position: Position, balance: Balance, delta: unknown): void {
    const place = rowName(balance.name, balance.spaceOf(delta), balance.rowOf(delta));
    let audited = this.#rows.get(place);
    if (audited === undefined) {
      const sums = balance.fields.map(() => 0);
      audited = { row: null, upTo: this.readAfter, sums, named: undefined };
      this.#rows.set(place, audited);
    }
    if (position > audited.upTo) return;
    for (const [n, field] of balance.fields.entries()) {
      audited.sums[n] = (audited.sums[n] ?? 0) + balance.change(delta, field);
    }
    const named = balance.named?.of(delta);
    if (named === undefined) return;
    audited.named ??= new Map();
    for (const [name, units] of Object.entries(named)) {
      audited.named.set(name, (audited.named.get(name) ?? 0) + units);
    }
  }

  /** To be called when every delta of the log was added. */
  finish(): void {
    for (const [place, { row, sums, named }] of this.#rows) {
      const [name, space, id] = JSON.parse(place) as [string, string, string];
      const balance = this.subjects.balance(name);
      const wrong: string[] = [];
      const invariants = new Set<string>();
      for (const [n, field] of balance.fields.entries()) {
        const value = row === null ? 0 : balance.field(row, field);
        if (value === sums[n]) continue;
        wrong.push(`${field} ${value}, by the log ${sums[n]}`);
        invariants.add(balance.invariantOf(field));
      }
      for (const [name, value, sum] of namedThatDiffer(balance, row, named)) {
        wrong.push(`${name} ${value}, by the log ${sum}`);
        if (balance.named !== undefined) invariants.add(balance.named.invariant);
      }
      const [invariant] = [...invariants].sort();
      if (invariant === undefined) continue;
      const key = rowKey(balance, space, id);
      this.findings.add(invariant, [key], `${id} at ${space} has ${wrong.join("; ")}.`);
    }
    this.#rows.clear();
  }
}

/** Counts by name that are not what the log's changes come to, with both. */
const namedThatDiffer = (
  { named }: Balance,
  row: unknown,
  sums: ReadonlyMap<string, number> | undefined,
): readonly (readonly [name: string, value: number, sum: number])[] => {
  const counts = new Map(Object.entries((row === null ? undefined : named?.of(row)) ?? {}));
  return [...new Set([...counts.keys(), ...sums?.keys() ?? []])]
    .map((name) => [name, counts.get(name) ?? 0, sums?.get(name) ?? 0] as const)
    .filter(([, value, sum]) => value !== sum);
};

/**
 * By the definition, and once more as the definition is written down for people: a definition that has
 * forgotten a field oversells, and would agree with itself here.
 */
const isSoundTwice = (balance: Balance, row: unknown): boolean =>
  balance.isSound(row) && balance.overdrawn(row) === null;
