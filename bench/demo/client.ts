/** A client of the engine's HTTP API, as a channel or a warehouse would write it. */
import { Data, Effect, Schema, SchemaParser } from "effect";

/** The engine answered that it will not, or did not answer. */
export class Declined extends Data.TaggedError("Declined")<{
  /** Of the answer; 0 when there was none. */
  readonly status: number;
  readonly detail: string;
}> {}

export interface Client {
  readonly ask: <S extends Schema.Decoder<unknown>>(
    schema: S,
    method: "GET" | "PUT" | "POST",
    path: string,
    body?: unknown,
  ) => Effect.Effect<S["Type"], Declined>;
}

export const makeClient = (address: string, key: string): Client => ({
  ask: (schema, method, path, body) =>
    Effect.tryPromise({
      try: async (signal) => {
        const response = await fetch(address + path, {
          method,
          signal,
          headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        return { status: response.status, text: await response.text() };
      },
      catch: (cause) => new Declined({ status: 0, detail: String(cause) }),
    }).pipe(
      Effect.flatMap(({ status, text }) =>
        status < 300
          ? Effect.succeed(SchemaParser.decodeUnknownSync(schema)(JSON.parse(text)))
          : Effect.fail(new Declined({ status, detail: text }))
      ),
    ),
});

/** What the demo reads of an order; the rest is passed over. */
export const Order = Schema.Struct({
  id: Schema.String,
  status: Schema.String,
  holds: Schema.Array(Schema.Struct({ code: Schema.String, by: Schema.String })),
  fulfillmentOrders: Schema.Array(Schema.Struct({
    id: Schema.String,
    status: Schema.String,
    supportedActions: Schema.Array(Schema.String),
  })),
  shipments: Schema.Array(Schema.Struct({ id: Schema.String, status: Schema.String })),
  lines: Schema.Array(Schema.Struct({
    id: Schema.String,
    quantity: Schema.Int,
    unitPrice: Schema.Struct({ amount: Schema.String, currency: Schema.String }),
    cancelled: Schema.Int,
    shipped: Schema.Int,
  })),
});
export type Order = typeof Order.Type;

export const Return = Schema.Struct({ id: Schema.String });

export const StockLevels = Schema.Struct({
  data: Schema.Array(Schema.Struct({
    locationId: Schema.String,
    sku: Schema.String,
    available: Schema.Int,
  })),
});

export const CreatedKey = Schema.Struct({ id: Schema.String, key: Schema.String });

export const Anything = Schema.Unknown;
