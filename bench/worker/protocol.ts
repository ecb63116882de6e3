/**
 * What the suite and its worker processes say to each other: one JSON object a line. Each contender lives in
 * a process of its own, so that none pays for another's memory, and so that they can take turns.
 */
import type { Outcome } from "../load/outcome.ts";
import type { OrderKind } from "../traffic/orders.ts";
import type { TrafficKind } from "../traffic/http.ts";
import type { PlanKind } from "../traffic/promises.ts";
import type { SeededHistory } from "./seed.ts";

export type Subject =
  /** Engines in the worker's own process, asked without HTTP. */
  | {
    readonly kind: "engine";
    readonly path: string;
    readonly orders: OrderKind;
    /** Engines over one handle of the store; by default one. */
    readonly engines?: number;
    /** Added to each commit of an engine: half on the way there, half on the way back. */
    readonly commitLatencyMs?: number;
    readonly shelves?: number;
    /** Each order is that of a cart, which is kept first. */
    readonly carts?: boolean;
    /** False when another worker puts the stock in. */
    readonly prepare?: boolean;
  }
  /** A load generator for a server. */
  | {
    readonly kind: "http";
    readonly url: string;
    readonly key: string;
    readonly traffic: TrafficKind;
  }
  /** Readers of the status stream of a server. */
  | {
    readonly kind: "readers";
    readonly url: string;
    readonly key: string;
    readonly readers: number;
  }
  /** The other end of webhook endpoints; `opened` has its port. */
  | { readonly kind: "sink"; readonly answerMs: number }
  /** One reader of the events feed of a server. */
  | { readonly kind: "feed"; readonly url: string; readonly key: string }
  /** Open dashboards of a server. */
  | { readonly kind: "dashboards"; readonly url: string; readonly key: string }
  /** The planner of promises alone. */
  | { readonly kind: "plans"; readonly what: PlanKind }
  /** A bare Hono route. */
  | { readonly kind: "hono" }
  /** The engine's own writes, without the engine. */
  | { readonly kind: "ceiling"; readonly folder: string }
  /** Get, check, set, and again. */
  | { readonly kind: "naive"; readonly path: string }
  | { readonly kind: "redis"; readonly port: number }
  | {
    readonly kind: "postgres";
    readonly port: number;
    readonly variant: "transaction" | "procedure";
  }
  /** Writes stored orders, as many, into a new store. */
  | {
    readonly kind: "seed";
    readonly path: string;
    readonly orders: number;
    readonly history?: SeededHistory;
  };

export interface Measure {
  readonly clients: number;
  readonly seconds: number;
  /** Open loop at this rate; without it closed loop. */
  readonly ratePerSecond?: number;
  /** Ends after so many requests, if that is earlier. */
  readonly requests?: number;
  readonly keepCurve?: boolean;
}

/** What a measurement tells beside its outcome: commits, conflicts, retries, batch size, ... */
export type Facts = Readonly<Record<string, number>>;

export interface Measured extends Outcome {
  readonly facts: Facts;
}

/** What a store says of itself when nothing runs any more. */
export interface Audit {
  readonly orders: number;
  readonly unitsSold: number;
  /** Units promised beyond what was there, over all rows. */
  readonly oversold: number;
}

/** A contender as its worker runs it. */
export interface Contender {
  /** What was found while it opened: the port it listens on, the batch size it chose, ... */
  readonly opened?: Facts;
  readonly measure: (measure: Measure) => Promise<Measured>;
  /** Reads its store; for contenders that `verify` does not know. */
  readonly audit?: () => Promise<Audit>;
  readonly close: () => Promise<void> | void;
}

export type Command =
  | { readonly type: "open"; readonly subject: Subject }
  | { readonly type: "measure"; readonly measure: Measure }
  | { readonly type: "audit" }
  | { readonly type: "close" };

export type Reply =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly detail: string };

/** Splits a stream of bytes into lines. */
export const linesOf = (bytes: ReadableStream<Uint8Array>): ReadableStream<string> => {
  let rest = "";
  return bytes.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)
    .pipeThrough(
      new TransformStream<string, string>({
        transform: (text, controller) => {
          const lines = (rest + text).split("\n");
          rest = lines.pop() ?? "";
          for (const line of lines) controller.enqueue(line);
        },
        flush: (controller) => {
          if (rest !== "") controller.enqueue(rest);
        },
      }),
    );
};
