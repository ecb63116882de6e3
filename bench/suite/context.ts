/** What every scenario works with: workers, servers, a folder, and where results go. */
import type { Measured } from "../worker/protocol.ts";
import type { Audit, Subject } from "../worker/protocol.ts";
import type { StoreCheck } from "../check-store.ts";
import { type Row, rowOf, type StoreRow } from "../report/report.ts";
import type { Plan } from "./plan.ts";
import { type Server, startServer } from "./server.ts";
import { Worker } from "./worker.ts";

/** One thing to measure in each round. */
export interface Entrant {
  readonly scenario: Row["scenario"];
  readonly subject: string;
  readonly setting: string;
  /** What the row is plotted against: connections, engines, stored orders. */
  readonly at: number;
  readonly measure: () => Promise<Measured>;
}

/** The store of an engine that has stopped. */
export interface StoppedStore {
  readonly scenario: Row["scenario"];
  readonly name: string;
  readonly path: string;
  /** SKUs whose reserved units are of interest. */
  readonly skuPrefix?: string;
}

const checker = new URL("../check-store.ts", import.meta.url).pathname;
const configuration = new URL("../../deno.json", import.meta.url).pathname;

/** Reads a stopped engine's store, in a process of its own. */
const checkOf = async ({ path, skuPrefix }: StoppedStore): Promise<StoreCheck> => {
  const program = ["run", "--allow-all", "--no-check", "--config", configuration, checker];
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [...program, path, ...(skuPrefix === undefined ? [] : [skuPrefix])],
    stdin: "null",
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`The store ${path} could not be checked.`);
  return JSON.parse(new TextDecoder().decode(stdout));
};

const removeStore = async (path: string): Promise<void> => {
  for (const suffix of ["", "-wal", "-shm"]) {
    try {
      await Deno.remove(path + suffix);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
};

export class Context {
  readonly rows: Row[] = [];
  readonly stores: StoreRow[] = [];
  /** Plain words about what did not happen. */
  readonly notes: string[] = [];
  /** When orders were sold in the flash sale, milliseconds. */
  sellOutMs: readonly number[] = [];
  readonly #open: (() => Promise<void>)[] = [];
  #stores = 0;

  constructor(
    readonly plan: Plan,
    readonly folder: string,
    private readonly screen: {
      readonly line: (text: string) => void;
      readonly progress: (text: string) => void;
    },
  ) {}

  /** A path for a new store. */
  storePath(name: string): string {
    return `${this.folder}/${name}-${this.#stores++}.sqlite3`;
  }

  say(text: string): void {
    this.screen.line(text);
  }

  progress(text: string): void {
    this.screen.progress(text);
  }

  note(text: string): void {
    this.notes.push(text);
    this.screen.line(text);
  }

  async worker(subject: Subject): Promise<Worker> {
    this.progress(`starting ${subject.kind}`);
    const worker = await Worker.open(subject);
    this.onClose(() => worker.close());
    return worker;
  }

  /** `settings`: of its environment, beside those of every engine here. */
  async server(path: string, settings: Readonly<Record<string, string>> = {}): Promise<Server> {
    this.progress("starting an engine");
    const server = await startServer(path, settings);
    let stopping: Promise<void> | undefined;
    const stop = () => stopping ??= server.stop();
    this.onClose(stop);
    return { ...server, stop };
  }

  /** Something to end with the scenario, at the latest. */
  onClose(close: () => Promise<void>): void {
    this.#open.push(close);
  }

  /** Ends what a scenario left running, newest first: clients before servers. */
  async closeAll(): Promise<void> {
    for (const each of this.#open.splice(0).reverse()) await each();
  }

  /** Measures all in turns, as often as the plan says, and keeps a row for each. */
  async alternate(
    entrants: readonly Entrant[],
    rounds = this.plan.rounds,
  ): Promise<readonly Row[]> {
    const measured = entrants.map((): Measured[] => []);
    for (let round = 0; round < rounds; round++) {
      for (const [index, { scenario, subject, setting, measure }] of entrants.entries()) {
        this.progress(`${scenario}: round ${round + 1} of ${rounds}, ${subject}, ${setting}`);
        measured[index]?.push(await measure());
      }
    }
    const rows = entrants.map(({ scenario, subject, setting, at }, index) =>
      rowOf({ scenario, subject, setting, at }, measured[index] ?? [])
    );
    for (const row of rows) this.add(row);
    return rows;
  }

  add(row: Row): void {
    this.rows.push(row);
    this.screen.line(lineOf(row));
  }

  /** Verifies stopped stores, two at a time, and removes them. */
  async verify(stores: readonly StoppedStore[]): Promise<void> {
    const waiting = [...stores];
    const verifier = async () => {
      for (let store = waiting.shift(); store !== undefined; store = waiting.shift()) {
        const { scenario, name, path } = store;
        this.progress(`${scenario}: reading the whole store of ${name}`);
        this.addStore({ scenario, name, ...await checkOf(store) });
        await removeStore(path);
      }
    };
    await Promise.all([verifier(), verifier()]);
  }

  /** The same for a store that is not an engine's. */
  audited(scenario: Row["scenario"], name: string, audit: Audit): void {
    this.addStore({
      scenario,
      name,
      ok: audit.oversold === 0,
      orders: audit.orders,
      unitsReserved: audit.unitsSold,
      unitsShipped: 0,
      oversold: audit.oversold,
      violations: 0,
      firstViolation: null,
      reservedOfSkus: null,
    });
  }

  addStore(row: StoreRow): void {
    this.stores.push(row);
    const sold = row.reservedOfSkus === null ? "" : `, sold = ${row.reservedOfSkus}`;
    const found = row.ok ? "sound" : `${row.violations} VIOLATIONS: ${row.firstViolation}`;
    this.screen.line(
      `  ${row.scenario.padEnd(10)} store of ${row.name}: ${row.orders} orders, oversold = ` +
        `${row.oversold}, ${found}${sold}`,
    );
  }
}

const whole = (value: number): string => Math.round(value).toLocaleString("en-US");
const short = (ms: number): string => ms < 10 ? ms.toFixed(2) : ms.toFixed(ms < 100 ? 1 : 0);

export const lineOf = (
  { scenario, subject, setting, perSecond, latencyMs, counts }: Row,
): string => {
  const failed = counts.error + counts.overloaded;
  return `  ${scenario.padEnd(10)} ${subject.padEnd(26)} ${setting.padEnd(24)} ` +
    `${whole(perSecond).padStart(8)}/s  p50 ${short(latencyMs.p50).padStart(6)}  ` +
    `p99 ${short(latencyMs.p99).padStart(6)}  p99.9 ${short(latencyMs.p999).padStart(6)} ms` +
    (failed > 0 ? `  ${counts.error} errors, ${counts.overloaded} put off` : "");
};
